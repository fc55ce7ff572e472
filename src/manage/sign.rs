//! Signs a request with a key pair, as its caller would.

mod curl;
mod error;
pub mod phrases;
mod request;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usage_plan_core::auth::DateName;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::auth::signed_names::SignedNames;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::document::{Algorithm, Secret, names};
use usage_plan_core::gate::{Gate, Step};
use usage_plan_core::lookup::{Config, Service};
use usage_plan_core::telemetry::Outcome;
use usage_plan_core::timestamp::Timestamp;

pub use self::error::Error;
pub use self::request::{HeaderField, Request, Url};
use crate::dates::http_date;
use crate::draft::KEYS;
use crate::secrets::LocalDocument;

/// What a caller signs with.
#[derive(Debug)]
pub struct KeyPair {
    secret_id: String,
    secret: Secret,
}

/// How to sign, where it differs from the default.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The names of the headers to sign, separated by spaces. By default `x-date`, what the service requires,
    /// and every header of the request.
    pub signed_headers: Option<String>,
    /// By default the first algorithm that the document allows, or `hmac-sha1` without a document.
    pub algorithm: Option<Algorithm>,
    /// The date to sign, by default the present time. It cannot be given with a request that has every signed
    /// date.
    pub date: Option<Timestamp>,
}

/// A signed request.
#[derive(Debug)]
pub struct Signed {
    /// The request's method.
    pub method: String,
    /// Where the request goes.
    pub url: Url,
    /// Whose key it is signed with.
    pub secret_id: String,
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// The string whose MAC is the signature.
    pub string_to_sign: Vec<u8>,
    /// The headers to send, in their order.
    pub headers: Vec<HeaderField>,
    /// Why the filter would refuse the request at the present time, in observe mode too. `None` if it would
    /// not, or if there is no document to tell by.
    pub refusal: Option<Outcome>,
}

// === impl KeyPair ===

impl KeyPair {
    /// The key pair of the key that `reference`, an id or a name, names in the document.
    ///
    /// # Errors
    ///
    /// If there is no such key or more than one, or if this process does not have its secret.
    pub fn of(local: &LocalDocument, reference: &str) -> Result<Self, Error> {
        let key = local.draft().resolve(KEYS, reference)?;
        let source = local.document().key(&key.id).and_then(|key| key.secret.as_ref());
        match source.map(|source| local.secret(source)) {
            Some(Ok(secret)) => Ok(Self { secret_id: key.id, secret }),
            Some(Err(missing)) => Err(Error::NoSecret { key, missing: Some(missing) }),
            None => Err(Error::NoSecret { key, missing: None }),
        }
    }

    /// A key pair that need not be in a document.
    ///
    /// # Errors
    ///
    /// If the id or the secret breaks its rule.
    pub fn new(secret_id: String, secret: Secret) -> Result<Self, Error> {
        if !names::SECRET_ID.accepts(&secret_id) {
            Err(Error::SecretId)
        } else if !names::SECRET_KEY.accepts(secret.expose()) {
            Err(Error::SecretKey)
        } else {
            Ok(Self { secret_id, secret })
        }
    }
}

// === impl Signed ===

impl Signed {
    /// A curl command for a POSIX shell that sends the request. It connects to `address` (`127.0.0.1:10000`,
    /// or
    /// `https://127.0.0.1:10443`) instead of the URL's host if one is given.
    pub fn curl(&self, address: Option<&str>) -> String {
        curl::command(&self.method, &self.url, &self.headers, address)
    }
}

/// Signs `request` at the time `now`. `config` is the document that the filter has, if that is known.
///
/// # Errors
///
/// If the string to sign cannot be built, or would have no date.
pub fn sign(
    mut request: Request,
    key_pair: KeyPair,
    options: Options,
    config: Option<&Config>,
    now: Timestamp,
) -> Result<Signed, Error> {
    let names = options.signed_headers.unwrap_or_else(|| default_names(config, &request));
    add_dates(&mut request, &names, options.date, now)?;
    let algorithm = options.algorithm.or_else(|| config?.options().allowed_algorithms.first().copied());
    let algorithm = algorithm.unwrap_or(Algorithm::HmacSha1);
    let signed_names = SignedNames::parse(names.as_bytes())?;
    let message = request
        .with_received(|received| string_to_sign(&signed_names, received.headers, Spelling::LowerCase))?;
    let signature = STANDARD.encode(mac(&key_pair.secret, algorithm, &message));
    let credential = format!(
        "hmac id=\"{}\", algorithm=\"{}\", headers=\"{names}\", signature=\"{signature}\"",
        key_pair.secret_id,
        algorithm.name()
    );
    request.add("Authorization", &credential);
    Ok(Signed {
        method: request.method().to_owned(),
        url: request.url().clone(),
        secret_id: key_pair.secret_id,
        algorithm,
        string_to_sign: message,
        refusal: config.and_then(|config| refusal(config, &request, now)),
        headers: request.into_headers_to_send(signed_names.contains("host")),
    })
}

/// `x-date`, what the service that the request goes to requires, and every header of the request.
fn default_names(config: Option<&Config>, request: &Request) -> String {
    let service = config.and_then(|config| {
        let route = config.route(request.authority().as_bytes(), request.url().path().as_bytes()).ok()?;
        Some(config.service(route.service))
    });
    let required = service.map(Service::required_signed_headers).unwrap_or_default();
    let given = request.headers().iter().map(|field| field.name.to_ascii_lowercase());
    let mut names = vec![DateName::XDate.name().to_owned()];
    for name in required.iter().cloned().chain(given) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// Adds each date that is to be signed and that the request does not have.
fn add_dates(
    request: &mut Request,
    names: &str,
    date: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    let is_signed =
        |date: &DateName| names.split_ascii_whitespace().any(|name| name.eq_ignore_ascii_case(date.name()));
    let signed: Vec<DateName> = DateName::ALL.into_iter().filter(is_signed).collect();
    if signed.is_empty() {
        return Err(Error::NoDateSigned);
    }
    let missing: Vec<DateName> = signed.into_iter().filter(|date| !request.has(date.name())).collect();
    if missing.is_empty() && date.is_some() {
        return Err(Error::DateUnused);
    }
    let date = http_date(date.unwrap_or(now));
    for name in missing {
        request.add(if name == DateName::XDate { "X-Date" } else { "Date" }, &date);
    }
    Ok(())
}

/// Why the filter would refuse the request.
fn refusal(config: &Config, request: &Request, now: Timestamp) -> Option<Outcome> {
    let gate = Gate::new(config.clone());
    request.with_received(|received| match gate.begin(received, now) {
        Step::Done(verdict) if verdict.outcome != Outcome::Anonymous => Some(verdict.outcome),
        Step::Done(_) | Step::Count(_) => None,
    })
}
