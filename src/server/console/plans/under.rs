//! What is under a window over a usage plan.

use usage_plan_core::document::UsagePlan;

use super::{list, show};
use crate::console::form::Fields;
use crate::console::layout::{Page, Room};
use crate::console::objects::plan_name;
use crate::console::parts::Dialog;
use crate::console::texts::plans as texts;
use crate::console::visit::Visit;

/// A window over the page of a plan, or over the list when there is no plan yet.
pub(super) fn under<'v>(visit: &'v Visit, plan: Option<&'v UsagePlan>, dialog: &Dialog<'_>) -> Page<'v> {
    Page {
        room: Some(Room::Plans),
        title: plan.map_or_else(|| visit.say(texts::NEW_PLAN), plan_name),
        content: match plan {
            Some(plan) => show::content(visit, plan),
            None => list::content(visit, &Fields::none()),
        },
        dialog: Some(dialog.render(visit.language)),
    }
}
