//! Everything that operators can ask, and where it is answered.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::console::{self, Console};
use crate::desk::Desk;
use crate::envoys;
use crate::management::{self, Management};

/// Everything that operators can ask. Without operators, there is no management API.
pub(crate) fn router(desk: Arc<Desk>, management: Option<Management>, console: Arc<Console>) -> Router {
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/envoys", get(envoys::answer))
        .with_state(desk)
        .merge(console::router(console));
    let router = match management {
        Some(management) => router.merge(management::router(Arc::new(management))),
        None => router,
    };
    router.layer(from_fn(show_console))
}

/// Sends a browser that opens the server's address to the console. The management API has the same path, and
/// its clients sign what they send.
async fn show_console(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let wants_page = || {
        let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
        accepted.is_some_and(|accepted| accepted.contains("text/html"))
    };
    let is_root = request.method() == Method::GET && request.uri().path() == "/";
    if is_root && !headers.contains_key(AUTHORIZATION) && wants_page() {
        return Redirect::to("/console").into_response();
    }
    next.run(request).await
}
