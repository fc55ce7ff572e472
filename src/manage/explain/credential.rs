//! The credential as far as it can be checked without its key: its form, its algorithm, what it signs, and
//! its dates.

use std::time::Duration;

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::auth::{Authorization, DateName, Failure, allowed_algorithm, check_signed_names};
use usage_plan_core::document::Algorithm;
use usage_plan_core::lookup::{Route, Service};
use usage_plan_core::request::Occurrence;
use usage_plan_core::sentence::{Phrase, Sentence};

use super::inquiry::Inquiry;
use super::phrases;
use super::step::{Step, escape_bytes, quote_bytes};
use crate::dates::http_date;

/// A well-formed credential.
const FORM: &str = "hmac id=\"...\", algorithm=\"hmac-sha1\", headers=\"x-date ...\", signature=\"...\"";

/// The steps, and the credential if it can be parsed.
pub(super) fn steps<'a>(inquiry: Inquiry<'a>, route: Route) -> (Vec<Step>, Option<Credential<'a>>) {
    let authorization = Authorization::of(inquiry.request);
    let credential = match authorization.credential() {
        Ok(credential) => credential,
        Err(failure) => {
            let step = Step::refused("credential", no_credential(inquiry, authorization, &failure));
            return (vec![step.with("form", FORM)], None);
        }
    };
    let names: Vec<&[u8]> = credential.headers.iter().collect();
    let well_formed = Step::passed("credential", phrases::WELL_FORMED)
        .with("id", quote_bytes(credential.id))
        .with("algorithm", quote_bytes(credential.algorithm))
        .with("headers", quote_bytes(&names.join(&b' ')))
        .with("signature", quote_bytes(credential.signature));
    let mut steps = vec![
        well_formed,
        algorithm(inquiry, &credential),
        signed_headers(inquiry, inquiry.config().service(route.service), &credential),
    ];
    let dates = DateName::ALL.into_iter().filter(|date| credential.headers.contains(date.name()));
    steps.extend(dates.filter_map(|name| date(inquiry, name)));
    (steps, Some(credential))
}

fn no_credential(inquiry: Inquiry<'_>, authorization: Authorization<'_>, failure: &Failure) -> Sentence {
    match (authorization, failure) {
        (Authorization::Absent, _) => match inquiry.request.headers.occurrence(b"authorization") {
            Occurrence::Once(value) => {
                let scheme = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                return phrases::OTHER_SCHEME.put(quote_bytes(scheme));
            }
            Occurrence::Absent | Occurrence::Repeated => phrases::NO_AUTHORIZATION,
        },
        (Authorization::Repeated, _) => phrases::AUTHORIZATIONS,
        (Authorization::Hmac(_), Failure::Incomplete) => phrases::INCOMPLETE,
        (Authorization::Hmac(_), Failure::Empty) => phrases::EMPTY,
        (Authorization::Hmac(_), _) => phrases::MALFORMED,
    }
    .into()
}

fn algorithm(inquiry: Inquiry<'_>, credential: &Credential<'_>) -> Step {
    let allowed = inquiry.options().allowed_algorithms.iter().map(|algorithm| algorithm.name());
    let allowed = allowed.collect::<Vec<_>>().join(", ");
    match allowed_algorithm(inquiry.options(), credential) {
        Ok(algorithm) => Step::passed("algorithm", algorithm.name()),
        Err(_) if Algorithm::from_name(credential.algorithm).is_some() => {
            Step::refused("algorithm", phrases::ALLOWED_ONLY.put(allowed))
        }
        Err(_) => {
            let name = quote_bytes(credential.algorithm);
            Step::refused("algorithm", phrases::NO_ALGORITHM.put(name).put(allowed))
        }
    }
}

/// Whether everything is signed that has to be, and is in the request once.
fn signed_headers(inquiry: Inquiry<'_>, service: &Service, credential: &Credential<'_>) -> Step {
    let step = "signed headers";
    let headers = inquiry.request.headers;
    let message = || string_to_sign(&credential.headers, headers, Spelling::LowerCase);
    match check_signed_names(service, credential).and_then(|()| message()) {
        Ok(_) => Step::passed(step, phrases::SIGNED_ONCE),
        Err(Failure::DateNotSigned) => Step::refused(step, phrases::NO_DATE_SIGNED),
        Err(Failure::HeaderNotSigned(name)) => Step::refused(step, phrases::NOT_SIGNED.put(name)),
        Err(Failure::HeaderMissing(name)) => {
            let is_there = headers.occurrence(name.as_bytes()) != Occurrence::Absent;
            let why = if is_there { phrases::TOO_LONG } else { phrases::ABSENT };
            Step::refused(step, why.put(escape_bytes(name.as_bytes())))
        }
        Err(_) => Step::refused(step, phrases::REPEATED),
    }
}

/// Whether a signed date is near the clock; `None` when the request does not have it once.
fn date(inquiry: Inquiry<'_>, date: DateName) -> Option<Step> {
    let headers = inquiry.request.headers;
    let Occurrence::Once(value) = headers.occurrence(date.name().as_bytes()) else { return None };
    let (name, value, skew) = (date.name(), quote_bytes(value), inquiry.options().clock_skew);
    if !date.is_checked(inquiry.options()) {
        return Some(Step::passed("date", phrases::UNCHECKED.put(name).put(value)));
    }
    let Ok(signed) = date.read(headers, &LastDate::default()) else {
        let detail = phrases::NO_DATE.put(name).put(value).put(http_date(inquiry.now));
        return Some(Step::refused("date", detail));
    };
    // In whole seconds, as the filter compares them.
    let (signed_at, now) = (signed.as_secs(), inquiry.now.as_secs());
    let (late, early) = (now.saturating_sub(signed_at), signed_at.saturating_sub(now));
    let detail = |phrase: Phrase| phrase.put(name).put(in_words(skew.as_secs()));
    let detail = match (late, early) {
        (0, 0) => detail(phrases::SAME_TIME),
        (_, 0) => detail(phrases::BEFORE).put(in_words(late)),
        (_, _) => detail(phrases::AFTER).put(in_words(early)),
    };
    Some(match date.check(signed, inquiry.now, skew) {
        Ok(()) => Step::passed("date", detail),
        Err(_) => Step::refused("date", detail),
    })
}

/// A number of seconds, such as `15m`.
fn in_words(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}
