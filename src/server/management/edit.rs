//! What an action edits: the draft of the document, and the record.

use usage_plan_core::document::{Key, Service, UsagePlan};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::draft::{Collection, Draft, KEYS, Members, Named, SERVICES, USAGE_PLANS};
use usage_plan_manage::operations::NewObject;
use usage_plan_manage::random;

use super::failure::{Failure, Result};
use super::options::Options;
use crate::record::Record;

/// An edit under way. References in operations are ids or names, and those of the API are ids alone: what an
/// action names is looked up here first.
pub(super) struct Edit<'e> {
    pub(super) draft: &'e mut Draft,
    pub(super) record: &'e mut Record,
    pub(super) now: Timestamp,
    pub(super) options: &'e Options,
}

// === impl Edit ===

impl Edit<'_> {
    pub(super) fn key(&self, id: &str) -> Result<&Key> {
        self.draft.document().key(id).ok_or_else(|| Failure::not_found(KEYS, id))
    }

    pub(super) fn named_key(&self, id: &str) -> Result<Named> {
        self.key(id).map(|key| Named::new(&key.secret_id, &key.name))
    }

    pub(super) fn plan(&self, id: &str) -> Result<&UsagePlan> {
        self.draft.document().usage_plan(id).ok_or_else(|| Failure::not_found(USAGE_PLANS, id))
    }

    pub(super) fn service(&self, id: &str) -> Result<&Service> {
        self.draft.document().service(id).ok_or_else(|| Failure::not_found(SERVICES, id))
    }

    /// A new object with a random id.
    pub(super) fn new_object(
        &self,
        collection: Collection,
        name: &str,
        members: Members,
    ) -> Result<NewObject> {
        let id = random::id(collection)?;
        Ok(NewObject { id, name: name.to_owned(), members, created_at: self.now })
    }
}
