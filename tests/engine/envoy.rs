//! A real Envoy's own filter, `envoy.filters.http.ratelimit`, asks the engine.

use std::net::SocketAddr;

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Client, Engine, Envoy, Request, Response};

use crate::fixture::Place;

/// An Envoy whose route asks the engine for one of a quota of three, of a domain.
fn start(place: &Place, name: &str, engine: SocketAddr, domain: &str) -> Envoy {
    let [ingress, admin, upstream] = free_ports().expect("three ports");
    let template = include_str!("envoy.yaml");
    let text = template
        .replace("INGRESS_PORT", &ingress.to_string())
        .replace("ADMIN_PORT", &admin.to_string())
        .replace("UPSTREAM_PORT", &upstream.to_string())
        .replace("ENGINE_PORT", &engine.port().to_string())
        .replace("DOMAIN", domain);
    let path = place.path().join(format!("{name}.yaml"));
    std::fs::write(&path, text).expect("it is written");
    Envoy::of_file(&path, local(ingress), local(admin)).unwrap_or_else(|error| panic!("{error}"))
}

fn get(envoy: &Envoy) -> Response {
    Client::new(envoy.ingress()).send(&Request::get("example.com", "/")).expect("Envoy answers")
}

fn shown(place: &Place, engine: &Engine) -> Value {
    let shown = place.run(&format!("engine show --admin {} --output json", engine.admin));
    serde_json::from_str(&shown).expect("JSON")
}

#[test]
fn two_envoys_share_a_quota_and_a_restart_of_the_engine_gives_nothing_back() {
    let place = Place::new();
    let engine = place.start();
    let envoys = ["one", "two"].map(|name| start(&place, name, engine.listen, "usage-plans"));
    let [one, two] = &envoys;
    let first = get(one);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.header("x-ratelimit-remaining").as_deref(), Some("2"));
    assert_eq!(get(two).status, 200);
    let address = engine.listen;
    engine.end(rustix::process::Signal::KILL).expect("it ends");
    assert_eq!(get(one).status, 500, "without the engine, Envoy was told to refuse");
    let engine = place.start_at(address);
    // Envoy connects again by and by.
    let third = (0..1000).map(|_| get(one)).find(|response| response.status != 500).expect("an answer");
    assert_eq!(third.status, 200, "{}", third.text());
    for envoy in &envoys {
        let refused =
            (0..1000).map(|_| get(envoy)).find(|response| response.status != 500).expect("an answer");
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("x-ratelimit-remaining").as_deref(), Some("0"));
    }
    let shown = shown(&place, &engine);
    let entries = json!({"plan": "gold", "w": "total", "p": "total"});
    assert_eq!(shown["counters"][0]["entries"], entries, "{shown}");
    assert_eq!(shown["counters"][0]["spent"], 3);
    assert_eq!(shown["counters"][0]["remaining"], 0);
}

#[test]
fn a_domain_that_the_engine_does_not_serve_lets_nothing_through() {
    let place = Place::new();
    let engine = place.start();
    let envoy = start(&place, "one", engine.listen, "other");
    assert_eq!(get(&envoy).status, 500);
    assert!(engine.get("/metrics").contains("refused_calls_total{reason=\"unknown_domain\"} 1\n"));
    assert_eq!(shown(&place, &engine)["counters"], json!([]));
}
