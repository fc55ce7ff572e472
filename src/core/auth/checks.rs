//! The checks of a credential, one function each, in the order in which they are made.

use std::hint::black_box;

use super::caller::Claimed;
use super::credential::{self, Credential};
use super::date::LastDate;
use super::date_name::DateName;
use super::failure::{Failure, quoted};
use crate::document::{Algorithm, Options, names};
use crate::lookup::{Config, Environment, KeyIndex, PlanIndex, Service};
use crate::request::{Headers, Occurrence, Request, is_same};
use crate::timestamp::Timestamp;

/// The request's `Authorization` header, by its scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization<'r> {
    /// The header is absent, or has a scheme other than `hmac`.
    Absent,
    /// The header's value, which has the scheme `hmac`.
    Hmac(&'r [u8]),
    /// The header is present more than once.
    Repeated,
}

// === impl Authorization ===

impl<'r> Authorization<'r> {
    /// The `Authorization` header of `request`.
    pub fn of(request: &Request<'r>) -> Self {
        match request.headers.occurrence(b"authorization") {
            Occurrence::Once(value) if credential::has_scheme(value) => Self::Hmac(value),
            Occurrence::Once(_) | Occurrence::Absent => Self::Absent,
            Occurrence::Repeated => Self::Repeated,
        }
    }

    /// Parses the credential in the header.
    ///
    /// # Errors
    ///
    /// The header has no credential, or the credential cannot be parsed.
    pub fn credential(self) -> Result<Credential<'r>, Failure> {
        match self {
            Self::Hmac(value) => Credential::parse(value),
            Self::Absent => Err(Failure::Missing),
            Self::Repeated => Err(Failure::Malformed),
        }
    }
}

/// The algorithm that the credential names, if the options allow it.
///
/// # Errors
///
/// The algorithm is unknown, or `allowed_algorithms` does not have it.
pub fn allowed_algorithm(options: &Options, credential: &Credential<'_>) -> Result<Algorithm, Failure> {
    Algorithm::from_name(credential.algorithm)
        .filter(|algorithm| options.allowed_algorithms.contains(algorithm))
        .ok_or_else(|| Failure::Algorithm(quoted(credential.algorithm)))
}

/// Checks that the credential signs a date and every header that the service requires to be signed.
///
/// # Errors
///
/// The credential does not sign a date, or the first required header that it does not sign.
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

/// Finds the key with that id.
pub(super) fn find_claimed(config: &Config, secret_id: &[u8]) -> Claimed {
    // No key has an id that is longer, and it would take time to hash one.
    if secret_id.len() > names::SECRET_ID.max {
        return Claimed::Unknown;
    }
    match config.find_key(secret_id) {
        Some(index) => Claimed::Key(index),
        None => {
            // To find a key is to compare its id, so an unknown id is compared as well: otherwise time would
            // tell it from the id of a disabled key, to which callers receive the same answer.
            black_box(is_same(black_box(secret_id), secret_id));
            Claimed::Unknown
        }
    }
}

/// The key that a credential names, if it may call, and its plan in `environment`.
///
/// # Errors
///
/// The key does not exist, it is disabled or outside its validity, or it has no plan in the environment.
pub fn find_caller(
    config: &Config,
    environment: &Environment,
    claimed: Claimed,
    now: Timestamp,
) -> Result<(KeyIndex, PlanIndex), Failure> {
    let Claimed::Key(index) = claimed else {
        return Err(Failure::KeyUnknown);
    };
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

/// Checks every date that is signed; a date that is not signed is never read. Returns whether no date was
/// compared with the clock.
pub(super) fn check_dates(
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
