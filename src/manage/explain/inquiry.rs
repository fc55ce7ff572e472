//! What the steps of an explanation are about.

use usage_plan_core::document::{Document, Options};
use usage_plan_core::gate::Verdict;
use usage_plan_core::lookup::Config;
use usage_plan_core::request::Request;
use usage_plan_core::timestamp::Timestamp;

use super::capture::Captured;
use crate::secrets::LocalDocument;

/// A request as the filter receives it, the document that it is looked up in, the time, and the gate's verdict.
#[derive(Clone, Copy)]
pub(super) struct Inquiry<'a> {
    pub(super) local: &'a LocalDocument,
    pub(super) captured: &'a Captured,
    pub(super) request: &'a Request<'a>,
    pub(super) now: Timestamp,
    pub(super) verdict: &'a Verdict,
}

// === impl Inquiry ===

impl<'a> Inquiry<'a> {
    /// What the filter looks the request up in.
    pub(super) fn config(self) -> &'a Config {
        self.local.config()
    }

    /// The settings that hold for the whole document.
    pub(super) fn options(self) -> &'a Options {
        self.config().options()
    }

    /// The document as it is written.
    pub(super) fn document(self) -> &'a Document {
        self.local.document()
    }
}
