//! The settings, and the kind of value that each has.

use std::fs;
use std::path::Path;

/// The value of a path that stands for no file.
pub(crate) const NO_FILE: &str = "none";

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text; a whole number is one, too.
    Text,
    /// One text, or a list of them.
    List,
    /// `true` or `false`.
    Switch,
    /// A path. A relative one begins at the file.
    Path,
    /// The same, or `none`.
    PathOrNone,
    /// A path that another process reads, so that it has to be absolute.
    PathOfEnvoy,
}

/// The settings by their flags, without the dashes.
pub(super) const KINDS: [(&str, Kind); 11] = [
    ("to", Kind::Path),
    ("admin", Kind::List),
    ("timeout", Kind::Text),
    ("mode", Kind::Text),
    ("resolve", Kind::Switch),
    ("native", Kind::Switch),
    ("module", Kind::PathOfEnvoy),
    ("vm-id", Kind::Text),
    ("envoy", Kind::Text),
    ("gateway", Kind::Text),
    ("log", Kind::PathOrNone),
];

// === impl Kind ===

impl Kind {
    /// What a value of this kind is, for a message.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Text => "a text in double quotes",
            Self::List => "a text in double quotes or a list of texts",
            Self::Switch => "true or false",
            Self::Path | Self::PathOrNone | Self::PathOfEnvoy => "a path in double quotes",
        }
    }

    /// `value` as it is typed in another directory than `here`, in which the file lies.
    pub(super) fn from(self, here: &Path, value: String) -> String {
        match self {
            Self::Text | Self::List | Self::Switch => value,
            Self::PathOrNone if value == NO_FILE => value,
            Self::Path | Self::PathOrNone => here.join(value).display().to_string(),
            Self::PathOfEnvoy => {
                // Without `..` and links, so that it is the same wherever the command is run.
                let here = if here.as_os_str().is_empty() { Path::new(".") } else { here };
                let here = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
                here.join(value).display().to_string()
            }
        }
    }
}
