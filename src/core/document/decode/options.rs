//! Options.

use std::time::Duration;

use super::super::reader::Value;
use super::super::*;
use super::not_empty;
use super::plan::enforcement;

/// The words for `date_header`.
pub const DATE_HEADER: [(&str, DateHeader); 2] =
    [("checked", DateHeader::Checked), ("unchecked", DateHeader::Unchecked)];

/// The numbers for `legacy_auth_status`.
pub const AUTH_STATUS: [(i64, AuthStatus); 2] =
    [(401, AuthStatus::Unauthorized), (403, AuthStatus::LegacyForbidden)];

/// The words for `rate_limit_headers`.
pub const RATE_LIMIT_HEADERS: [(&str, Family); 2] = [("tencent", Family::Tencent), ("ietf", Family::Ietf)];

/// The words for `error_format`.
pub const ERROR_FORMAT: [(&str, ErrorFormat); 2] =
    [("tencent", ErrorFormat::Tencent), ("problem", ErrorFormat::Problem)];

/// Headers that tell callers what is left.
#[derive(Clone, Copy, PartialEq)]
pub enum Family {
    Tencent,
    Ietf,
}

pub(super) fn options(value: Value<'_>) -> Options {
    value.object(|fields| {
        let default = Options::default();
        let flag = |value: Option<Value<'_>>| value.and_then(|value| value.boolean()).unwrap_or(false);
        Options {
            clock_skew: fields
                .optional("clock_skew_seconds")
                .and_then(clock_skew)
                .unwrap_or(default.clock_skew),
            date_header: fields
                .optional("date_header")
                .and_then(|value| value.one_of(&DATE_HEADER))
                .unwrap_or_default(),
            allowed_algorithms: fields
                .optional("allowed_algorithms")
                .map_or(default.allowed_algorithms, allowed_algorithms),
            auth_status: fields.optional("legacy_auth_status").and_then(auth_status).unwrap_or_default(),
            rate_limit_headers: fields
                .optional("rate_limit_headers")
                .and_then(rate_limit_headers)
                .unwrap_or(default.rate_limit_headers),
            error_format: fields
                .optional("error_format")
                .and_then(|value| value.one_of(&ERROR_FORMAT))
                .unwrap_or_default(),
            enforcement: fields.optional("enforcement").and_then(enforcement).unwrap_or_default(),
            forward_authorization: flag(fields.optional("forward_authorization")),
            forward_environment_prefix: flag(fields.optional("forward_environment_prefix")),
        }
    })
}

fn clock_skew(value: Value<'_>) -> Option<Duration> {
    let seconds = u64::try_from(value.integer()?);
    if seconds.is_err() {
        value.error("must be 0 or more");
    }
    seconds.ok().map(Duration::from_secs)
}

fn allowed_algorithms(value: Value<'_>) -> Vec<Algorithm> {
    let choices = Algorithm::ALL.map(|algorithm| (algorithm.name(), algorithm));
    let algorithms = value.items(|item| item.one_of(&choices));
    not_empty(value, algorithms).into_iter().flatten().collect()
}

fn auth_status(value: Value<'_>) -> Option<AuthStatus> {
    let status = value.integer()?;
    let chosen = AUTH_STATUS.iter().find(|(number, _)| *number == status);
    if chosen.is_none() {
        let numbers = AUTH_STATUS.map(|(number, _)| number.to_string());
        value.error(format!("must be {}", numbers.join(" or ")));
    }
    chosen.map(|(_, status)| *status)
}

fn rate_limit_headers(value: Value<'_>) -> Option<RateLimitHeaders> {
    let families = value.items(|item| item.one_of(&RATE_LIMIT_HEADERS))?;
    Some(RateLimitHeaders {
        tencent: families.contains(&Some(Family::Tencent)),
        ietf: families.contains(&Some(Family::Ietf)),
    })
}
