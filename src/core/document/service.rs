//! `services`: the published services, with their hosts and environments.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::names;
use super::reader::Node;
use super::rules;
use super::schema::{
    array, choice, described, name, not_empty, object, patterns, reference, timestamp, with, with_default,
};
use super::words::{Words, word};
use super::writer::{Members, Writer};
use crate::host::canonical_domain;
use crate::path::{decoded, has_dot_segment, is_spelled_otherwise};
use crate::timestamp::Timestamp;

/// The environments of a service that lists none.
const ENVIRONMENTS: [&str; 3] = ["release", "prepub", "test"];

/// The words for `authentication`.
pub const AUTHENTICATION: Words<Authentication, 2> =
    [("key_pair", Authentication::KeyPair), ("none", Authentication::None)];

/// A published service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The service's id. It is unique among services.
    pub id: String,
    /// A label that people read. It has no effect on requests.
    pub name: String,
    /// The hosts that the service answers on: exact, `*.suffix` or `*`, in the spelling in which hosts are
    /// compared.
    pub domains: Vec<String>,
    /// The names of the environments in which the service is published. Without any, no path reaches it.
    pub environments: Vec<String>,
    /// The environment of a path that names none; without it such a request is refused with 404.
    pub default_environment: Option<String>,
    /// Path prefixes that stand for environments. If the list is not empty, it replaces the prefix
    /// `/<environment>`.
    pub path_mappings: Vec<PathMapping>,
    /// Whether callers must sign.
    pub authentication: Authentication,
    /// The headers that a credential must sign besides a date, in lower case.
    pub required_signed_headers: Vec<String>,
    /// Whether the filter answers requests to `options.usage_path`.
    pub show_usage: bool,
    /// When the service was created. It has no effect on requests.
    pub created_at: Option<Timestamp>,
}

/// A path prefix that stands for an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathMapping {
    /// The prefix: `/`, or `/segment/…` without a slash at the end.
    pub path: String,
    /// The name of one of the service's environments.
    pub environment: String,
}

/// Whether the callers of a service must sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Every request must be signed with a key pair.
    #[default]
    KeyPair,
    /// A request without a credential passes. A credential that is present must still verify.
    None,
}

// === impl Service ===

impl Default for Service {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            domains: Vec::new(),
            environments: ENVIRONMENTS.map(str::to_owned).to_vec(),
            default_environment: None,
            path_mappings: Vec::new(),
            authentication: Authentication::default(),
            required_signed_headers: Vec::new(),
            show_usage: true,
            created_at: None,
        }
    }
}

impl Service {
    /// Whether any path names the environment, or the default one applies to some path
    /// (`docs/rules.md#routing`).
    pub fn is_reached(&self, environment: &str) -> bool {
        let is_root = |mapping: &PathMapping| mapping.path.trim_end_matches('/').is_empty();
        let names = |mapping: &PathMapping| mapping.environment == environment;
        // "/" matches every path, so that no path is left for the default.
        let has_default = !self.path_mappings.iter().any(is_root);
        let is_default = self.default_environment.as_deref() == Some(environment);
        self.path_mappings.is_empty() || self.path_mappings.iter().any(names) || (has_default && is_default)
    }

    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| Self {
            id: fields.required_name("id", &names::ID),
            name: fields.optional_name("name", &names::KEY_NAME),
            domains: fields.required("domains").map(domains).unwrap_or_default(),
            environments: fields
                .optional("environments")
                .map_or_else(|| Self::default().environments, environments),
            default_environment: fields.reference("default_environment"),
            path_mappings: fields.optional("path_mappings").map(path_mappings).unwrap_or_default(),
            authentication: fields.one_of("authentication", &AUTHENTICATION).unwrap_or_default(),
            required_signed_headers: fields
                .optional("required_signed_headers")
                .map(required_signed_headers)
                .unwrap_or_default(),
            show_usage: fields.flag("show_usage", true),
            created_at: fields.timestamp("created_at"),
        })
    }

    /// The service as a JSON object of the document.
    pub fn to_json(&self) -> Members {
        let default = Self::default();
        // An empty list is no default: the service is published nowhere.
        let environments = (self.environments != default.environments).then(|| self.environments.clone());
        let is_open = self.authentication != default.authentication;
        let string = |value: &String| value.as_str().into();
        let mapping = |mapping: &PathMapping| {
            Writer::default()
                .member("path", mapping.path.as_str())
                .member("environment", mapping.environment.as_str())
                .finish()
                .into()
        };
        Writer::default()
            .member("id", self.id.as_str())
            .string("name", &self.name)
            .list("domains", &self.domains, string)
            .optional("environments", environments)
            .optional("default_environment", self.default_environment.as_deref())
            .list("path_mappings", &self.path_mappings, mapping)
            .optional("authentication", is_open.then(|| word(&AUTHENTICATION, self.authentication)))
            .list("required_signed_headers", &self.required_signed_headers, string)
            .optional("show_usage", (!self.show_usage).then_some(false))
            .optional("created_at", self.created_at.map(Timestamp::to_rfc3339))
            .finish()
    }

    pub(super) fn schema() -> Value {
        let domain = json!({"type": "string", "pattern": patterns::domain()});
        let unique = json!({"uniqueItems": true});
        let environments = with(array(name(&names::ENVIRONMENT)), unique.clone());
        object(
            &["id", "domains"],
            [
                ("id", described(name(&names::ID), "Unique among services")),
                ("name", described(name(&names::KEY_NAME), "For people")),
                (
                    "domains",
                    described(
                        with(not_empty(array(domain)), unique.clone()),
                        "Exact hosts, *.suffix or *; a request's port is ignored",
                    ),
                ),
                (
                    "environments",
                    described(
                        with_default(environments, ENVIRONMENTS),
                        "Where the service is published; an empty list: nowhere",
                    ),
                ),
                (
                    "default_environment",
                    described(
                        reference(),
                        "The environment of a path that names none; without it such a request is 404",
                    ),
                ),
                (
                    "path_mappings",
                    described(
                        array(PathMapping::schema()),
                        "Paths that stand for environments, instead of /<environment>; the longest that matches wins",
                    ),
                ),
                (
                    "authentication",
                    described(
                        choice(&AUTHENTICATION),
                        "none: a call without a credential passes; a credential that is present must still verify",
                    ),
                ),
                (
                    "required_signed_headers",
                    described(
                        with(array(name(&names::HEADER_NAME)), unique),
                        "The headers that callers must sign besides a date, in lower case; host is the authority",
                    ),
                ),
                (
                    "show_usage",
                    described(
                        with_default(json!({"type": "boolean"}), true),
                        "false: options.usage_path is a path like any other here",
                    ),
                ),
                ("created_at", described(timestamp(), "When the service was created, for people")),
            ],
        )
    }
}

