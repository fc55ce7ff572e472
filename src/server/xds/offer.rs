//! A document that is offered to Envoys.

use std::fmt;

use prost::bytes::Bytes;
use usage_plan_manage::publish::{self, ValidDocument};
use usage_plan_manage::render::{FilterOptions, extension};

use super::extension::encode;

/// A document that is offered, in two spellings: Envoy does not try again what it has tried last, and calls
/// that a success.
pub struct Offer {
    /// The number of the offer.
    pub(super) serial: u64,
    /// The document's text, secrets included.
    pub(super) text: String,
    /// As it was written, and with a line break that has no meaning.
    pub(super) spellings: [Spelling; 2],
}

/// One spelling of a document.
#[derive(Clone)]
pub(super) struct Spelling {
    /// The version under which an Envoy has it.
    pub(super) version: String,
    /// The `TypedExtensionConfig`.
    pub(super) resource: Bytes,
}

/// Why a document cannot be offered.
#[derive(Debug)]
pub enum Error {
    /// It cannot be rendered.
    Render(publish::Error),
    /// The shipped filter has something that the protocol's messages here do not have.
    Unknown(serde_json::Error),
}

// === impl Offer ===

impl Offer {
    /// The offer of `document`, with the filter's `options`.
    ///
    /// # Errors
    ///
    /// The document cannot be rendered with these options.
    pub fn new(document: &ValidDocument, options: &FilterOptions) -> Result<Self, Error> {
        let [plain, other] = publish::Offer::spellings(document, options).map_err(Error::Render)?;
        let variables = document.variables();
        let source = document.source("", &variables);
        let tree =
            extension(source, options).map_err(|error| Error::Render(publish::Error::Render(error)))?;
        let spelling = |offer: publish::Offer| {
            let resource = encode(tree.clone(), &offer.configuration).map_err(Error::Unknown)?;
            Ok(Spelling { version: offer.version, resource })
        };
        let spellings = [spelling(plain)?, spelling(other)?];
        Ok(Self { serial: 0, text: document.text().to_owned(), spellings })
    }

    /// The version under which Envoys have it.
    pub fn version(&self) -> &str {
        &self.spellings[0].version
    }

    /// The document's text, secrets included.
    pub fn text(&self) -> &str {
        &self.text
    }
}

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Render(error) => error.fmt(f),
            Self::Unknown(error) => write!(f, "the filter cannot be put into a message: {error}"),
        }
    }
}

impl std::error::Error for Error {}
