//! A running Prometheus with the shipped configuration, which ends when its handle is dropped.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::ports::{free_ports, local};
use testbed::{Client, Request};

use super::files::read;
use crate::until;

/// How often it scrapes and evaluates, instead of every 15 seconds.
pub(super) const INTERVAL: &str = "500ms";

/// What an alert waits for in the test, instead of minutes.
const WAIT: &str = "1s";

/// A Prometheus process on loopback.
pub(super) struct Prometheus {
    child: Child,
    directory: TempDir,
    address: SocketAddr,
}

/// A series of an answer: its labels, and its value at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

/// Where `tree` is at `pointer`: the test changes nothing that is not there.
fn place<'a>(tree: &'a mut Value, pointer: &str) -> &'a mut Value {
    tree.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing is at {pointer}"))
}

/// The shipped alerts, which fire within a second.
fn hurried_alerts() -> Value {
    let mut alerts = read("alerts.yaml");
    let rules = place(&mut alerts, "/groups/0/rules").as_array_mut().expect("rules");
    let mut hurried = 0;
    for wait in rules.iter_mut().filter_map(|rule| rule.get_mut("for")) {
        assert!(wait.as_str().is_some_and(|wait| wait.ends_with('m')), "{wait} is no number of minutes");
        *wait = json!(WAIT);
        hurried += 1;
    }
    assert!(hurried >= 3, "only {hurried} alerts wait");
    alerts
}

// === impl Prometheus ===

impl Prometheus {
    /// Starts one that scrapes these Envoys, each under its name.
    pub(super) fn start(envoys: &[(&str, SocketAddr)]) -> Self {
        let mut config = read("prometheus.yaml");
        *place(&mut config, "/global/scrape_interval") = json!(INTERVAL);
        *place(&mut config, "/global/evaluation_interval") = json!(INTERVAL);
        let target = |(name, address): &(&str, SocketAddr)| json!({"targets": [address], "labels": {"instance": name}});
        *place(&mut config, "/scrape_configs/0/static_configs") = envoys.iter().map(target).collect();

        let directory = tempfile::Builder::new().prefix("prometheus-").tempdir().expect("a directory");
        let write = |name: &str, tree: &Value| {
            let path = directory.path().join(name);
            fs::write(&path, tree.to_string()).expect(name);
            path
        };
        write("alerts.yaml", &hurried_alerts());
        let config = write("prometheus.yaml", &config);
        let [port] = free_ports().expect("a free port");
        let address = local(port);
        let log = fs::File::create(directory.path().join(LOG)).expect(LOG);
        let child = Command::new(PROGRAM)
            .arg("--config.file")
            .arg(config)
            .arg("--storage.tsdb.path")
            .arg(directory.path().join("data"))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect(PROGRAM);
        let prometheus = Self { child, directory, address };
        let ready =
            || Client::new(address).send(&Request::get("prometheus", "/-/ready")).map(|answer| answer.status);
        assert_eq!(until(ready, |status| *status == Ok(200)), Ok(200), "Prometheus is not ready");
        prometheus
    }

    /// What `expression` returns at that time, in milliseconds since 1970, or now.
    pub(super) fn query(&self, expression: &str, time: Option<u64>) -> Vec<Sample> {
        let mut path = format!("/api/v1/query?query={}", encode(expression));
        if let Some(time) = time {
            write!(path, "&time={}", seconds(time)).expect("written");
        }
        let answer = self.get(&path);
        let result = answer["result"].as_array().unwrap_or_else(|| panic!("{expression}: {answer}"));
        result.iter().map(sample).collect()
    }

    /// What `expression` returns from `begin` to `end`, every `step` milliseconds, as Prometheus answers.
    pub(super) fn query_range(&self, expression: &str, (begin, end): (u64, u64), step: u64) -> Value {
        let (query, begin, end, step) = (encode(expression), seconds(begin), seconds(end), seconds(step));
        let path = format!("/api/v1/query_range?query={query}&start={begin}&end={end}&step={step}");
        self.get(&path)["result"].clone()
    }

    /// The values that Grafana would offer for `label_values(selector, label)`.
    pub(super) fn label_values(&self, selector: &str, label: &str) -> Vec<String> {
        let path = format!("/api/v1/label/{label}/values?match%5B%5D={}", encode(selector));
        let text = |value: &Value| value.as_str().expect("a label's value").to_owned();
        self.get(&path).as_array().expect("values").iter().map(text).collect()
    }

    /// The labels of each alert that fires.
    pub(super) fn firing(&self) -> Vec<BTreeMap<String, String>> {
        let answer = self.get("/api/v1/alerts");
        let alerts = answer["alerts"].as_array().expect("alerts").iter();
        alerts.filter(|alert| alert["state"] == "firing").map(|alert| labels(&alert["labels"])).collect()
    }

    fn get(&self, path: &str) -> Value {
        let answer = Client::new(self.address).send(&Request::get("prometheus", path)).expect("an answer");
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!((answer.status, &body["status"]), (200, &json!("success")), "{path}: {body}");
        body["data"].clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default();
            eprintln!("the log of Prometheus:\n{log}");
        }
        // Nobody reads its files again, so it need not close them.
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("{error}");
        }
    }
}

/// The name of the program.
pub(super) const PROGRAM: &str = "prometheus";

const LOG: &str = "prometheus.log";

fn sample(series: &Value) -> Sample {
    let value = series["value"][1].as_str().and_then(|value| value.parse().ok());
    Sample { labels: labels(&series["metric"]), value: value.expect("a number") }
}

fn labels(object: &Value) -> BTreeMap<String, String> {
    let object = object.as_object().expect("labels").iter();
    object.map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

/// Milliseconds as Prometheus reads a time or a step.
fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// As a part of a query: every byte that is no letter and no digit is escaped.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("written"),
        }
    }
    out
}
