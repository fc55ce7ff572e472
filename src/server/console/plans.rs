//! Usage plans: the list, one plan, and what is bound to it.

mod ask;
mod engine_down;
mod environments;
mod fields;
mod form;
mod keys;
mod limits;
mod list;
mod show;
mod under;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::site::Console;

/// The pages below `/console/plans`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/plans", get(list::page))
        .route("/console/plans/new", get(form::new).post(form::create))
        .route("/console/plans/{id}", get(show::page))
        .route("/console/plans/{id}/edit", get(form::edit).post(form::save))
        .route("/console/plans/{id}/keys", get(keys::dialog).post(keys::bind))
        .route("/console/plans/{id}/unbind-keys", get(keys::ask).post(keys::unbind))
        .route("/console/plans/{id}/environments", get(environments::dialog).post(environments::bind))
        .route("/console/plans/{id}/unbind", get(environments::ask).post(environments::unbind))
        .route("/console/plans/{id}/{action}", get(ask::dialog).post(ask::act))
}
