//! What may be published.

use crate::document_file::DocumentFile;
use crate::draft;
use crate::error::{Error, Result};
use crate::variables::variables;
use usage_plan_core::document::Document;

/// A valid document, as it was written.
pub(super) struct Valid {
    text: String,
    document: Document,
}

// === impl Valid ===

impl Valid {
    /// The document that `text`, of `file`, is.
    pub(super) fn parse(file: &DocumentFile, text: &[u8]) -> Result<Self> {
        let document = draft::read(text).map_err(|errors| {
            let message = format!("{} is not published, for it breaks these rules:", file.path().display());
            Error::invalid(message, &errors)
        })?;
        // What is JSON is UTF-8.
        Ok(Self { text: String::from_utf8_lossy(text).into_owned(), document })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The variables of Envoy's environment that it depends on.
    pub(super) fn variables(&self) -> Vec<&str> {
        variables(&self.document)
    }
}
