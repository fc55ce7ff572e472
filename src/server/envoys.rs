//! `/envoys`: the Envoys that subscribe, and what came of the last publication, for programs on this machine.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::delivery::{Answer, Delivery, Taken};
use crate::desk::Desk;
use crate::peer::Peer;
use crate::xds::fleet::Subscriber;

/// Answers with what Envoys have in force. Nobody is asked who he is, so only this machine is answered.
pub(crate) async fn answer(
    State(desk): State<Arc<Desk>>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !address.ip().is_loopback() || !is_this_machine(host) {
        return (StatusCode::FORBIDDEN, "only this machine is answered here\n").into_response();
    }
    let publishing = desk.publishing();
    let subscribers: Vec<Value> = publishing.subscribers().iter().map(subscriber).collect();
    Json(json!({"subscribers": subscribers, "last": last(&publishing.last())})).into_response()
}

/// Whether a page of another site cannot have asked: its host would be another one.
fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    ["127.0.0.1", "[::1]", "localhost"].contains(&name)
}

/// A subscriber, for programs.
pub fn subscriber(subscriber: &Subscriber) -> Value {
    let Subscriber { node, cluster, address, since, in_force, refused, is_asked } = subscriber;
    let in_force =
        in_force.as_ref().map(|(version, since)| json!({"version": version, "since": since.to_rfc3339()}));
    let refused = refused.as_ref().map(|refused| {
        json!({"version": refused.version, "reason": refused.reason, "at": refused.at.to_rfc3339()})
    });
    json!({"node": node, "cluster": cluster, "address": address, "since": since.to_rfc3339(),
        "in_force": in_force, "refused": refused, "asked": is_asked})
}

/// What came of a publication, for programs.
pub fn last(delivery: &Delivery) -> Value {
    let Delivery { version, envoys, problem, is_put_back } = delivery;
    let envoys: Vec<Value> = envoys.iter().map(envoy).collect();
    json!({"version": version, "envoys": envoys, "problem": problem, "put_back": is_put_back})
}

fn envoy(Answer { envoy, taken }: &Answer) -> Value {
    match taken {
        Taken::InForce(after) => {
            json!({"envoy": envoy, "verdict": "accepted", "milliseconds": after.as_millis()})
        }
        Taken::Refused(why) => json!({"envoy": envoy, "verdict": "refused", "message": why}),
        Taken::Silent(why) => json!({"envoy": envoy, "verdict": null, "message": why}),
    }
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_its_host() {
        for host in ["127.0.0.1:8088", "localhost", "[::1]:1", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "example.com", "127.0.0.1.example.com:80", "localhost:80.example.com"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
