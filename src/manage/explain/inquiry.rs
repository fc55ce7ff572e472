//! What the steps of an explanation are about.

use usage_plan_core::auth::credential::{Credential, SignedNames};
use usage_plan_core::auth::{Headers, Occurrence};
use usage_plan_core::document::Options;
use usage_plan_core::lookup::Config;
use usage_plan_core::timestamp::Timestamp;

use super::capture::Captured;
use crate::secrets::LocalDocument;

/// A request as the filter receives it, the document that it is looked up in, and the time.
#[derive(Clone, Copy)]
pub(super) struct Inquiry<'a> {
    pub(super) local: &'a LocalDocument,
    pub(super) captured: &'a Captured,
    pub(super) headers: Headers<'a>,
    pub(super) now: Timestamp,
}

// === impl Inquiry ===

impl<'a> Inquiry<'a> {
    pub(super) fn config(self) -> &'a Config {
        self.local.config()
    }

    pub(super) fn options(self) -> &'a Options {
        self.config().options()
    }
}

/// The names of the headers that the request's credential signs, if it can be parsed.
pub(super) fn signed_names(headers: Headers<'_>) -> Option<SignedNames<'_>> {
    let Occurrence::Once(value) = headers.occurrence(b"authorization") else { return None };
    Some(Credential::parse(value).ok()?.headers)
}
