//! The operator's document, validated, indexed and immutable: what a request is looked up in.
//!
//! [`Config::parse`] reads text into a [`Document`] (each field with its own rule), then follows
//! its references and builds the indexes. Every broken rule is reported, with its place.

pub mod domains;
pub mod paths;
mod resolve;
mod usage_plan;

use hashbrown::HashMap;

use self::domains::Domains;
use self::paths::{Found, Paths};
pub use self::usage_plan::UsagePlan;
use crate::document::{
    Authentication, Document, Enforcement, Errors, Json, KeyStatus, Options, Path, Report, Secret, Validity,
    Value, decode,
};
use crate::timestamp::Timestamp;

/// A valid document, ready to be looked up in.
#[derive(Debug)]
pub struct Config {
    services: Vec<Service>,
    domains: Domains,
    keys: Vec<Key>,
    secret_ids: HashMap<Vec<u8>, usize>,
    usage_plans: Vec<UsagePlan>,
    options: Options,
}

/// A published API.
#[derive(Debug)]
pub struct Service {
    id: String,
    environments: Vec<Environment>,
    paths: Paths,
    authentication: Authentication,
    required_signed_headers: Vec<String>,
}

/// An environment of a service.
#[derive(Debug)]
pub struct Environment {
    name: String,
    /// Its place among the environments of all services.
    place: usize,
    /// Places in `Config::usage_plans`, ascending.
    usage_plans: Vec<usize>,
}

/// A caller's key pair.
#[derive(Debug)]
pub struct Key {
    name: String,
    secret_id: String,
    secret: Secret,
    /// The secret before it, and until when it verifies.
    previous: Option<(Secret, Timestamp)>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    status: KeyStatus,
    /// Places in `Config::usage_plans`, ascending.
    usage_plans: Vec<usize>,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'c> {
    /// The service that answers on the request's host.
    pub service: &'c Service,
    /// The environment that its path names.
    pub environment: &'c Environment,
    prefix_len: usize,
}

/// Why a request goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTarget<'r> {
    /// No service has the request's host among its domains.
    Service,
    /// The path names no environment; the segment that should have.
    Environment(&'r [u8]),
}

// === impl Config ===

impl Config {
    /// Reads and validates a document. `variable` looks up the VM's environment, for `secret_key_env`.
    ///
    /// # Errors
    ///
    /// Every rule that the document breaks, each with its place.
    pub fn parse(text: &[u8], variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Errors> {
        read(text, variable).map(|(_, config)| config)
    }

    /// What holds everywhere.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The service that answers on `authority` and the environment of it that `path` names.
    ///
    /// # Errors
    ///
    /// Which of the two there is not.
    pub fn target<'r>(&self, authority: &[u8], path: &'r [u8]) -> Result<Target<'_>, NoTarget<'r>> {
        let service = self.domains.find(authority).and_then(|service| self.services.get(service));
        let service = service.ok_or(NoTarget::Service)?;
        let found = service.paths.find(path).and_then(|Found { environment, prefix_len }| {
            let environment = service.environments.get(environment)?;
            Some(Target { service, environment, prefix_len })
        });
        found.ok_or_else(|| NoTarget::Environment(paths::first_segment(path)))
    }

    /// Every key, in the document's order.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The place of the key with that `secret_id` among [`keys`](Self::keys).
    pub fn find_key(&self, secret_id: &[u8]) -> Option<usize> {
        self.secret_ids.get(secret_id).copied()
    }

    /// Every usage plan, in the document's order.
    pub fn usage_plans(&self) -> &[UsagePlan] {
        &self.usage_plans
    }

    /// Whether what exceeds `plan` is let through, and only counted.
    pub fn observes(&self, plan: &UsagePlan) -> bool {
        [self.options.enforcement, plan.enforcement()].contains(&Enforcement::Observe)
    }

    /// The service that answers on `authority`, and the one of its domains that says so, in lower case.
    pub fn service_on(&self, authority: &[u8]) -> Option<(&Service, String)> {
        let service = self.services.get(self.domains.find(authority)?)?;
        Some((service, self.domains.matching(authority)?))
    }

    /// The place of the one plan that `key` has in `environment` among [`usage_plans`](Self::usage_plans).
    pub fn find_usage_plan(&self, key: &Key, environment: &Environment) -> Option<usize> {
        let (few, many) = match key.usage_plans.len() < environment.usage_plans.len() {
            true => (&key.usage_plans, &environment.usage_plans),
            false => (&environment.usage_plans, &key.usage_plans),
        };
        few.iter().copied().find(|plan| many.binary_search(plan).is_ok())
    }
}

/// As [`Config::parse`], with the document as it was written.
///
/// # Errors
///
/// As [`Config::parse`].
pub fn read(text: &[u8], variable: &dyn Fn(&str) -> Option<String>) -> Result<(Document, Config), Errors> {
    let report = Report::default();
    let document = match Json::parse(text) {
        Ok(json) => decode::document(Value::root(&json, &report)),
        Err(error) => {
            report.add(Path::Root, not_json(text, &error));
            Document::default()
        }
    };
    let config = resolve::config(&document, variable, report)?;
    Ok((document, config))
}

/// Why `text` cannot be read. Envoy hands a `google.protobuf.Struct` over as binary protobuf, against its documentation:
/// it begins with 0x0A, as JSON may, but has bytes that no text has.
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

// === impl Service ===

impl Service {
    /// Unique among services.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How its callers are known.
    pub fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// What a credential must sign besides a date, in lower case.
    pub fn required_signed_headers(&self) -> &[String] {
        &self.required_signed_headers
    }
}

// === impl Environment ===

impl Environment {
    /// Unique within its service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its place among the environments of all services.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Whether any plan is bound to it.
    pub fn has_usage_plans(&self) -> bool {
        !self.usage_plans.is_empty()
    }
}

// === impl Key ===

impl Key {
    /// Unique among keys; callers send it.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    /// What callers sign with.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether callers signed with another secret before.
    pub fn has_previous_secret(&self) -> bool {
        self.previous.is_some()
    }

    /// What callers signed with before, if that still verifies at `now`.
    pub fn previous_secret_at(&self, now: Timestamp) -> Option<&Secret> {
        let previous = self.previous.as_ref();
        let verifies = |not_after| Validity::at(now, None, Some(not_after)) == Validity::Valid;
        previous.filter(|(_, not_after)| verifies(*not_after)).map(|(secret, _)| secret)
    }

    /// Whether the key is valid at `now`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        Validity::at(now, self.not_before, self.not_after) == Validity::Valid
    }

    /// Whether the key may be used.
    pub fn is_enabled(&self) -> bool {
        self.status == KeyStatus::Enabled
    }
}

// === impl Target ===

impl Target<'_> {
    /// How many bytes of the path name the environment; none where it is the default one, or the path `/` is mapped to it.
    pub fn prefix_len(&self) -> usize {
        self.prefix_len
    }

    /// What of `path` goes upstream when the prefix that named the environment does not; `None` when there is none.
    pub fn path_without_prefix(&self, path: &[u8]) -> Option<Vec<u8>> {
        (self.prefix_len > 0).then(|| paths::without_prefix(path, self.prefix_len))
    }
}

#[cfg(test)]
mod tests;
