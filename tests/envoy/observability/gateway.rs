//! An Envoy that Prometheus scrapes, and one whose filter is never called.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Client, Config, Envoy, Request, Verdict};

use super::files::read;
use super::prometheus::Prometheus;
use super::traffic::call;
use crate::until;

/// An Envoy with the shipped listener for Prometheus.
pub(super) struct Gateway {
    /// Its name in Prometheus.
    pub(super) name: &'static str,
    pub(super) envoy: Envoy,
    /// The address of that listener.
    pub(super) metrics: SocketAddr,
}

/// A caller of an Envoy that answers 503 to everything.
pub(super) struct Unseen {
    client: Client,
    /// How many calls it has made.
    pub(super) calls: u64,
    /// The longest time that a call took.
    pub(super) slowest: Duration,
}

/// A document that breaks rules.
pub(super) fn broken() -> Value {
    json!({"services": [{}]})
}

// === impl Gateway ===

impl Gateway {
    /// Starts an Envoy with the shipped listener for Prometheus.
    pub(super) fn start(name: &'static str, config: Config) -> Self {
        let [port] = free_ports().expect("a free port");
        let added = read("metrics-listener.yaml");
        let config = config.edit(move |tree| {
            for part in ["listeners", "clusters"] {
                let items = added[part].as_array().expect(part).iter().cloned();
                tree["static_resources"][part].as_array_mut().expect(part).extend(items);
            }
            let listeners = tree["static_resources"]["listeners"].as_array_mut().expect("listeners");
            let listener = listeners.last_mut().expect("a listener");
            listener["address"]["socket_address"]["port_value"] = json!(port);
        });
        Self { name, envoy: Envoy::start(&config), metrics: local(port) }
    }

    /// Waits until Prometheus has scraped that many requests, and returns the time of a scrape with them,
    /// in milliseconds since 1970.
    pub(super) fn scraped(&self, prometheus: &Prometheus, counter: &str, number: u64) -> u64 {
        let selector = format!("{counter}{{instance=\"{}\"}}", self.name);
        let ask = |expression: &str| prometheus.query(expression, None).first().map(|sample| sample.value);
        let sum = until(|| ask(&format!("sum({selector})")), |sum| *sum == Some(number as f64));
        assert_eq!(sum, Some(number as f64), "{selector}");
        let time = ask(&format!("max(timestamp({selector}))")).expect("a time");
        (time * 1000.0).round() as u64
    }

    pub(super) fn accepts(&self, document: &Value) {
        assert_eq!(self.envoy.publish(document).expect("a verdict"), Verdict::Accepted);
    }

    pub(super) fn refuses(&self, document: &Value) {
        assert!(matches!(self.envoy.publish(document).expect("a verdict"), Verdict::Refused(_)));
    }

    /// Makes the VM of a worker die, if the module is the one that can.
    pub(super) fn crash(&self) {
        let request = call("AKIDacme", "/release/x").header("x-crash", "please");
        let answer = Client::new(self.envoy.ingress()).send(&request).expect("an answer");
        assert_eq!(answer.status, 503);
    }

    /// Asserts that the listener for Prometheus shows nothing else of the admin interface.
    pub(super) fn assert_closed(&self) {
        let paths = ["/", "/stats", "/config_dump", "/stats/prometheus/../../config_dump", "/quitquitquit"];
        let post = Request::get("metrics", "/stats/prometheus").method("POST");
        for request in paths.map(|path| Request::get("metrics", path)).into_iter().chain([post]) {
            let answer = Client::new(self.metrics).send(&request).expect("an answer");
            assert_eq!(answer.status, 404, "{request:?}");
        }
    }
}

// === impl Unseen ===

impl Unseen {
    pub(super) fn of(gateway: &Gateway) -> Self {
        Self { client: Client::new(gateway.envoy.ingress()), calls: 0, slowest: Duration::ZERO }
    }

    pub(super) fn send(&mut self, calls: u64) {
        for _ in 0..calls {
            let start = Instant::now();
            let answer = self.client.send(&call("AKIDacme", "/release/x")).expect("an answer");
            assert_eq!(answer.status, 503);
            self.slowest = self.slowest.max(start.elapsed());
            self.calls += 1;
        }
    }
}
