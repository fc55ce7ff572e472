//! Who calls: key pair authentication (`docs/rules.md#signature`).
//!
//! [`Authenticator::authenticate`] checks in the order of `docs/rules.md#refusals`: is there a credential, is it well formed,
//! does it sign a date, is every signed header there once, is the date near, does the key have a plan here, does the signature
//! match. Each check is a function of its own.

pub mod credential;
pub mod date;
pub mod mac;
pub mod string_to_sign;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use self::credential::Credential;
pub use self::date::DateName;
use self::date::LastDate;
use self::mac::KeyedMac;
use self::string_to_sign::{Spelling, string_to_sign};
use crate::document::{Algorithm, Options, Secret};
use crate::lookup::{Config, Environment, Key, KeyIndex, PlanIndex, Route, Service, Table};
use crate::request::{Headers, Occurrence, Request};
use crate::timestamp::Timestamp;

/// Room for the longest MAC, HMAC-SHA512's 64 bytes, as base64 is decoded: in groups of three.
const MAX_MAC_LEN: usize = 66;

/// Verifies credentials against a configuration's keys.
pub struct Authenticator {
    /// For the secret of each key, and for the one before it.
    macs: Table<Key, (KeyedMac, KeyedMac)>,
    decoy: (Secret, KeyedMac),
    last_date: LastDate,
}

/// A caller whose signature matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's key.
    pub key: KeyIndex,
    /// The plan that the key has in the environment called.
    pub usage_plan: PlanIndex,
    /// Which of the key's two secrets the caller signed with, while there are two.
    pub secret: Option<SecretUsed>,
    /// Whether no signed date was compared with the clock.
    pub date_unchecked: bool,
}

/// Which secret of a key that is being rotated made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUsed {
    /// The new one.
    Current,
    /// The secret that it replaced.
    Previous,
}

/// What the request's `Authorization` header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization<'r> {
    /// It is absent, or has a scheme other than `hmac`.
    Absent,
    /// A credential of the scheme `hmac`.
    Hmac(&'r [u8]),
    /// It is there more than once.
    Repeated,
}

/// A credential whose form, dates and signed headers are in order. Its key is not looked up.
struct Claim<'r> {
    credential: Credential<'r>,
    algorithm: Algorithm,
    /// The string to sign, with the names of headers in lower case.
    message: Vec<u8>,
    /// Whether no signed date was compared with the clock.
    date_unchecked: bool,
    headers: Headers<'r>,
}

/// Why a request does not prove its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No `Authorization`, or one of another scheme.
    Missing,
    /// The credential cannot be parsed.
    Malformed,
    /// A parameter of the credential is missing.
    Incomplete,
    /// `id` or `signature` is empty.
    Empty,
    /// The algorithm is unknown, or not allowed here.
    Algorithm(String),
    /// Neither `x-date` nor `date` is signed.
    DateNotSigned,
    /// A header that the service requires to be signed is not.
    HeaderNotSigned(String),
    /// A signed header is absent, or longer than what is signed.
    HeaderMissing(String),
    /// A signed header is there more than once.
    HeaderRepeated,
    /// A signed date cannot be parsed.
    DateInvalid(DateName),
    /// A signed date is too far from now.
    DateOutOfRange(DateName),
    /// No key has the id.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The key is not valid yet, or no longer.
    KeyExpired,
    /// The key is on no plan of this environment.
    KeyNotBound,
    /// The signature is not the one that the key makes.
    SignatureMismatch,
}

// === impl SecretUsed ===

impl SecretUsed {
    /// The word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

// === impl Authorization ===

impl<'r> Authorization<'r> {
    /// Reads the header of a request.
    pub fn of(request: &Request<'r>) -> Self {
        match request.headers.occurrence(b"authorization") {
            Occurrence::Once(value) if credential::has_scheme(value) => Self::Hmac(value),
            Occurrence::Once(_) | Occurrence::Absent => Self::Absent,
            Occurrence::Repeated => Self::Repeated,
        }
    }

    /// The credential, well formed.
    ///
    /// # Errors
    ///
    /// There is no credential, or it cannot be parsed.
    pub fn credential(self) -> Result<Credential<'r>, Failure> {
        match self {
            Self::Hmac(value) => Credential::parse(value),
            Self::Absent => Err(Failure::Missing),
            Self::Repeated => Err(Failure::Malformed),
        }
    }
}

// === impl Claim ===

impl<'r> Claim<'r> {
    /// Makes every check that needs no key.
    fn read(
        config: &Config,
        route: Route,
        request: &Request<'r>,
        authorization: Authorization<'r>,
        now: Timestamp,
        last_date: &LastDate,
    ) -> Result<Self, Failure> {
        let (options, headers) = (config.options(), request.headers);
        let credential = authorization.credential()?;
        let algorithm = allowed_algorithm(options, &credential)?;
        check_signed_names(config.service(route.service), &credential)?;
        let message = string_to_sign(credential.headers, headers, Spelling::LowerCase)?;
        let date_unchecked = check_dates(options, &credential, headers, now, last_date)?;
        Ok(Self { credential, algorithm, message, date_unchecked, headers })
    }

