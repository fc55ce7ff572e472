//! The console as a browser meets it: what it answers, and what it refuses.

mod attacks;
mod edits;
mod fields;
mod pages;
mod tools;
mod usage;

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service;
use usage_plan_manage::file::DocumentFile;

use super::site::SESSION;
use super::*;
use crate::desk::Desk;
use crate::operators::Operators;
use crate::peer::Peer;
use crate::publishing::Publishing;

const HOST: &str = "127.0.0.1:8088";

const OPERATORS: &str = r#"{"operators": [
    {"secret_id": "ada", "secret_key": "ada-secret-key-0001", "role": "admin"},
    {"secret_id": "eve", "secret_key": "eve-secret-key-0001", "role": "viewer"}]}"#;

/// A console with a document, and a browser that is signed in or not.
struct Browser {
    console: Arc<Console>,
    directory: TempDir,
    cookie: Option<String>,
    language: &'static str,
}

/// What the console answered.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HashMap<String, String>,
    body: String,
}

fn document() -> Value {
    let bound = |environment: &str| json!({"service": "orders", "environment": environment});
    json!({
        "services": [{"id": "orders", "name": "orders", "domains": ["orders.example.com"]}],
        "keys": [
            {"name": "acme", "secret_id": "AKIDacme", "secret_key": "acme-secret-key-0001"},
            {"name": "beta", "secret_id": "AKIDbeta", "secret_key": "beta-secret-key-0001"},
            {"name": "old", "secret_id": "AKIDold", "secret_key": "old-secret-key-0001", "status":
                "disabled"},
        ],
        "usage_plans": [
            {"id": "gold", "name": "gold", "max_requests_per_second": 50, "keys": ["AKIDacme"],
             "quotas": [{"max_requests": 1000, "period": "day"}], "environments": [bound("release")]},
            {"id": "silver", "name": "silver", "keys": ["AKIDbeta"], "environments": [bound("release")]},
            {"id": "trial", "name": "trial"},
        ],
    })
}

// === impl Browser ===

impl Browser {
    /// A browser before a console with this document.
    fn before(document: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let [file, operators] =
            ["usage-plans.json", "operators.json"].map(|name| directory.path().join(name));
        fs::write(&file, document.to_string()).expect("a file");
        fs::write(&operators, OPERATORS).expect("a file");
        let desk = Arc::new(Desk::new(DocumentFile::new(file), Publishing::nowhere()));
        let operators = Arc::new(Operators::open(operators).expect("operators"));
        let console = Console::new(desk, Some(operators), Arc::default(), Options::default());
        Self { console: Arc::new(console), directory, cookie: None, language: "en" }
    }

    /// Lets the console show these samples.
    fn watch(&mut self, samples: Arc<crate::samples::Samples>) {
        Arc::get_mut(&mut self.console).expect("a console that nobody else has").samples = samples;
    }

    /// The same, signed in as an admin.
    async fn signed_in(document: &Value) -> Self {
        let mut browser = Self::before(document);
        browser.sign_in("ada").await;
        browser
    }

    async fn sign_in(&mut self, id: &str) {
        let secret = format!("{id}-secret-key-0001");
        let answer = self.post("/console/login", &[("secret_id", id), ("secret_key", &secret)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.cookie = Some(answer.session());
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path, "")).await
    }

    /// What a form of a page of the console sends.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = |(name, value): &(&str, &str)| format!("{name}={}", html::encoded(value));
        let body: Vec<String> = fields.iter().map(encoded).collect();
        let mut request = self.request("POST", path, &body.join("&"));
        let headers = request.headers_mut();
        headers.insert("sec-fetch-site", "same-origin".parse().expect("a value"));
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().expect("a value"));
        self.send(request).await
    }

    /// The same, and the page that follows.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
        self.get(&answer.headers["location"]).await
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Request<Body> {
        let request = Request::builder().method(method).uri(path).header("host", HOST);
        let request = request.header("accept-language", self.language).extension(Peer(address("192.0.2.7")));
        let request = match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        request.body(Body::from(body.to_owned())).expect("a request")
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = router(Arc::clone(&self.console)).call(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let headers = parts.headers.iter();
        let text = |value: &axum::http::HeaderValue| value.to_str().expect("text").to_owned();
        Answer {
            status: parts.status,
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: String::from_utf8(body.to_vec()).expect("UTF-8"),
        }
    }

    /// The document as it is now.
    fn document(&self) -> Value {
        let text = fs::read(self.directory.path().join("usage-plans.json")).expect("a file");
        serde_json::from_slice(&text).expect("JSON")
    }
}

// === impl Answer ===

impl Answer {
    /// The cookie of the session that begins.
    fn session(&self) -> String {
        let cookie = &self.headers["set-cookie"];
        for attribute in ["; HttpOnly", "; SameSite=Strict", "; Path=/console"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        cookie.split(';').next().expect("a cookie").to_owned()
    }

    #[track_caller]
    fn says(&self, text: &str) {
        assert!(self.body.contains(text), "{} does not say {text:?}: {}", self.status, self.body);
    }

    #[track_caller]
    fn never_says(&self, text: &str) {
        assert!(!self.body.contains(text), "it says {text:?}: {}", self.body);
    }
}

fn address(text: &str) -> SocketAddr {
    SocketAddr::new(text.parse().expect("an address"), 50_000)
}
