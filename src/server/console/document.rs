//! Document: the JSON as it is, without its secrets; downloaded, or replaced after its differences were seen.

mod masked;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::change::Change;
use super::form::Asked;
use super::layout::{Page, Room};
use super::site::Console;
use super::texts::{document as texts, frame};
use super::visit::Visit;

/// The pages below `/console/document`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/document", get(show))
        .route("/console/document/download", get(download))
        .route("/console/document/compare", post(upload::compare))
        .route("/console/document/replace", post(upload::replace))
}

async fn show(visit: Visit, Asked(query): Asked) -> Response {
    let text = masked::masked(&visit.read.draft);
    let content = content(&visit, &text, &html! {});
    let page = Page { room: Some(Room::Document), title: visit.say(frame::DOCUMENT), content, dialog: None };
    page.show(&visit, query.text("done"))
}

/// The whole document with its secrets: for whoever may change them.
async fn download(Change(visit): Change) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"usage-plans.json\""),
    ];
    (headers, visit.read.draft.text()).into_response()
}

/// The page around a text of the document; `above` says what is wrong with it.
fn content(visit: &Visit, text: &str, above: &Markup) -> Markup {
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