    /// Whether `secret` makes the credential's signature of the headers, with their names in lower case or as written.
    fn is_signed_with(&self, secret: &Secret, mac: &KeyedMac, signature: &[u8]) -> bool {
        let names = self.credential.headers;
        let as_written = || string_to_sign(names, self.headers, Spelling::AsWritten);
        mac.verify(secret, self.algorithm, &self.message, signature)
            || (names.has_upper_case()
                && as_written().is_ok_and(|message| mac.verify(secret, self.algorithm, &message, signature)))
    }
}

// === impl Authenticator ===

impl Authenticator {
    /// Prepares to verify with the keys of `config`.
    pub fn new(config: &Config) -> Self {
        Self {
            macs: config.keys().map(|_| Default::default()),
            // The decoy's MACs are made for their time alone, so its secret does not matter.
            decoy: (Secret::new("no key has this secret"), KeyedMac::default()),
            last_date: LastDate::default(),
        }
    }

    /// The caller that the request's credential proves, who has a plan in the environment of `route`.
    ///
    /// # Errors
    ///
    /// The first check that the request fails.
    #[inline]
    pub fn authenticate(
        &self,
        config: &Config,
        route: Route,
        request: &Request<'_>,
        authorization: Authorization<'_>,
        now: Timestamp,
    ) -> Result<Caller, Failure> {
        let claim = Claim::read(config, route, request, authorization, now, &self.last_date)?;
        let mut signature = [0; MAX_MAC_LEN];
        let length = STANDARD.decode_slice(claim.credential.signature, &mut signature).unwrap_or_default();
        let signature = signature.get(..length).unwrap_or_default();
        match find_caller(config, config.environment(route.environment), claim.credential.id, now) {
            Ok((key, usage_plan)) => {
                let secret = Self::verify(&claim, config.key(key), self.macs.get(key), signature, now)?;
                Ok(Caller { key, usage_plan, secret, date_unchecked: claim.date_unchecked })
            }
            Err(failure) => {
                // An unknown key costs what a known one does, so that time does not tell which ids exist.
                let (secret, mac) = &self.decoy;
                let _ = claim.is_signed_with(secret, mac, signature);
                Err(failure)
            }
        }
    }

    /// Which secret of `key` made the signature, while the key has two.
    fn verify(
        claim: &Claim<'_>,
        key: &Key,
        (current, previous): &(KeyedMac, KeyedMac),
        signature: &[u8],
        now: Timestamp,
    ) -> Result<Option<SecretUsed>, Failure> {
        if claim.is_signed_with(key.secret(), current, signature) {
            return Ok(key.has_previous_secret().then_some(SecretUsed::Current));
        }
        match key.previous_secret_at(now) {
            Some(secret) if claim.is_signed_with(secret, previous, signature) => {
                Ok(Some(SecretUsed::Previous))
            }
            _ => Err(Failure::SignatureMismatch),
        }
    }
}

/// The algorithm that the credential names, if the options allow it.
///
/// # Errors
///
/// The algorithm is unknown, or not allowed.
pub fn allowed_algorithm(options: &Options, credential: &Credential<'_>) -> Result<Algorithm, Failure> {
    Algorithm::from_name(credential.algorithm)
        .filter(|algorithm| options.allowed_algorithms.contains(algorithm))
        .ok_or_else(|| Failure::Algorithm(String::from_utf8_lossy(credential.algorithm).into_owned()))
}

/// Checks that a date is signed, and every header that the service requires to be signed.
///
/// # Errors
///
/// One of them is not signed.
pub fn check_signed_names(service: &Service, credential: &Credential<'_>) -> Result<(), Failure> {
    if !DateName::ALL.iter().any(|date| credential.headers.contains(date.name())) {
        return Err(Failure::DateNotSigned);
    }
    let mut required = service.required_signed_headers().iter();
    match required.find(|name| !credential.headers.contains(name)) {
        Some(name) => Err(Failure::HeaderNotSigned(name.clone())),
        None => Ok(()),
    }
}

/// The key with that id, and its plan in `environment`.
///
/// # Errors
///
/// There is no such key, it is disabled or outside its validity, or it has no plan there.
pub fn find_caller(
    config: &Config,
    environment: &Environment,
    secret_id: &[u8],
    now: Timestamp,
) -> Result<(KeyIndex, PlanIndex), Failure> {
    let index = config.find_key(secret_id).ok_or(Failure::KeyUnknown)?;
    let key = config.key(index);
    if !key.is_enabled() {
        return Err(Failure::KeyDisabled);
    }
    if !key.is_valid_at(now) {
        return Err(Failure::KeyExpired);
    }
    let usage_plan = config.find_usage_plan(key, environment).ok_or(Failure::KeyNotBound)?;
    Ok((index, usage_plan))
}

/// Checks every date that is signed; a date that is not signed is never read. Returns whether none was compared with the
/// clock.
fn check_dates(
    options: &Options,
    credential: &Credential<'_>,
    headers: Headers<'_>,
    now: Timestamp,
    last: &LastDate,
) -> Result<bool, Failure> {
    let is_checked = |date: DateName| credential.headers.contains(date.name()) && date.is_checked(options);
    let read = |date| is_checked(date).then(|| Ok((date, date.read(headers, last)?))).transpose();
    let dates = [read(DateName::XDate)?, read(DateName::Date)?];
    for (date, time) in dates.into_iter().flatten() {
        date.check(time, now, options.clock_skew)?;
    }
    Ok(dates.iter().all(Option::is_none))
}

#[cfg(test)]
mod tests;
