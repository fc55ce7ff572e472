//! What is under a window over a service.

use usage_plan_core::document::Service;

use super::{list, show};
use crate::console::form::Fields;
use crate::console::layout::{Page, Room};
use crate::console::objects::service_name;
use crate::console::parts::Dialog;
use crate::console::texts::services as texts;
use crate::console::visit::Visit;

/// A window over the page of a service, or over the list when there is no service yet.
pub(super) fn under<'v>(visit: &'v Visit, service: Option<&'v Service>, dialog: &Dialog<'_>) -> Page<'v> {
    Page {
        room: Some(Room::Services),
        title: service.map_or_else(|| visit.say(texts::NEW_SERVICE), service_name),
        content: match service {
            Some(service) => show::content(visit, service),
            None => list::content(visit, &Fields::none()),
        },
        dialog: Some(dialog.render(visit.language)),
    }
}
