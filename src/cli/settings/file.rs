//! `usage-plan.toml`, read with the line of each setting.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use std::{fs, result};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::kind::{KINDS, Kind};

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct File {
    settings: BTreeMap<&'static str, Setting>,
}

/// The value of a setting in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The line on which it is.
    pub(super) line: usize,
    /// As they would be typed after the flag.
    pub(super) values: Vec<String>,
}

/// An error of the file names it with the line.
type Result<T> = result::Result<T, String>;

// === impl File ===

impl File {
    /// Reads the file; one that is not there says nothing.
    pub(super) fn read(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let line = |span: Range<usize>| {
            let before = text.get(..span.start).unwrap_or(text);
            before.matches('\n').count() + 1
        };
        let error = |span: Range<usize>, message: String| {
            Err(format!("{}:{}: {message}", path.display(), line(span)))
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(wrong) => return error(wrong.span().unwrap_or_default(), wrong.message().to_owned()),
        };
        let mut settings = BTreeMap::new();
        for (key, value) in table.iter() {
            let Some((name, kind)) = KINDS.iter().find(|(name, _)| *name == key.get_ref()) else {
                let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
                let message = format!("{}: no such setting; known are {}", key.get_ref(), known.join(", "));
                return error(key.span(), message);
            };
            let Some(values) = values(*kind, value) else {
                let message = format!("{name}: must be {}, not {}", kind.text(), type_of(value));
                return error(value.span(), message);
            };
            let from_here = |value| kind.from(path.parent().unwrap_or(Path::new("")), value);
            let values = values.into_iter().map(from_here).collect();
            settings.insert(*name, Setting { line: line(key.span()), values });
        }
        Ok(Self { settings })
    }

    /// The setting of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }
}

/// The values, if they are of this kind.
fn values(kind: Kind, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
    let value = value.get_ref();
    match kind {
        Kind::Switch => value.as_bool().map(|on| vec![on.to_string()]),
        Kind::List if value.is_array() => {
            let items = value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            items.collect()
        }
        Kind::Text | Kind::List | Kind::Path | Kind::PathOrNone | Kind::PathOfEnvoy => {
            value.as_str().map(|text| vec![text.to_owned()])
        }
    }
}

/// The type of a value, in TOML's words.
fn type_of(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::Array(_) => "an array of other values or of other types".to_owned(),
        value => format!("a value of type {}", value.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<File> {
        File::parse(Path::new("/gateway/usage-plan.toml"), text)
    }

    fn values_of(file: &File, name: &str) -> Vec<String> {
        file.get(name).map(|setting| setting.values.clone()).unwrap_or_default()
    }

    #[test]
    fn each_setting_has_its_values_and_its_line_and_relative_paths_begin_at_the_file() {
        let file = read(
            "# a gateway\nto = \"published\"\nmodule = \"filter.wasm\"\n\
             admin = [\n  \"127.0.0.1:9901\",\n  \"127.0.0.1:9902\",\n]\nresolve = true\nenvoy = \"1.36\"\n",
        )
        .expect("read");
        assert_eq!(values_of(&file, "to"), ["/gateway/published"]);
        assert_eq!(values_of(&file, "module"), ["/gateway/filter.wasm"]);
        assert_eq!(values_of(&file, "admin"), ["127.0.0.1:9901", "127.0.0.1:9902"]);
        assert_eq!(values_of(&file, "resolve"), ["true"]);
        assert_eq!(file.get("envoy").map(|setting| setting.line), Some(9));
        let absolute = read("to = \"/etc/envoy\"\nadmin = \"localhost:9901\"").expect("read");
        assert_eq!(values_of(&absolute, "to"), ["/etc/envoy"]);
        assert_eq!(values_of(&absolute, "admin"), ["localhost:9901"]);
    }

    #[test]
    fn an_unknown_setting_a_wrong_type_and_what_is_no_toml_are_errors_with_their_line() {
        for (text, expected) in [
            ("\nwatch = true", "/gateway/usage-plan.toml:2: watch: no such setting; known are to, admin, "),
            ("to = 1", ":1: to: must be a path in double quotes, not a value of type integer"),
            (
                "\n\nadmin = [1]",
                ":3: admin: must be a text in double quotes or a list of texts, not an array",
            ),
            ("resolve = \"yes\"", ":1: resolve: must be true or false, not a value of type string"),
            ("to = \"a\"\nto = \"b\"", ":2: "),
            ("to = \"a\"\n[publish]\n", ":2: publish: no such setting"),
            ("to = a", ":1: "),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_says_nothing() {
        let file = File::read(Path::new("/no/such/directory/usage-plan.toml")).expect("nothing");
        assert!(file.settings.is_empty());
    }
}
