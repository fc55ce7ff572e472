//! The object whose id is in an address.

use usage_plan_core::document::{Key, Service, UsagePlan};

use crate::console::layout::not_found;
use crate::console::texts::{keys, plans, services};
use crate::console::visit::{Stop, Visit};

/// The key with this id.
pub(in crate::console) fn find_key<'v>(visit: &'v Visit, id: &str) -> Result<&'v Key, Stop> {
    visit.document().key(id).ok_or_else(|| not_found(visit, keys::NO_SUCH_KEY, id))
}

/// The usage plan with this id.
pub(in crate::console) fn find_plan<'v>(visit: &'v Visit, id: &str) -> Result<&'v UsagePlan, Stop> {
    visit.document().usage_plan(id).ok_or_else(|| not_found(visit, plans::NO_SUCH_PLAN, id))
}

/// The service with this id.
pub(in crate::console) fn find_service<'v>(visit: &'v Visit, id: &str) -> Result<&'v Service, Stop> {
    visit.document().service(id).ok_or_else(|| not_found(visit, services::NO_SUCH_SERVICE, id))
}
