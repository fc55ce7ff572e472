//! Services: the list, one service, and the plans of its environments.

mod ask;
mod bind;
mod form;
mod list;
mod show;
mod under;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::site::Console;

/// The pages below `/console/services`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/services", get(list::page))
        .route("/console/services/new", get(form::new).post(form::create))
        .route("/console/services/{id}", get(show::page))
        .route("/console/services/{id}/edit", get(form::edit).post(form::save))
        .route("/console/services/{id}/bind", get(bind::dialog).post(bind::bind))
        .route("/console/services/{id}/delete", get(ask::dialog).post(ask::delete))
}