// === impl PathMapping ===

impl PathMapping {
    fn read(node: Node<'_>) -> Self {
        let path = |node: Node<'_>| node.text(is_mapping, rules::MAPPING.into());
        node.object(|fields| Self {
            path: fields.required("path").and_then(path).unwrap_or_default(),
            environment: fields.required("environment").and_then(|node| node.reference()).unwrap_or_default(),
        })
    }

    fn schema() -> Value {
        let path = json!({"type": "string", "pattern": patterns::mapping()});
        object(
            &["path", "environment"],
            [
                ("path", described(path, "/ or /segment/..., whole segments")),
                ("environment", described(reference(), "One of the service's environments")),
            ],
        )
    }
}

fn domains(node: Node<'_>) -> Vec<String> {
    let canonical = |text: String| canonical_domain(&text).unwrap_or_default();
    let domain =
        |item: Node<'_>| item.text(is_domain, rules::DOMAIN.into()).map(canonical).unwrap_or_default();
    node.not_empty(node.items(domain))
}

fn environments(node: Node<'_>) -> Vec<String> {
    let environments = node.items(|item| item.name(&names::ENVIRONMENT).unwrap_or_default());
    let environments = environments.unwrap_or_default();
    node.unique(&environments, |first| rules::ITEM_TOO.put("environments").put(first));
    environments
}

fn path_mappings(node: Node<'_>) -> Vec<PathMapping> {
    let mappings = node.items(PathMapping::read).unwrap_or_default();
    let paths: Vec<Cow<'_, [u8]>> = mappings.iter().map(|mapping| decoded(mapping.path.as_bytes())).collect();
    node.unique_members(&paths, "path", |first| rules::MAPPED_TOO.put(first));
    mappings
}

fn required_signed_headers(node: Node<'_>) -> Vec<String> {
    let header = |item: Node<'_>| item.name(&names::HEADER_NAME).unwrap_or_default();
    let headers = node.items(header).unwrap_or_default();
    node.unique(&headers, |first| rules::ITEM_TOO.put("required_signed_headers").put(first));
    headers
}

/// Whether a request's host can match `domain`: a host without a port, `*.suffix` or `*`.
pub fn is_domain(domain: &str) -> bool {
    canonical_domain(domain).is_some()
}

/// Whether `path` can be mapped to an environment: it must be in normal form. Otherwise no request's path
/// would match it, or people could not tell which one does.
pub fn is_mapping(path: &str) -> bool {
    let Some(segments) = path.strip_prefix('/') else { return false };
    let is_normal = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\;\"".contains(&byte))
            && !is_spelled_otherwise(segment.as_bytes())
    };
    segments.is_empty() || (segments.split('/').all(is_normal) && !has_dot_segment(segments.as_bytes()))
}
