//! Document: the JSON as it is, without its secrets; downloaded, or replaced after its differences were seen.

mod masked;
mod page;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;

use super::change::Change;
use super::form::Asked;
use super::layout::{Page, Room};
use super::site::Console;
use super::texts::frame;
use super::visit::Visit;

/// The pages below `/console/document`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/document", get(show))
        .route("/console/document/download", get(download))
        .route("/console/document/compare", post(upload::compare))
        .route("/console/document/upload", post(upload::upload))
        .route("/console/document/replace", post(upload::replace))
}

async fn show(visit: Visit, Asked(query): Asked) -> Response {
    let text = masked::masked(&visit.read.draft);
    let content = page::content(&visit, &text, &html! {}, None);
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
