//! What Envoys say that needs somebody: one that does not answer, has no document, or misses its engine.

use maud::{Markup, html};

use crate::console::parts::{Tone, notice};
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::Look;

/// A message for each Envoy that needs somebody.
pub(in crate::console) fn attention(visit: &Visit) -> Markup {
    html! { @for look in visit.console.samples.looks().iter() { (of(visit, look)) } }
}

fn of(visit: &Visit, look: &Look) -> Markup {
    let (language, name) = (visit.language, look.envoy.as_str());
    let head = |text| html! { (language.fill(text, &[("name", &name)])) };
    let say = |text| html! { p { (visit.say(text)) } };
    html! {
        @match &look.answer {
            Err(why) => {
                @let since = look.away_since.unwrap_or(visit.now);
                @let span = visit.reader.span(visit.now.saturating_since(since));
                @let head = html! { (language.fill(texts::AWAY_FOR, &[("name", &name), ("span", &span)])) };
                (notice(Tone::Warn, &head, &html! { (say(texts::AWAY_WHAT)) p { code.reason { (why) } } }))
            }
            Ok(snapshot) => {
                @if snapshot.has_filter() && !snapshot.has_document() {
                    (notice(Tone::Refused, &head(texts::NO_DOCUMENT), &say(texts::NO_DOCUMENT_WHAT)))
                }
                @if snapshot.fleet.is_away() {
                    (notice(Tone::Refused, &head(texts::ENGINE_AWAY), &say(texts::ENGINE_AWAY_WHAT)))
                }
            }
        }
    }
}
