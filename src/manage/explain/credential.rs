//! The credential as far as it can be checked without its key: its form, its algorithm, what it signs, and
//! its dates.

use std::time::Duration;

use usage_plan_core::auth::credential::{Credential, has_scheme};
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::auth::{DateName, Failure, Occurrence};
use usage_plan_core::document::Algorithm;
use usage_plan_core::lookup::Target;

use super::inquiry::Inquiry;
use super::step::{Step, escape_bytes, quote_bytes};
use crate::dates::http_date;

/// A well-formed credential.
const FORM: &str = "hmac id=\"...\", algorithm=\"hmac-sha1\", headers=\"x-date ...\", signature=\"...\"";

/// The steps, and the credential if it can be parsed.
pub(super) fn steps<'a>(inquiry: Inquiry<'a>, target: Target<'_>) -> (Vec<Step>, Option<Credential<'a>>) {
    let parsed = match inquiry.headers.occurrence(b"authorization") {
        Occurrence::Once(value) if has_scheme(value) => Credential::parse(value).map_err(malformed),
        Occurrence::Once(value) => {
            let scheme = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            Err(format!("Authorization has the scheme {}, not hmac", quote_bytes(scheme)))
        }
        Occurrence::Absent => Err("there is no Authorization header".to_owned()),
        Occurrence::Repeated => Err("there is more than one Authorization header".to_owned()),
    };
    let credential = match parsed {
        Ok(credential) => credential,
        Err(why) => return (vec![Step::refused("credential", why).with("form", FORM)], None),
    };
    let names: Vec<&[u8]> = credential.headers.iter().collect();
    let well_formed = Step::passed("credential", "well formed")
        .with("id", quote_bytes(credential.id))
        .with("algorithm", quote_bytes(credential.algorithm))
        .with("headers", quote_bytes(&names.join(&b' ')))
        .with("signature", quote_bytes(credential.signature));
    let mut steps = vec![
        well_formed,
        algorithm(inquiry, credential.algorithm),
        signed_headers(inquiry, target, &credential),
    ];
    let dates = DateName::ALL.into_iter().filter(|date| credential.headers.contains(date.name()));
    steps.extend(dates.filter_map(|name| date(inquiry, name)));
    (steps, Some(credential))
}

fn malformed(failure: Failure) -> String {
    match failure {
        Failure::Incomplete => "one of its four parameters is missing",
        Failure::Empty => "its id or its signature is empty",
        _ => {
            "it does not have this form: each parameter once and in double quotes, nothing after the last, \
             up to 32 names of headers and none of them twice"
        }
    }
    .to_owned()
}

fn algorithm(inquiry: Inquiry<'_>, name: &[u8]) -> Step {
    let allowed = &inquiry.options().allowed_algorithms;
    let names: Vec<&str> = allowed.iter().map(|algorithm| algorithm.name()).collect();
    let names = names.join(", ");
    match Algorithm::from_name(name) {
        Some(algorithm) if allowed.contains(&algorithm) => Step::passed("algorithm", algorithm.name()),
        Some(_) => Step::refused("algorithm", format!("the options allow only {names}")),
        None => {
            Step::refused("algorithm", format!("{} is none of {names}, in lower case", quote_bytes(name)))
        }
    }
}

fn signed_headers(inquiry: Inquiry<'_>, target: Target<'_>, credential: &Credential<'_>) -> Step {
    let step = "signed headers";
    if !DateName::ALL.iter().any(|date| credential.headers.contains(date.name())) {
        return Step::refused(step, "neither x-date nor date is among them");
    }
    let mut required = target.service.required_signed_headers().iter();
    if let Some(required) = required.find(|name| !credential.headers.contains(name)) {
        return Step::refused(step, format!("the service requires {required} to be signed too"));
    }
    match string_to_sign(credential.headers, inquiry.headers, Spelling::LowerCase) {
        Ok(_) => Step::passed(step, "each is in the request exactly once"),
        Err(Failure::HeaderMissing(absent)) => {
            let is_there = inquiry.headers.occurrence(absent.as_bytes()) != Occurrence::Absent;
            let why = if is_there { "is longer than 4 KiB" } else { "is not in the request" };
            Step::refused(step, format!("{} {why}", escape_bytes(absent.as_bytes())))
        }
        Err(_) => Step::refused(step, "one is in the request more than once: a signature covers one value"),
    }
}

/// Whether a signed date is near the clock; `None` when the request does not have it once.
fn date(inquiry: Inquiry<'_>, date: DateName) -> Option<Step> {
    let Occurrence::Once(value) = inquiry.headers.occurrence(date.name().as_bytes()) else { return None };
    let (name, value, skew) = (date.name(), quote_bytes(value), inquiry.options().clock_skew);
    if !date.is_checked(inquiry.options()) {
        let detail =
            format!("{name} {value} is not compared with the clock: options.date_header is unchecked");
        return Some(Step::passed("date", detail));
    }
    let Ok(signed) = date.read(inquiry.headers, &LastDate::default()) else {
        let detail = format!("{name} {value} is not a date such as \"{}\"", http_date(inquiry.now));
        return Some(Step::refused("date", detail));
    };
    let late = inquiry.now.saturating_since(signed);
    let early = signed.saturating_since(inquiry.now);
    let distance = match (late.as_secs(), early.as_secs()) {
        (0, 0) => "the same as the clock".to_owned(),
        (_, 0) => format!("{} before the clock", in_words(late)),
        (_, _) => format!("{} after the clock", in_words(early)),
    };
    let detail = format!("{name} is {distance}; up to {} is allowed", in_words(skew));
    Some(match date.check(signed, inquiry.now, skew) {
        Ok(()) => Step::passed("date", detail),
        Err(_) => Step::refused("date", detail),
    })
}

/// Whole seconds of `span`, such as `15m`.
fn in_words(span: Duration) -> String {
    humantime::format_duration(Duration::from_secs(span.as_secs())).to_string()
}
