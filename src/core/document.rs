//! The document as an operator writes it: plain values. Each object is checked alone; references between
//! objects are not followed.
//!
//! Each object has one file: its type, its words, its reader and rules, its writer, and its part of the JSON
//! Schema. Units, defaults and meaning of every field are in `docs/document.md`. References are followed in
//! [`lookup`](crate::lookup).

mod api;
mod digest;
pub mod errors;
mod json;
mod key;
pub mod names;
mod on_engine_down;
mod options;
mod quota;
mod reader;
mod repeated;
mod reset;
pub mod rules;
mod schema;
mod secret;
mod service;
mod usage_plan;
mod words;
mod writer;

use serde_json::{Value, json};

pub use self::api::{Api, is_pattern};
pub use self::digest::Digest;
pub use self::errors::{Error, Errors};
pub(crate) use self::errors::{Path, Report};
use self::json::Json;
pub use self::key::{
    KEY_STATUS, Key, KeyStatus, PREVIOUS_SECRET, PreviousSecret, SECRET, SECRET_MEMBERS, SecretSource,
    Validity,
};
pub use self::on_engine_down::{OnEngineDown, QuotaDown, RateDown};
pub use self::options::{
    Algorithm, AuthStatus, CountedBy, DateHeader, EngineKind, ErrorFormat, Fleet, IdentityHeader,
    IdentityHeaders, Options, RateLimitHeaders, is_usage_path,
};
pub use self::quota::{Period, Quota, UtcOffset};
use self::reader::Node;
pub(crate) use self::repeated::repeated;
pub use self::reset::Reset;
use self::schema::{array, described, object, with};
pub use self::secret::Secret;
pub use self::service::{AUTHENTICATION, Authentication, PathMapping, Service, is_domain, is_mapping};
pub use self::usage_plan::{CounterPer, ENFORCEMENT, Enforcement, EnvironmentRef, UsagePlan};
pub use self::words::{Words, word};
pub use self::writer::Members;
use crate::sentence::Sentence;

/// The whole document: services, keys, usage plans and options.
#[derive(Debug, Default)]
pub struct Document {
    /// The published services.
    pub services: Vec<Service>,
    /// The callers' key pairs.
    pub keys: Vec<Key>,
    /// The plans that allow keys to call environments, and limit their requests.
    pub usage_plans: Vec<UsagePlan>,
    /// The settings that hold for the whole document.
    pub options: Options,
}

// === impl Document ===

impl Document {
    /// Reads the whole document. A value that breaks a rule is reported and replaced by its default, so that
    /// reading goes on. There can be many keys, so `take_key` receives each as soon as it is read, and the
    /// result has none.
    ///
    /// # Errors
    ///
    /// The text is not JSON. Then `take_key` may have received keys, and nothing is in the report.
    pub(crate) fn read(text: &[u8], report: &Report, take_key: &mut dyn FnMut(Key)) -> Result<Self, Errors> {
        let (of_keys, mut count) = (Report::default(), 0_usize);
        let list = Path::Root.member("keys");
        let json = Json::parse_taking(text, "keys", &mut |json| {
            take_key(Key::read(Node::item(&json, list, count, &of_keys)));
            count = count.saturating_add(1);
        })
        .map_err(|error| Errors::one(Path::Root, not_json(text, &error)))?;
        Ok(Node::root(&json, report).object(|fields| {
            // Editors read it. It is checked to be a string, and not used.
            let _ = fields.optional("$schema").and_then(|node| node.string());
            Self {
                services: fields.list("services", Service::read),
                keys: {
                    let none = fields.list("keys", Key::read);
                    report.append(of_keys);
                    none
                },
                usage_plans: fields.list("usage_plans", UsagePlan::read),
                options: fields.optional("options").map(Options::read).unwrap_or_default(),
            }
        }))
    }

    /// The JSON Schema (draft 2020-12) of documents, for editors. Its numbers, words, defaults and rules for
    /// names are the constants that the reader checks with.
    pub fn schema() -> Value {
        let document = object(
            &[],
            [
                (
                    "$schema",
                    described(
                        json!({"type": "string"}),
                        "Where this schema is, for editors; the filter ignores it",
                    ),
                ),
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

    /// The first service with that id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The first key with that `secret_id`.
    pub fn key(&self, secret_id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.secret_id == secret_id)
    }

    /// The first usage plan with that id.
    pub fn usage_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.usage_plans.iter().find(|plan| plan.id == id)
    }
}

/// The message for a `text` that is not JSON. Contrary to its documentation, Envoy passes a
/// `google.protobuf.Struct` as binary protobuf. It begins with 0x0A, which JSON may also do, but contains
/// control characters, which JSON never does.
fn not_json(text: &[u8], error: &serde_json::Error) -> Sentence {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    match text {
        [] => rules::NO_TEXT.into(),
        [0x0a, rest @ ..] if !rest.iter().all(is_text) => rules::PROTOBUF.into(),
        _ => {
            let (line, column) = (error.line(), error.column());
            let message = error.to_string();
            let why = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
            rules::NOT_JSON.put(why).put(line).put(column)
        }
    }
}

#[cfg(test)]
mod tests;
