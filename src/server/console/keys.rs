//! Keys: the list, one key, and what is done with keys.

mod ask;
mod create;
mod edit;
mod list;
mod selected;
mod show;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::site::Console;

/// The pages below `/console/keys`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/keys", get(list::page))
        .route("/console/keys/new", get(create::dialog).post(create::create))
        .route("/console/keys/selected", get(selected::selected))
        .route("/console/keys/bind", post(selected::bind))
        .route("/console/keys/disable", post(selected::disable_all))
        .route("/console/keys/{id}", get(show::page))
        .route("/console/keys/{id}/edit", get(edit::dialog).post(edit::edit))
        .route("/console/keys/{id}/enable", post(ask::enable))
        .route("/console/keys/{id}/{action}", get(ask::dialog).post(ask::act))
}
