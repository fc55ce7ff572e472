//! The page around a text of the document.

use maud::{Markup, html};

use crate::console::parts::wrong;
use crate::console::texts::{document as texts, frame};
use crate::console::visit::Visit;

/// The page; `above` says what is wrong with the text, and `file` what is wrong with a file.
pub(super) fn content(visit: &Visit, text: &str, above: &Markup, file: Option<&str>) -> Markup {
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
                        button.button.primary type="submit" { (visit.say(texts::COMPARE)) }
                    }
                }
            } @else {
                div.card-body.padded { pre.code tabindex="0" { (text) } }
            }
        }
        @if visit.may_change() { (upload(visit, file)) }
    }
}

/// A form of its own, so that a file is sent without the text, and without script.
fn upload(visit: &Visit, message: Option<&str>) -> Markup {
    let described = if message.is_some() { "file-hint file-wrong" } else { "file-hint" };
    html! {
        section.card aria-labelledby="upload" {
            div.card-head { h2 #upload { (visit.say(texts::UPLOAD)) } }
            form.form.explain-form method="post" action="/console/document/upload"
                enctype="multipart/form-data" {
                div.field {
                    label for="file" { (visit.say(texts::FILE)) }
                    input.input #file type="file" name="file" accept=".json,application/json"
                        aria-describedby=(described) aria-invalid=[message.map(|_| "true")];
                    p.hint #file-hint { (visit.say(texts::FILE_HINT)) }
                    (wrong("file", message))
                }
                div.actions { button.button type="submit" { (visit.say(texts::COMPARE_FILE)) } }
            }
        }
    }
}
