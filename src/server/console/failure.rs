//! The page that says that it is our fault.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html as markup;

use super::clock::Reader;
use super::html;
use super::parts::{brand, icon};
use super::texts::frame;

/// The page of a failure, and why it failed: whoever is signed in runs this server, or looks after it.
pub(super) fn page(reader: Reader, why: &str) -> Response {
    let language = reader.language;
    let head = language.say(frame::FAILED);
    let body = markup! {
        main.alone {
            (brand(language))
            div.card {
                h1 { (head) }
                p.lead { (language.say(frame::FAILED_WHY)) }
                div.notice.bad role="alert" { (icon("refused")) code.reason { (why) } }
            }
        }
    };
    (StatusCode::INTERNAL_SERVER_ERROR, html::document(language, head, &body)).into_response()
}
