//! What is left of a key's limits, asked of a gateway as the key's caller would ask it
//! (`docs/rules.md#usage`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;
use usage_plan_core::auth::DateName;
use usage_plan_core::document::{EnvironmentRef, Service};
use usage_plan_core::lookup::Config;
use usage_plan_core::sentence::Sentence;
use usage_plan_core::telemetry::Outcome;
use usage_plan_core::timestamp::Timestamp;

use crate::draft::{KEYS, Named, SERVICES};
use crate::secrets::LocalDocument;
use crate::sign::{self, HeaderField, KeyPair, Options, Request, Url, sign};

/// A limit on an answer's length, in bytes: more than the limits of any plan take.
const MAX_ANSWER: u64 = 1 << 20;

/// The value of headers that a service requires to be signed, and of which it does not say what they hold.
const REQUIRED_VALUE: &str = "usage-plan";

/// Where a gateway serves callers: `http://HOST:PORT`.
#[derive(Clone, Debug)]
pub struct Gateway(Url);

/// Whose limits are asked for, of which gateway.
#[derive(Debug)]
pub struct Question<'a> {
    /// The key's id or name.
    pub key: &'a str,
    /// The service's id or name; needed if the key can call several.
    pub service: Option<&'a str>,
    /// The environment; needed if the key can call several.
    pub environment: Option<&'a str>,
    /// The gateway.
    pub gateway: &'a Gateway,
}

/// An environment of a service, by the service's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The service's id.
    pub service: String,
    /// The environment.
    pub environment: String,
}

/// Why nothing can be shown.
#[derive(Debug)]
pub enum Error {
    /// The document has no `options.usage_path`.
    NoUsagePath,
    /// The key is on no plan that is bound to what was asked for.
    NoPlan {
        /// The key.
        key: Named,
        /// What it can call.
        others: Vec<Target>,
    },
    /// The key can call several: one of them has to be chosen.
    Several(Vec<Target>),
    /// The service does not show it.
    Hidden(Target),
    /// No host and path lead to the environment.
    NoAddress(Target),
    /// The key cannot sign.
    Sign(sign::Error),
    /// The gateway does not answer: the HTTP client's message.
    NoAnswer(String),
    /// The gateway answers something else.
    Other(Refused),
}

/// An answer that is not what was asked for.
#[derive(Debug)]
pub struct Refused {
    /// The answer's status.
    pub status: u16,
    /// What it says, if it is a refusal of the filter.
    pub message: Option<String>,
    /// When to ask again, in seconds.
    pub retry_after: Option<u64>,
    /// Why the filter would refuse the request if it had the document that is here.
    pub here: Option<Outcome>,
}

/// The result of asking.
pub type Result<T> = std::result::Result<T, Error>;

/// Asks the gateway at the time `now`, and returns the JSON with which the filter answers.
///
/// # Errors
///
/// See [`Error`].
pub fn ask(
    local: &LocalDocument,
    question: &Question<'_>,
    now: Timestamp,
    timeout: Duration,
) -> Result<Value> {
    let usage_path = local.config().options().usage_path.as_deref().ok_or(Error::NoUsagePath)?;
    let (service, environment) = target(local, question)?;
    let no_address = || Error::NoAddress(Target::new(service, environment));
    let (host, url) =
        address(local.config(), service, environment, question.gateway, usage_path).ok_or_else(no_address)?;
    let request = Request::new("GET", url, headers(service, &host))?;
    let key_pair = KeyPair::of(local, question.key)?;
    let signed = sign(request, key_pair, Options::default(), Some(local.config()), now)?;
    // The gateway is asked itself: neither a proxy nor what it redirects to may see the signature.
    let config = Agent::config_builder().proxy(None).max_redirects(0);
    let config = config.timeout_global(Some(timeout)).http_status_as_error(false).build();
    let mut call = config.new_agent().get(signed.url.to_string());
    for HeaderField { name, value } in &signed.headers {
        call = call.header(name, value);
    }
    let mut response = call.call()?;
    let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if response.status() == 200 && answer["usage_plan"].is_object() && answer["limits"].is_array() {
        return Ok(answer);
    }
    Err(Error::Other(Refused::of(&response, &answer, signed.refusal)))
}

