//! Envoys that subscribe to the document: real ones, and clients that speak the same protocol.

mod access;
mod fixture;
mod subscriber;

use std::sync::Arc;

use serde_json::Value;

use self::fixture::{Place, Server, call, runtime};
use self::subscriber::Subscriber;

/// How many subscribe: four real Envoys, the rest clients.
const SUBSCRIBERS: usize = 50;
const REAL: usize = 4;

#[test]
fn an_edit_is_in_force_in_fifty_subscribers_four_of_them_real() {
    let place = Place::new();
    let server = place.serve(&[]);
    let runtime = runtime();
    let clients: Vec<Arc<Subscriber>> = runtime.block_on(async {
        let mut clients = Vec::new();
        for number in REAL..SUBSCRIBERS {
            clients.push(
                Subscriber::start(server.xds, &format!("client-{number}"), None).await.expect("a stream"),
            );
        }
        clients
    });
    let envoys: Vec<_> = (0..REAL).map(|_| place.envoy(&server, "")).collect();
    let shown = server.wait(|shown| in_force(shown) == SUBSCRIBERS);
    assert_eq!(shown["subscribers"].as_array().map(Vec::len), Some(SUBSCRIBERS), "{shown}");
    assert_eq!(envoys.iter().map(call).collect::<Vec<_>>(), [200; REAL]);

    place.run("key disable acme");
    let shown = server.wait(|shown| {
        let version = &shown["last"]["version"];
        let has = |client: &Arc<Subscriber>| client.version().as_deref() == version.as_str();
        shown["last"]["envoys"].as_array().map(Vec::len) == Some(SUBSCRIBERS) && clients.iter().all(has)
    });
    let answers = shown["last"]["envoys"].as_array().expect("answers");
    assert!(answers.iter().all(|answer| answer["verdict"] == "accepted"), "{shown}");
    assert_eq!(envoys.iter().map(call).collect::<Vec<_>>(), [401; REAL]);
}

#[test]
fn a_refusal_says_why_and_who_comes_or_comes_back_has_what_was_accepted() {
    let place = Place::new();
    let server = place.serve(&[]);
    let one = place.envoy(&server, "");
    server.wait(|shown| in_force(shown) == 1);
    assert_eq!(call(&one), 200);
    let status = |server: &Server| place.ran(&format!("status --server {}", server.listen));
    let (code, text) = status(&server);
    assert_eq!((code, text.lines().count(), text.contains("REASON")), (0, 3, false), "{text}");

    // The filter refuses a document whose variable Envoy does not have.
    place.run("key create --name lacking --secret-key-env NOBODY_SETS_THIS");
    let refused = |shown: &Value| shown["last"]["envoys"][0]["verdict"] == "refused";
    let shown = server.wait(refused);
    let reason = shown["subscribers"][0]["refused"]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("usage_plan"), "the reason is Envoy's: {shown}");
    assert_eq!(shown["last"]["put_back"], true, "{shown}");
    let (code, text) = status(&server);
    assert!(code == 1 && text.contains(reason) && text.contains("REASON"), "{code}: {text}");
    let two = place.envoy(&server, "");
    server.wait(|shown| in_force(shown) == 2);
    assert_eq!([&one, &two].map(call), [200; 2]);

    // What is in force outlives the server, whose memory is not what is believed.
    let address = server.xds.to_string();
    server.kill();
    assert_eq!([&one, &two].map(call), [200; 2]);
    let server = place.serve_at(&address, &[]);
    let three = place.envoy(&server, "");
    let shown = server.wait(|shown| {
        let subscribers = shown["subscribers"].as_array().map_or(&[][..], Vec::as_slice);
        subscribers.len() == 3 && subscribers.iter().all(|one| one["asked"] == false)
    });
    assert_eq!([&one, &two, &three].map(call), [200; 3], "{shown}");

    let all_accept = |shown: &Value| {
        let answers = shown["last"]["envoys"].as_array().map_or(&[][..], Vec::as_slice);
        answers.len() == 3 && answers.iter().all(|answer| answer["verdict"] == "accepted")
    };
    place.run("key disable lacking");
    place.run("key delete lacking");
    let corrected = server.wait(all_accept);
    place.run("key disable acme");
    server.wait(|shown| shown["last"]["version"] != corrected["last"]["version"] && all_accept(shown));
    assert_eq!([&one, &two, &three].map(call), [401; 3]);
}

/// How many have a document in force.
fn in_force(shown: &Value) -> usize {
    let subscribers = shown["subscribers"].as_array().into_iter().flatten();
    subscribers.filter(|one| one["in_force"].is_object()).count()
}
