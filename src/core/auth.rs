//! Who calls: key pair authentication (SPEC section 5).
//!
//! [`Authenticator::authenticate`] asks its questions in the order of SPEC section 7: is there a credential, is it well
//! formed, does it sign a date, are the signed headers there once, is the date near, is the key one with a plan here,
//! does the signature match.

pub mod credential;
pub mod date;
mod headers;
pub mod mac;
pub mod string_to_sign;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use self::credential::Credential;
pub use self::date::DateName;
use self::date::LastDate;
pub use self::headers::{Field, Headers, Occurrence};
use self::mac::KeyedMac;
use self::string_to_sign::{Spelling, string_to_sign};
use crate::document::{Algorithm, Secret};
use crate::lookup::{Config, Environment, Target};
use crate::timestamp::Timestamp;

/// Room for the longest MAC, HMAC-SHA512's 64 bytes, as base64 is decoded: in groups of three.
const MAX_MAC_LEN: usize = 66;

/// Verifies credentials against a configuration's keys.
pub struct Authenticator {
    /// In the order of `Config::keys`: for the secret, and for the one before it.
    macs: Vec<(KeyedMac, KeyedMac)>,
    decoy: (Secret, KeyedMac),
    last_date: LastDate,
}

/// A caller whose signature matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its place among the configuration's keys.
    pub key: usize,
    /// The place of the key's plan here among the configuration's usage plans.
    pub usage_plan: usize,
    /// Which of the key's two secrets it signed with, while there are two.
    pub secret: Option<SecretUsed>,
    /// Whether no date of the credential was compared with the clock.
    pub date_unchecked: bool,
}

/// Which secret of a key that is being rotated made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUsed {
    /// The new one.
    Current,
    /// The one before it.
    Previous,
}

/// Why a caller is not known.
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
    /// A header that the service wants signed is not.
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
    /// The key is not valid yet, or no more.
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

// === impl Authenticator ===

impl Authenticator {
    /// Prepares to verify with the keys of `config`.
    pub fn new(config: &Config) -> Self {
        let macs = config.keys().iter().map(|_| Default::default()).collect();
        // What it holds does not matter: its MACs are made for their time alone.
        Self {
            macs,
            decoy: (Secret::new("no key has this secret"), KeyedMac::default()),
            last_date: LastDate::default(),
        }
    }

    /// Whether the request brings a credential of our scheme.
    pub fn has_credential(headers: Headers<'_>) -> bool {
        match headers.occurrence(b"authorization") {
            Occurrence::Absent => false,
            Occurrence::Once(value) => credential::has_scheme(value),
            Occurrence::Repeated => true,
        }
    }

    /// The caller that the request's credential proves, who has a plan in the target's environment.
    ///
    /// # Errors
    ///
    /// The first question that the request has no good answer to.
    pub fn authenticate(
        &self,
        config: &Config,
        target: Target<'_>,
        headers: Headers<'_>,
        now: Timestamp,
    ) -> Result<Caller, Failure> {
        let value = match headers.occurrence(b"authorization") {
            Occurrence::Once(value) if credential::has_scheme(value) => value,
            Occurrence::Once(_) | Occurrence::Absent => return Err(Failure::Missing),
            Occurrence::Repeated => return Err(Failure::Malformed),
        };
        let credential = Credential::parse(value)?;
        let algorithm = Algorithm::from_name(credential.algorithm)
            .filter(|algorithm| config.options().allowed_algorithms.contains(algorithm))
            .ok_or_else(|| Failure::Algorithm(String::from_utf8_lossy(credential.algorithm).into_owned()))?;
        if !DateName::ALL.iter().any(|date| credential.headers.contains(date.name())) {
            return Err(Failure::DateNotSigned);
        }
        let mut required = target.service.required_signed_headers().iter();
        if let Some(name) = required.find(|name| !credential.headers.contains(name)) {
            return Err(Failure::HeaderNotSigned(name.clone()));
        }
        let message = string_to_sign(credential.headers, headers, Spelling::LowerCase)?;
        let date_unchecked = check_dates(config, &credential, headers, now, &self.last_date)?;

        let mut signature = [0; MAX_MAC_LEN];
        let length = STANDARD.decode_slice(credential.signature, &mut signature).unwrap_or_default();
        let signature = signature.get(..length).unwrap_or_default();
        let found = find(config, target.environment, credential.id, now);
        let as_written = || string_to_sign(credential.headers, headers, Spelling::AsWritten);
        let verifies = |secret: &Secret, mac: &KeyedMac| {
            mac.verify(secret, algorithm, &message, signature)
                || (credential.headers.has_upper_case()
                    && as_written().is_ok_and(|message| mac.verify(secret, algorithm, &message, signature)))
        };
        let known = found.as_ref().ok().and_then(|caller| {
            let key = config.keys().get(caller.key)?;
            let (current, previous) = self.macs.get(caller.key)?;
            Some((key, current, previous))
        });
        let Some((key, current, previous)) = known else {
            // An unknown key costs what a known one does, so that time does not tell which ids there are.
            let (secret, mac) = &self.decoy;
            let _ = verifies(secret, mac);
            return Err(found.err().unwrap_or(Failure::KeyUnknown));
        };
        let secret = match key.previous_secret_at(now) {
            _ if verifies(key.secret(), current) => key.has_previous_secret().then_some(SecretUsed::Current),
            Some(secret) if verifies(secret, previous) => Some(SecretUsed::Previous),
            _ => return Err(Failure::SignatureMismatch),
        };
        found.map(|caller| Caller { date_unchecked, secret, ..caller })
    }
}

/// The key with that id and its plan in `environment`.
fn find(
    config: &Config,
    environment: &Environment,
    secret_id: &[u8],
    now: Timestamp,
) -> Result<Caller, Failure> {
    let place = config.find_key(secret_id).ok_or(Failure::KeyUnknown)?;
    let key = config.keys().get(place).ok_or(Failure::KeyUnknown)?;
    if !key.is_enabled() {
        return Err(Failure::KeyDisabled);
    }
    if !key.is_valid_at(now) {
        return Err(Failure::KeyExpired);
    }
    let usage_plan = config.find_usage_plan(key, environment).ok_or(Failure::KeyNotBound)?;
    Ok(Caller { key: place, usage_plan, secret: None, date_unchecked: false })
}

/// Checks every date that is signed; one that is not signed is never looked at. Tells whether none was compared with
/// the clock.
fn check_dates(
    config: &Config,
    credential: &Credential<'_>,
    headers: Headers<'_>,
    now: Timestamp,
    last: &LastDate,
) -> Result<bool, Failure> {
    let options = config.options();
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
