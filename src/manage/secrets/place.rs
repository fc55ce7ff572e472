//! Where a secret outside of the document is, and what is there.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::{env, fmt};

use usage_plan_core::document::{Secret, SecretSource, names};
use usage_plan_core::sentence::Sentence;

use super::phrases;

/// More bytes than any secret has, so that a file named by mistake is not read to its end.
const MAX_FILE: u64 = 4096;

/// Where a secret outside of the document is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// In the variable of this name.
    Variable(String),
    /// In the file of this path.
    File(String),
}

/// Why this process does not have a secret of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingSecret {
    /// The variable is not set, empty, or not UTF-8.
    NoVariable {
        /// The variable.
        name: String,
    },
    /// The variable's value cannot be a secret key.
    InvalidVariable {
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    NoFile {
        /// The file, as the document names it.
        path: String,
        /// Why not.
        why: String,
    },
    /// What the file holds cannot be a secret key.
    InvalidFile {
        /// The file, as the document names it.
        path: String,
    },
}

// === impl Place ===

impl Place {
    /// Where the secret is, if the document does not have it.
    pub(super) fn of(source: &SecretSource) -> Option<Self> {
        match source {
            SecretSource::Document(_) => None,
            SecretSource::Environment(name) => Some(Self::Variable(name.clone())),
            SecretSource::File(path) => Some(Self::File(path.clone())),
        }
    }
}

// === impl MissingSecret ===

impl MissingSecret {
    /// Why, for whoever says it in another language.
    pub fn sentence(&self) -> Sentence {
        let rule = names::SECRET_KEY.phrase();
        match self {
            Self::NoVariable { name } => phrases::NO_VARIABLE.put(name.as_str()),
            Self::InvalidVariable { name } => phrases::INVALID_VARIABLE.put(name.as_str()).put(rule),
            Self::NoFile { path, why } => phrases::NO_FILE.put(path.as_str()).put(why.as_str()),
            Self::InvalidFile { path } => phrases::INVALID_FILE.put(path.as_str()).put(rule),
        }
    }
}

impl fmt::Display for MissingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

/// The secret of a source, or why it is not here.
pub(super) fn text_of(source: &SecretSource, directory: &Path) -> Result<String, Sentence> {
    match (source, Place::of(source)) {
        (SecretSource::Document(secret), _) => Ok(secret.expose().to_owned()),
        (_, Some(place)) => match here(&place, directory) {
            Ok(secret) => Ok(secret.expose().to_owned()),
            Err(missing) => Err(missing.sentence()),
        },
        (_, None) => Err(phrases::NO_SECRET.into()),
    }
}

/// The secret of this process's environment, or of a file; relative paths begin in `directory`.
pub(super) fn here(place: &Place, directory: &Path) -> Result<Secret, MissingSecret> {
    match place {
        Place::Variable(name) => variable(name, &|name| env::var(name).ok()),
        Place::File(path) => {
            let text = read_file(&directory.join(path))
                .map_err(|error| MissingSecret::NoFile { path: path.clone(), why: error.to_string() })?;
            // Editors and `echo` end a file with a line break, which no secret has.
            let text = text.trim_end_matches(['\r', '\n']);
            if names::SECRET_KEY.accepts(text) {
                Ok(Secret::new(text))
            } else {
                Err(MissingSecret::InvalidFile { path: path.clone() })
            }
        }
    }
}

fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// The secret in the variable `name` of an environment.
pub(super) fn variable(
    name: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Secret, MissingSecret> {
    match environment(name) {
        Some(value) if names::SECRET_KEY.accepts(&value) => Ok(Secret::new(value)),
        Some(value) if !value.is_empty() => Err(MissingSecret::InvalidVariable { name: name.to_owned() }),
        Some(_) | None => Err(MissingSecret::NoVariable { name: name.to_owned() }),
    }
}
