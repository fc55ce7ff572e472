//! The page around a text of the document.

use maud::{Markup, html};

use crate::console::texts::{document as texts, frame};
use crate::console::visit::Visit;

/// The page; `above` says what is wrong with the text.
pub(super) fn content(visit: &Visit, text: &str, above: &Markup) -> Markup {
    html! {
        div.page-head {
            div { h1 { (visit.say(frame::DOCUMENT)) } p.lead { (visit.say(texts::LEAD)) } }
            @if visit.may_change() {
                div.actions { a.button href="/console/document/download" { (visit.say(texts::DOWNLOAD)) } }
            }
        }
        (above)
        section.card {
            @if visit.may_change() {
                form.form.explain-form method="post" action="/console/document/compare" {
                    div.field {
                        label for="text" { (visit.say(texts::TEXT)) }
                        textarea.input.mono #text name="text" rows="24" spellcheck="false"
                            aria-describedby="text-hint" {
                            // A parser drops the first line feed of a text area.
                            "\n" (text)
                        }
                        p.hint #text-hint { (visit.say(texts::TEXT_HINT)) }
                    }
                    div.actions {
                        label.button for="file" hidden data-file="text" {
                            (visit.say(texts::CHOOSE_FILE)) input.out-of-sight #file type="file"
                                accept=".json";
                        }
                        button.button.primary type="submit" { (visit.say(texts::COMPARE)) }
                    }
                }
            } @else {
                div.card-body.padded { pre.code tabindex="0" { (text) } }
            }
        }
    }
}
