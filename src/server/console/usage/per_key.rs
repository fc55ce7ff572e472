//! What must be switched on so that requests are counted by key.

use maud::{Markup, html};

use crate::console::texts::usage as texts;
use crate::console::visit::Visit;

/// What to do so that requests are counted by key; `None` if they are.
pub(super) fn switch_on(visit: &Visit) -> Option<Markup> {
    if visit.document().options.metrics_per_key {
        return None;
    }
    let option = html! { code { "\"metrics_per_key\": true" } };
    Some(html! {
        div.empty {
            h3 { (visit.say(texts::NOT_BY_KEY)) }
            p { (visit.language.rich(texts::NOT_BY_KEY_TODO, &[("option", option)])) }
            @if visit.may_change() {
                div.actions { a.button href="/console/document" { (visit.say(texts::EDIT_DOCUMENT)) } }
            }
        }
    })
}