/// The one environment that the key can call, and that the question may mean.
fn target<'l>(local: &'l LocalDocument, question: &Question<'_>) -> Result<(&'l Service, &'l str)> {
    let document = local.document();
    let key = local.draft().resolve(KEYS, question.key).map_err(sign::Error::from)?;
    let service = question.service.map(|service| local.draft().resolve(SERVICES, service)).transpose();
    let service = service.map_err(sign::Error::from)?;
    let plans = document.usage_plans.iter().filter(|plan| plan.keys.contains(&key.id));
    let callable: Vec<(&Service, &str)> = plans
        .flat_map(|plan| &plan.environments)
        .filter_map(|EnvironmentRef { service, environment }| {
            Some((document.service(service)?, environment.as_str()))
        })
        .collect();
    let is_meant = |(candidate, environment): &&(&Service, &str)| {
        service.as_ref().is_none_or(|service| service.id == candidate.id)
            && question.environment.is_none_or(|name| name == *environment)
    };
    let targets = |found: &[(&Service, &str)]| found.iter().map(|(a, b)| Target::new(a, b)).collect();
    let meant: Vec<_> = callable.iter().filter(is_meant).copied().collect();
    let shown: Vec<_> = meant.iter().filter(|(service, _)| service.show_usage).copied().collect();
    match (&shown[..], &meant[..]) {
        ([one], _) => Ok(*one),
        ([], []) => Err(Error::NoPlan { key, others: targets(&callable) }),
        ([], [(service, environment), ..]) => Err(Error::Hidden(Target::new(service, environment))),
        (several, _) => Err(Error::Several(targets(several))),
    }
}

/// A host and a URL with which a request to `usage_path` reaches the environment.
fn address(
    config: &Config,
    service: &Service,
    environment: &str,
    gateway: &Gateway,
    usage_path: &str,
) -> Option<(String, Url)> {
    let prefixes = prefixes(service, environment);
    let hosts = hosts(service, gateway);
    let candidates = hosts.iter().flat_map(|host| prefixes.iter().map(move |prefix| (host, prefix)));
    let reaches = |(host, prefix): &(&String, &String)| {
        let path = format!("{prefix}{usage_path}");
        config.route(host.as_bytes(), path.as_bytes()).is_ok_and(|route| {
            config.service(route.service).id() == service.id
                && config.environment(route.environment).name() == environment
                && route.prefix_len == prefix.len()
        })
    };
    let (host, prefix) = { candidates }.find(reaches)?;
    let url = gateway.0.with_path(&format!("{prefix}{usage_path}")).ok()?;
    Some((host.clone(), url))
}

/// Hosts on which the service may answer; another service may have some of them.
fn hosts(service: &Service, gateway: &Gateway) -> Vec<String> {
    let own = [gateway.0.authority().to_owned()];
    let domains = service.domains.iter().map(|domain| match domain.strip_prefix('*') {
        None => domain.clone(),
        Some(suffix) => format!("usage{suffix}"),
    });
    own.into_iter().chain(domains).collect()
}

/// What may name the environment at the beginning of a path; a longer one of another environment may hide it.
fn prefixes(service: &Service, environment: &str) -> Vec<String> {
    let mappings = service.path_mappings.iter().filter(|mapping| mapping.environment == environment);
    let mapped = mappings.map(|mapping| mapping.path.trim_end_matches('/').to_owned());
    let named = service.path_mappings.is_empty().then(|| format!("/{environment}"));
    let is_default = service.default_environment.as_deref() == Some(environment);
    mapped.chain(named).chain(is_default.then(String::new)).collect()
}

/// `Host`, and what else the service requires to be signed. Signing adds the dates.
fn headers(service: &Service, host: &str) -> Vec<HeaderField> {
    let field = |name: &str, value: &str| HeaderField { name: name.to_owned(), value: value.to_owned() };
    let is_added = |name: &str| name == "host" || DateName::ALL.iter().any(|date| date.name() == name);
    let required = service.required_signed_headers.iter().filter(|name| !is_added(name));
    let required = required.map(|name| field(name, REQUIRED_VALUE));
    [field("Host", host)].into_iter().chain(required).collect()
}

// === impl Gateway ===

impl FromStr for Gateway {
    type Err = String;

    /// Reads `http://HOST:PORT`, or `HOST:PORT`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let url = if text.contains("://") { text.parse() } else { format!("http://{text}").parse() };
        let url: Url = url.map_err(|error: Sentence| error.to_string())?;
        match (url.scheme(), url.path()) {
            ("http", "/") => Ok(Self(url)),
            ("http", _) => Err("must be without a path, because the document says which one is asked".into()),
            _ => Err("must begin with http://: TLS is not spoken here".to_owned()),
        }
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.authority())
    }
}

// === impl Target ===

impl Target {
    fn new(service: &Service, environment: &str) -> Self {
        Self { service: service.id.clone(), environment: environment.to_owned() }
    }
}

// === impl Refused ===

impl Refused {
    fn of<B>(response: &Response<B>, answer: &Value, here: Option<Outcome>) -> Self {
        let message = answer.get("message").or(answer.get("detail")).and_then(Value::as_str);
        let retry_after =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        Self { status: response.status().as_u16(), message: message.map(str::to_owned), retry_after, here }
    }
}

// === impl Error ===

impl From<sign::Error> for Error {
    fn from(error: sign::Error) -> Self {
        Self::Sign(error)
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Self {
        Self::NoAnswer(error.to_string())
    }
}

#[cfg(test)]
mod tests;
