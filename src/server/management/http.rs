//! A request as HTTP brings it, and the answer as clients need it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use serde_json::{Value, json};

use super::action::Answer;
use super::api::{Held, Management, now};
use super::failure::{Failure, Result};
use super::wire::Call;
use crate::peer::Peer;

/// The only type that all SDKs take an error in.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Answers a request, and holds the answer back as long as it has to be.
pub(super) async fn respond(State(management): State<Arc<Management>>, request: Request) -> Response {
    let held = match read(request).await {
        Ok(call) => management.answer(&call).await,
        Err(failure) => Held { answer: Err(failure), until: None },
    };
    if let Some(wait) = held.until.map(|until| until.saturating_since(now())) {
        tokio::time::sleep(wait).await;
    }
    envelope(held.answer)
}

/// The answer to a request whose body is too long to be let in.
pub(crate) fn too_long() -> Response {
    let message = "The body is longer than 1 MiB: send less at once.";
    envelope(Err(Failure::new("RequestSizeLimitExceeded", message)))
}

async fn read(request: Request) -> Result<Call> {
    let (head, body) = request.into_parts();
    if ![Method::GET, Method::POST].contains(&head.method) {
        let message = "Send POST with a JSON body, or GET with a query.";
        return Err(Failure::new("UnsupportedProtocol", message));
    }
    let from = head.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    // Connections let in no longer one than 1 MiB, and it has arrived.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Err(Failure::new("InvalidParameter", "The body is broken off: send it again."));
    };
    let query = head.uri.query().unwrap_or_default().to_owned();
    Ok(Call { method: head.method, query, headers: head.headers, body, from })
}

/// The answer as clients need it: an error, too, has the status 200 and this very type.
fn envelope(answer: Result<Answer>) -> Response {
    let request_id = Value::from(uuid::Uuid::new_v4().to_string());
    let mut body = answer.unwrap_or_else(|Failure { code, message }| {
        Answer::from_iter([("Error".to_owned(), json!({"Code": code, "Message": message}))])
    });
    body.insert("RequestId".to_owned(), request_id);
    let body = Answer::from_iter([("Response".to_owned(), Value::Object(body))]);
    let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
