//! An object by its name, or by its id when it has none.

use maud::{Markup, html};
use usage_plan_core::document::{Key, Service, UsagePlan};

use crate::console::texts::plans as texts;
use crate::console::visit::Visit;

/// A key.
pub(in crate::console) fn key_name(key: &Key) -> &str {
    if key.name.is_empty() { &key.secret_id } else { &key.name }
}

/// The key with this id, whether or not the document has it.
pub(in crate::console) fn name_of_key<'v>(visit: &'v Visit, id: &'v str) -> &'v str {
    visit.document().key(id).map_or(id, key_name)
}

/// The keys with these ids, one after the other.
pub(in crate::console) fn key_names<'v>(
    visit: &'v Visit,
    ids: impl IntoIterator<Item = &'v String>,
) -> String {
    visit.language.list(ids.into_iter().map(|id| name_of_key(visit, id)))
}

/// A usage plan.
pub(in crate::console) fn plan_name(plan: &UsagePlan) -> &str {
    if plan.name.is_empty() { &plan.id } else { &plan.name }
}

/// A service.
pub(in crate::console) fn service_name(service: &Service) -> &str {
    if service.name.is_empty() { &service.id } else { &service.name }
}

/// Plans as links.
pub(in crate::console) fn plan_tags(visit: &Visit, plans: &[&UsagePlan]) -> Markup {
    html! {
        @for plan in plans { a.tag href={ "/console/plans/" (plan.id) } { (plan_name(plan)) } " " }
        @if plans.is_empty() { span.none { (visit.say(texts::NO_PLAN)) } }
    }
}
