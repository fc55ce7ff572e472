//! A text that is to replace the document: first its errors and its differences, then the question.

use axum::extract::Multipart;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use usage_plan_core::document::Errors;
use usage_plan_manage::Error;
use usage_plan_manage::draft::{Draft, difference};
use usage_plan_manage::position::Positions;

use super::masked::{masked, unmasked};
use super::page::content;
use crate::console::change::Change;
use crate::console::form::Fields;
use crate::console::layout::{Page, Room};
use crate::console::parts::{Dialog, Tone, buttons, notice};
use crate::console::refused::rule;
use crate::console::texts::{document as texts, frame, refusals};
use crate::console::visit::{Answer, Visit};
use crate::console::{failure, outcome, revision};

const BACK: &str = "/console/document";

/// `POST /console/document/compare`: what the text would change. It waits in the session for the answer.
pub(super) async fn compare(Change(visit): Change, fields: Fields) -> Answer {
    let typed = fields.text("text");
    compared(&visit, typed, unmasked(&visit.read.draft, typed))
}

/// `POST /console/document/upload`: what a file would change. It has secrets, so it is not shown.
pub(super) async fn upload(Change(visit): Change, parts: Multipart) -> Answer {
    let shown = masked(&visit.read.draft);
    let message = match file(parts).await {
        Ok(file) if file.is_empty() => texts::NO_FILE,
        Ok(file) => match String::from_utf8(file) {
            Ok(text) => return compared(&visit, &shown, text),
            Err(_) => texts::NOT_TEXT,
        },
        Err(response) => return Ok(response),
    };
    let content = content(&visit, &shown, &html! {}, Some(visit.say(message)));
    Ok(page_of(&visit, content, None).refuse(&visit))
}

/// The file of the form; empty when none was chosen.
async fn file(mut parts: Multipart) -> Result<Vec<u8>, Response> {
    while let Some(part) = parts.next_field().await.map_err(IntoResponse::into_response)? {
        if part.name() == Some("file") {
            return part.bytes().await.map(Into::into).map_err(IntoResponse::into_response);
        }
    }
    Ok(Vec::new())
}

/// The page with what `text` would change; `shown` is in the field.
fn compared(visit: &Visit, shown: &str, text: String) -> Answer {
    if let Err(errors) = Draft::parse(text.as_bytes()) {
        let above = wrong(visit, &text, &errors);
        return Ok(page(visit, shown, &above, None).refuse(visit));
    }
    let difference = difference(&visit.read.draft.text(), &text, ["now", "then"]);
    if difference.is_empty() {
        let above = notice(Tone::Warn, &html! { (visit.say(texts::NOTHING_DIFFERS)) }, &html! {});
        return Ok(page(visit, shown, &above, None).show(visit, ""));
    }
    visit.session.keep(text);
    let dialog = Dialog {
        title: html! { (visit.say(texts::REPLACE_QUESTION)) },
        action: "/console/document/replace",
        back: BACK,
        body: html! {
            p { (visit.say(texts::REPLACE_WHAT)) }
            input type="hidden" name=(revision::FIELD) value=(revision::of_text(&visit.read.draft.text()));
            pre.code tabindex="0" { (difference) }
        },
        foot: buttons(BACK, visit.say(frame::CANCEL), visit.say(texts::REPLACE), true),
        is_broad: true,
    };
    let dialog = dialog.render(visit.language);
    Ok(page(visit, shown, &html! {}, Some(dialog)).show(visit, ""))
}

/// `POST /console/document/replace`: the text that was compared, unless the document is another one now.
pub(super) async fn replace(Change(visit): Change, fields: Fields) -> Answer {
    let now = visit.read.draft.text();
    let overtaken = |visit: &Visit| {
        let head = html! { (visit.say(texts::OVERTAKEN)) };
        let above = notice(Tone::Refused, &head, &html! { p { (visit.say(texts::OVERTAKEN_TODO)) } });
        page(visit, &masked(&visit.read.draft), &above, None).refuse(visit)
    };
    let Some(text) = visit.session.kept() else { return Ok(overtaken(&visit)) };
    if fields.text(revision::FIELD) != revision::of_text(&now) {
        return Ok(overtaken(&visit));
    }
    let path = visit.console.desk.path().to_owned();
    let before = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    let Ok(Ok(before)) = before else { return Ok(failure::page(visit.reader, "the document was not read")) };
    // What is in the file has to be what was compared.
    if Draft::parse(&before).map(|draft| draft.text()).ok() != Some(now) {
        return Ok(overtaken(&visit));
    }
    match visit.console.desk.replace(visit.author(), before, text.into_bytes()).await {
        Ok(done) => {
            let head = html! { (visit.say(texts::REPLACED)) };
            visit.leave(BACK, outcome::done(&visit, &head, &done.delivery))
        }
        Err(Error::ChangedMeanwhile(_)) => Ok(overtaken(&visit)),
        Err(error) => Ok(failure::page(visit.reader, &format!("{error:?}"))),
    }
}

fn page<'v>(visit: &'v Visit, text: &str, above: &Markup, dialog: Option<Markup>) -> Page<'v> {
    page_of(visit, content(visit, text, above, None), dialog)
}

fn page_of(visit: &Visit, content: Markup, dialog: Option<Markup>) -> Page<'_> {
    Page { room: Some(Room::Document), title: visit.say(frame::DOCUMENT), content, dialog }
}

/// The rules that a text breaks, each at its line.
fn wrong(visit: &Visit, text: &str, errors: &Errors) -> Markup {
    let positions = Positions::of(text.as_bytes());
    let line = |path: &str| positions.as_ref().map(|positions| positions.get(path).line);
    let list = html! {
        p { (visit.say(refusals::RULES_BROKEN)) }
        ul {
            @for error in errors.iter() {
                li {
                    @if let Some(line) = line(error.path())
                        { (visit.language.fill(texts::LINE, &[("n", &line)])) ": " }
                    (rule(visit, error))
                }
            }
        }
    };
    notice(Tone::Refused, &html! { (visit.say(refusals::NOTHING_CHANGED)) }, &list)
}
