//! The secrets that a document does not have itself: in variables and in files.

pub mod phrases;
mod place;
mod resolve;

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::path::Path;

use usage_plan_core::document::{Document, Errors, Secret, SecretSource};
use usage_plan_core::lookup::{self, Config};

pub use self::place::MissingSecret;
use self::place::{Place, here, text_of, variable};
pub use self::resolve::{Resolved, files, resolve};
use crate::draft::{Draft, PLACEHOLDER_SECRET};
use crate::error::{Error, Result as ManageResult};
use crate::file::DocumentFile;

/// A valid document, and its configuration as the filter would have it with the secrets that are here.
pub struct LocalDocument {
    draft: Draft,
    config: Config,
    /// The secret of each source that the document names, or why there is none.
    secrets: HashMap<Place, Result<Secret, MissingSecret>>,
}

// === impl LocalDocument ===

impl LocalDocument {
    /// Reads the document of `file` with the secrets in the environment of this process and in files.
    pub fn read(file: &DocumentFile) -> ManageResult<Self> {
        let secret = |place: &Place| here(place, file.directory());
        Self::with(&file.bytes()?, &secret)
            .map_err(|errors| Error::Invalid { path: file.path().to_owned(), errors })
    }

    /// Reads and validates a document. `environment` looks up a variable; no file is read. A secret that is
    /// not there is no error: a placeholder stands in for it in the configuration.
    ///
    /// # Errors
    ///
    /// Every rule that the document breaks.
    pub fn parse(text: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        Self::with(text, &|place| match place {
            Place::Variable(name) => variable(name, environment),
            Place::File(path) => {
                Err(MissingSecret::NoFile { path: path.clone(), why: "no file is read here".to_owned() })
            }
        })
    }

    fn with(text: &[u8], secret: &dyn Fn(&Place) -> Result<Secret, MissingSecret>) -> Result<Self, Errors> {
        let draft = Draft::parse(text)?;
        let places: BTreeSet<_> = sources(draft.document()).filter_map(Place::of).collect();
        let secrets: HashMap<_, _> =
            places.into_iter().map(|place| (place.clone(), secret(&place))).collect();
        let or_placeholder = |source: &SecretSource| {
            let found = Place::of(source).and_then(|place| secrets.get(&place)?.as_ref().ok());
            Ok(found.map_or(PLACEHOLDER_SECRET, Secret::expose).to_owned())
        };
        let (_, config) = lookup::read_with(text, &or_placeholder)?;
        Ok(Self { draft, config, secrets })
    }

    /// The document with its objects by id and name.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The document as it is written.
    pub fn document(&self) -> &Document {
        self.draft.document()
    }

    /// What the filter looks requests up in.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The secret that `source`, which is one of this document, stands for.
    ///
    /// # Errors
    ///
    /// Why this process does not have it.
    pub fn secret(&self, source: &SecretSource) -> Result<Secret, MissingSecret> {
        match source {
            SecretSource::Document(secret) => Ok(secret.clone()),
            SecretSource::Environment(name) => {
                let missing = || MissingSecret::NoVariable { name: name.clone() };
                self.found(source).unwrap_or_else(|| Err(missing()))
            }
            SecretSource::File(path) => {
                let missing = || MissingSecret::InvalidFile { path: path.clone() };
                self.found(source).unwrap_or_else(|| Err(missing()))
            }
        }
    }

    fn found(&self, source: &SecretSource) -> Option<Result<Secret, MissingSecret>> {
        self.secrets.get(&Place::of(source)?).cloned()
    }
}

/// Reads and validates a document as a filter with the environment of this process would, once the secrets of
/// files are in their place; relative paths begin in `directory`.
///
/// # Errors
///
/// Every rule that the document breaks, and every secret that is not there.
pub fn check(text: &[u8], directory: &Path) -> Result<Document, Errors> {
    let secret = |source: &SecretSource| match source {
        SecretSource::File(_) => text_of(source, directory),
        source => lookup::secret_of_vm(source, &|name| env::var(name).ok()),
    };
    lookup::read_with(text, &secret).map(|(document, _)| document)
}

/// The variables that Envoy needs in its environment, also for disabled keys. They are sorted, because Envoy
/// starts every VM anew when the list changes.
pub fn variables(document: &Document) -> Vec<&str> {
    let names = sources(document).filter_map(|secret| match secret {
        SecretSource::Environment(name) => Some(name.as_str()),
        SecretSource::Document(_) | SecretSource::File(_) => None,
    });
    BTreeSet::from_iter(names).into_iter().collect()
}

/// The files that hold secrets, as the document names them, sorted.
pub fn in_files(document: &Document) -> Vec<&str> {
    let paths = sources(document).filter_map(|secret| match secret {
        SecretSource::File(path) => Some(path.as_str()),
        SecretSource::Document(_) | SecretSource::Environment(_) => None,
    });
    BTreeSet::from_iter(paths).into_iter().collect()
}

/// The source of each secret, also of disabled keys.
fn sources(document: &Document) -> impl Iterator<Item = &SecretSource> {
    let keys = document.keys.iter();
    keys.flat_map(|key| [key.secret.as_ref(), key.previous.as_ref().map(|previous| &previous.secret)])
        .flatten()
}

#[cfg(test)]
mod tests;
