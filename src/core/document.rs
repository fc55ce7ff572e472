//! The document as an operator writes it: plain values, each object within its own rules, references not
//! followed.
//!
//! Each object has one file: its type, its words, its reader and rules, its writer, and its part of the JSON
//! Schema. Units, defaults and meaning of every field are in `docs/document.md`. What follows references is
//! in [`lookup`](crate::lookup).

mod api;
pub mod errors;
mod json;
mod key;
pub mod names;
mod options;
mod quota;
mod reader;
mod schema;
mod secret;
mod service;
mod usage_plan;
mod words;
mod writer;

use serde_json::{Value, json};

pub use self::api::{Api, is_pattern};
pub use self::errors::{Error, Errors};
pub(crate) use self::errors::{Path, Report};
use self::json::Json;
pub use self::key::{KEY_STATUS, Key, KeyStatus, PreviousSecret, SECRET_MEMBERS, SecretSource, Validity};
pub use self::options::{Algorithm, AuthStatus, DateHeader, ErrorFormat, Options, RateLimitHeaders};
pub use self::quota::{Period, Quota, UtcOffset};
use self::reader::Node;
use self::schema::{array, described, object, with};
pub use self::secret::Secret;
pub use self::service::{AUTHENTICATION, Authentication, PathMapping, Service, is_domain, is_mapping};
pub use self::usage_plan::{CounterPer, ENFORCEMENT, Enforcement, EnvironmentRef, UsagePlan};
pub use self::words::{Words, word};
pub use self::writer::Members;

/// The whole state: services, keys, usage plans and options.
#[derive(Debug, Default)]
pub struct Document {
    /// The published APIs.
    pub services: Vec<Service>,
    /// The callers' key pairs.
    pub keys: Vec<Key>,
    /// What the keys may call, and how much of it.
    pub usage_plans: Vec<UsagePlan>,
    /// The settings that hold for the whole document.
    pub options: Options,
}

// === impl Document ===

impl Document {
    /// Reads the whole document. A value that breaks a rule is reported and replaced by a harmless one.
    pub(crate) fn read(text: &[u8], report: &Report) -> Self {
        let json = match Json::parse(text) {
            Ok(json) => json,
            Err(error) => {
                report.add(Path::Root, not_json(text, &error));
                return Self::default();
            }
        };
        Node::root(&json, report).object(|fields| Self {
            services: fields.list("services", Service::read),
            keys: fields.list("keys", Key::read),
            usage_plans: fields.list("usage_plans", UsagePlan::read),
            options: fields.optional("options").map(Options::read).unwrap_or_default(),
        })
    }

    /// The JSON Schema (draft 2020-12) of documents, for editors. Numbers, words, defaults and names' rules
    /// are the reader's own.
    pub fn schema() -> Value {
        let document = object(
            &[],
            [
                ("services", described(array(Service::schema()), "The published APIs")),
                ("keys", described(array(Key::schema()), "The callers' key pairs")),
                (
                    "usage_plans",
                    described(array(UsagePlan::schema()), "What the keys may call, and how much of it"),
                ),
                ("options", described(Options::schema(), "The settings that hold for the whole document")),
            ],
        );
        let head = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Usage plans for Envoy",
            "description": "Services, keys and usage plans, as the envoy-usage-plan filter reads them",
        });
        with(head, document)
    }

    /// The service with that id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The key with that `secret_id`.
    pub fn key(&self, secret_id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.secret_id == secret_id)
    }

    /// The usage plan with that id.
    pub fn usage_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.usage_plans.iter().find(|plan| plan.id == id)
    }
}

/// Why `text` cannot be read. Envoy hands a `google.protobuf.Struct` over as binary protobuf, against its
/// documentation: that begins with 0x0A, as JSON may, but has bytes that no text has.
fn not_json(text: &[u8], error: &serde_json::Error) -> String {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    match text {
        [] => "the configuration is empty: it must be a JSON document".to_owned(),
        [0x0a, rest @ ..] if !rest.iter().all(is_text) => {
            "must be JSON, and is binary protobuf: give the document as a google.protobuf.StringValue, \
             not as a google.protobuf.Struct"
                .to_owned()
        }
        _ => format!("must be JSON: {error}"),
    }
}

#[cfg(test)]
mod pattern_tests;
