//! A request of somebody who may change something.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::layout;
use super::site::Console;
use super::texts::refusals;
use super::visit::{Stop, Visit};

/// A request of somebody who may change something. Others are refused before anything else is looked at.
pub(super) struct Change(pub(super) Visit);

impl FromRequestParts<Arc<Console>> for Change {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Stop> {
        let visit = Visit::from_request_parts(parts, console).await?;
        if visit.may_change() {
            return Ok(Self(visit));
        }
        let [head, body] = [refusals::VIEWER, refusals::VIEWER_TODO].map(|text| visit.say(text));
        Err(layout::message(&visit, StatusCode::FORBIDDEN, head, body).into())
    }
}
