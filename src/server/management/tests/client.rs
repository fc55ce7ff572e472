//! A client that signs as the SDKs do, and can sign wrongly.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use usage_plan_core::document::{Document, UsagePlan};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::file::DocumentFile;

use super::super::api::{Held, now};
use super::super::signature::hex;
use super::super::wire::Call;
use super::super::{Management, Options};
use crate::desk::Desk;
use crate::operators::Operators;
use crate::publishing::Publishing;
use crate::used::Used;

pub(super) const ADA: (&str, &str) = ("ada", "ada-secret-key-0001");
pub(super) const EVE: (&str, &str) = ("eve", "eve-secret-key-0001");

/// An API, and the directory of its files.
pub(super) struct World {
    pub(super) api: Arc<Management>,
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) directory: tempfile::TempDir,
}

/// A request to be signed.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) operator: (&'static str, &'static str),
    pub(super) action: String,
    pub(super) version: &'static str,
    pub(super) method: Method,
    pub(super) query: String,
    pub(super) body: String,
    pub(super) content_type: &'static str,
    /// The header `Host`, and the host that is signed.
    pub(super) host: &'static str,
    pub(super) signed_host: &'static str,
    pub(super) service: &'static str,
    pub(super) signed: &'static str,
    /// The value of `x-tc-action` that is signed.
    pub(super) signed_action: Option<String>,
    /// Seconds from the present time.
    pub(super) shift: i64,
    pub(super) date: Option<&'static str>,
    pub(super) more: Vec<(&'static str, &'static str)>,
}

/// Twelve requests of each plan were admitted.
#[derive(Debug)]
struct Twelve;

impl Used for Twelve {
    fn of(&self, _: &UsagePlan, _: &Document) -> Option<u64> {
        Some(12)
    }
}

// === impl World ===

impl World {
    /// An API of a document.
    pub(super) fn new(document: &Value) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        std::fs::write(&path, document.to_string()).expect("a file");
        let operator = |(id, key), role| json!({"secret_id": id, "secret_key": key, "role": role});
        let operators = json!({"operators": [operator(ADA, "admin"), operator(EVE, "viewer")]});
        let credentials = directory.path().join("operators.json");
        std::fs::write(&credentials, operators.to_string()).expect("a file");
        let operators = Operators::open(credentials).expect("operators");
        let desk = Arc::new(Desk::new(DocumentFile::new(path), Publishing::nowhere()));
        let api =
            Management::new(desk, Arc::new(operators), Arc::default(), Arc::new(Twelve), Options::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { api: Arc::new(api), directory, runtime }
    }

    /// The document as it is in the file.
    pub(super) fn document(&self) -> Value {
        let text = std::fs::read(self.directory.path().join("usage-plans.json")).expect("a file");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// The record as it is in the file.
    pub(super) fn record(&self) -> Value {
        let text = std::fs::read(self.directory.path().join("usage-plans.json.record.json")).expect("a file");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// What is answered to a call, or the code of the error.
    pub(super) fn ask(&self, call: &Call) -> Result<Value, &'static str> {
        self.hold(call).answer.map(Value::Object).map_err(|failure| failure.code)
    }

    pub(super) fn hold(&self, call: &Call) -> Held {
        self.runtime.block_on(self.api.answer(call))
    }

    /// Calls an action as ada; the answer, or the code of the error.
    pub(super) fn call(&self, action: &str, parameters: &Value) -> Result<Value, &'static str> {
        // Another second for each request, so that none has the signature of one before it.
        let shift = NEXT.with(|next| {
            next.set(next.get() + 1);
            next.get()
        });
        let signer = Signer { shift: shift - 290, ..Signer::new(action, parameters) };
        self.ask(&signer.sign())
    }

    /// The result of an action that must succeed.
    pub(super) fn result(&self, action: &str, parameters: &Value) -> Value {
        let answer = self.call(action, parameters);
        answer.unwrap_or_else(|code| panic!("{action}: {code}"))["Result"].clone()
    }

    /// The code of an action that must fail.
    pub(super) fn code(&self, action: &str, parameters: &Value) -> &'static str {
        self.call(action, parameters).expect_err(action)
    }
}

thread_local! {
    static NEXT: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

// === impl Signer ===

impl Signer {
    pub(super) fn new(action: &str, parameters: &Value) -> Self {
        Self {
            operator: ADA,
            action: action.to_owned(),
            version: "2018-08-08",
            method: Method::POST,
            query: String::new(),
            body: parameters.to_string(),
            content_type: "application/json",
            host: "127.0.0.1:8088",
            signed_host: "127.0.0.1:8088",
            service: "apigateway",
            signed: "content-type;host",
            signed_action: None,
            shift: 0,
            date: None,
            more: Vec::new(),
        }
    }

    pub(super) fn sign(&self) -> Call {
        let time = now().as_secs().saturating_add_signed(self.shift);
        let date = Timestamp::from_nanos(time * 1_000_000_000).to_rfc3339();
        let date = self.date.unwrap_or(&date[..10]);
        let values = |name: &str| match name {
            "host" => self.signed_host.to_owned(),
            "content-type" => self.content_type.to_owned(),
            "x-tc-action" => self.signed_action.clone().unwrap_or(self.action.clone()),
            name => panic!("{name}"),
        };
        let headers: String =
            self.signed.split(';').map(|name| format!("{name}:{}\n", values(name))).collect();
        let payload = if self.method == Method::GET { "" } else { &self.body };
        let hash = |text: &str| hex(&Sha256::digest(text));
        let canonical = [self.method.as_str(), "/", &self.query, &headers, self.signed, &hash(payload)];
        let scope = format!("{date}/{}/tc3_request", self.service);
        let to_sign = ["TC3-HMAC-SHA256", &time.to_string(), &scope, &hash(&canonical.join("\n"))].join("\n");
        let mac = |key: &[u8], text: &str| {
            let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key").chain_update(text);
            mac.finalize().into_bytes().to_vec()
        };
        let key = mac(format!("TC3{}", self.operator.1).as_bytes(), date);
        let signature = hex(&mac(&mac(&mac(&key, self.service), "tc3_request"), &to_sign));
        let authorization = format!(
            "TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            self.operator.0, self.signed
        );
        let mut headers = HeaderMap::new();
        let time = time.to_string();
        let sent = [
            ("host", self.host),
            ("content-type", self.content_type),
            ("authorization", &authorization),
            ("x-tc-action", &self.action),
            ("x-tc-version", self.version),
            ("x-tc-timestamp", &time),
        ];
        for (name, value) in sent.into_iter().chain(self.more.iter().copied()) {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            headers.insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        let from = "127.0.0.1".parse().expect("an address");
        let (method, query) = (self.method.clone(), self.query.clone());
        Call { method, query, headers, body: Bytes::from(self.body.clone()), from }
    }
}

/// A document with a service, a key and a plan, of which nothing is bound.
pub(super) fn small() -> Value {
    json!({
        "services": [{"id": "service-a", "name": "orders", "domains": ["orders.example.com"],
                      "environments": ["release"], "created_at": "2026-01-01T00:00:00Z"}],
        "keys": [{"name": "acme", "secret_id": "AKIDacme01", "secret_key": "acme-secret-key-1",
                  "created_at": "2026-01-02T00:00:00Z"}],
        "usage_plans": [{"id": "usagePlan-a", "name": "gold", "max_requests_per_second": 5,
                         "quotas": [{"max_requests": 9, "period": "day"}]},
                        {"id": "usagePlan-b", "name": "silver"}],
    })
}
