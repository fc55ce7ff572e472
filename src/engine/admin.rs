//! The admin port: what the engine holds, and its corrections, as JSON over HTTP/1.1.
//!
//! It has no authentication. A page in a browser on the same machine must not use it all the same, so
//! changes need `content-type: application/json`, which a page cannot send without asking first.

mod request;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::call::{Reason, Refusal};
use crate::engine::Engine;
use crate::listing::Row;
use crate::store::Spent;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How many bytes a body may have: a thousand counters.
const MAX_BODY: usize = 4 << 20;
/// How many counters are in one answer, at most.
const MAX_ROWS: usize = 1000;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

/// An answer before it has headers: its status, the type of its body, and that.
type Answer = (StatusCode, &'static str, String);

/// Answers one request.
pub(crate) async fn answer(
    engine: Arc<Engine>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = timeout(TIMEOUT, route(engine, request)).await;
    let (status, kind, body) = answer.unwrap_or_else(|_| {
        error(StatusCode::REQUEST_TIMEOUT, "the request did not arrive, or took too long")
    });
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

async fn route(engine: Arc<Engine>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/healthz") if engine.is_healthy().await => (StatusCode::OK, TEXT, "ok\n".to_owned()),
        (&Method::GET, "/healthz") => {
            (StatusCode::SERVICE_UNAVAILABLE, TEXT, "the store cannot be written\n".to_owned())
        }
        (&Method::GET, "/metrics") => (StatusCode::OK, TEXT, engine.metrics()),
        (&Method::GET, "/counters") => list(engine, head.uri.query().unwrap_or_default()).await,
        (&Method::POST, path @ ("/counters/set" | "/counters/import" | "/counters/reset")) => {
            if head.headers.get(CONTENT_TYPE).is_none_or(|kind| kind != JSON) {
                return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
            }
            let body = match Limited::new(body, MAX_BODY).collect().await {
                Ok(body) => body.to_bytes(),
                Err(why) => return error(StatusCode::PAYLOAD_TOO_LARGE, &why.to_string()),
            };
            match serde_json::from_slice(&body) {
                Ok(body) => change(&engine, path, &body).await,
                Err(why) => error(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {why}")),
            }
        }
        (_, "/healthz" | "/metrics" | "/counters") => error(StatusCode::METHOD_NOT_ALLOWED, "GET it"),
        (_, "/counters/set" | "/counters/import" | "/counters/reset") => {
            error(StatusCode::METHOD_NOT_ALLOWED, "POST to it")
        }
        _ => error(StatusCode::NOT_FOUND, "there is /healthz, /metrics and /counters"),
    }
}

async fn list(engine: Arc<Engine>, query: &str) -> Answer {
    let request::List { filter, after } = match request::list(query) {
        Ok(list) => list,
        Err(message) => return error(StatusCode::BAD_REQUEST, &message),
    };
    // A store of a million counters takes a while to look through.
    let rows = spawn_blocking(move || engine.list(&filter, &after, MAX_ROWS)).await;
    match rows {
        Ok(Ok(rows)) => {
            let next = rows.next.map(|key| request::hex(&key));
            let counters: Vec<Value> = rows.rows.iter().map(Row::to_json).collect();
            (StatusCode::OK, JSON, json!({"counters": counters, "next": next}).to_string())
        }
        Ok(Err(why)) => error(StatusCode::SERVICE_UNAVAILABLE, &why.to_string()),
        Err(_) => error(StatusCode::SERVICE_UNAVAILABLE, "the engine ends"),
    }
}

async fn change(engine: &Engine, path: &str, body: &Value) -> Answer {
    let changed = match path {
        "/counters/set" => set(engine, body).await,
        "/counters/import" => import(engine, body).await,
        _ => reset(engine, body).await,
    };
    match changed {
        Ok(answer) => (StatusCode::OK, JSON, answer.to_string()),
        Err(Refusal { reason, message }) => {
            let status = match reason {
                Reason::StoreFailed | Reason::TooMuch => StatusCode::SERVICE_UNAVAILABLE,
                Reason::Invalid | Reason::UnknownDomain | Reason::PeriodForgotten => StatusCode::BAD_REQUEST,
            };
            error(status, &message)
        }
    }
}

async fn set(engine: &Engine, body: &Value) -> Result<Value, Refusal> {
    let (counter, spent) = request::amount(body, engine.domains()).map_err(Refusal::invalid)?;
    let before = engine.correct(counter, spent).await?;
    let before: u64 = before.into_iter().map(Spent::total).sum();
    Ok(json!({"before": before, "spent": spent}))
}

async fn import(engine: &Engine, body: &Value) -> Result<Value, Refusal> {
    let amounts = request::amounts(body, engine.domains()).map_err(Refusal::invalid)?;
    let carried: Vec<u64> = amounts.iter().map(|(_, carried)| *carried).collect();
    let before = engine.carry(amounts).await?;
    let mut rows = Vec::new();
    for (Spent { granted, carried: before, .. }, carried) in before.iter().zip(carried) {
        rows.push(json!({"before": before, "carried": carried, "granted": granted}));
    }
    Ok(json!({"counters": rows}))
}

async fn reset(engine: &Engine, body: &Value) -> Result<Value, Refusal> {
    let filter = request::filter(body).map_err(Refusal::invalid)?;
    if filter.plan.is_none() {
        return Err(Refusal::invalid("a reset needs the plan whose quotas are reset"));
    }
    Ok(json!({"reset": engine.reset(filter).await?}))
}

fn error(status: StatusCode, message: &str) -> Answer {
    (status, JSON, json!({"error": message}).to_string())
}
