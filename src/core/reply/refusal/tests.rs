//! Checks the rows of `docs/rules.md#refusals` one by one, with their headers and bodies.

use serde_json::json;

use super::*;
use crate::auth::DateName;

fn exhausted(wait: u64) -> Exhausted {
    Exhausted { wait: Some(Duration::from_nanos(wait)), limits: vec!["second".to_owned(), "day".to_owned()] }
}

fn reply(refusal: &Refusal<'_>) -> Reply {
    refusal.reply(&Options::default(), "service-orders")
}

/// The table of `docs/rules.md#refusals`, row by row.
#[test]
fn every_row_of_the_table_has_its_status_and_its_message() {
    use Failure::*;
    let auth = Refusal::Authentication;
    let rows = [
        (Refusal::NoService(b"a.example:1"), 404, "There is no api match host[a.example:1]"),
        (Refusal::NoEnvironment(b"live"), 404, "There is no api match env_mapping[live]"),
        (
            auth(Missing),
            401,
            "HMAC signature cannot be verified, a validate authorization header is required",
        ),
        (auth(Malformed), 401, "HMAC authorization format error"),
        (auth(Incomplete), 401, "HMAC authorization headers is invalidate"),
        (auth(Empty), 401, "HMAC id or signature missing"),
        (auth(Algorithm("hmac-md5".into())), 401, "HMAC algorithm hmac-md5 not supported"),
        (
            auth(DateNotSigned),
            401,
            "HMAC signature cannot be verified, a valid date or x-date header is required",
        ),
        (
            auth(HeaderNotSigned("host".into())),
            401,
            "HMAC signature cannot be verified, the host header must be signed",
        ),
        (
            auth(HeaderMissing("source".into())),
            401,
            "HMAC signature cannot be verified, a valid source header is required",
        ),
        (auth(HeaderRepeated), 401, "HMAC do not support multiple HTTP header"),
        (
            auth(DateInvalid(DateName::XDate)),
            401,
            "HMAC signature cannot be verified, a valid x-date header is required for HMAC Authentication",
        ),
        (
            auth(DateInvalid(DateName::Date)),
            401,
            "HMAC signature cannot be verified, a valid date header is required for HMAC Authentication",
        ),
        (
            auth(DateOutOfRange(DateName::XDate)),
            401,
            "HMAC signature cannot be verified, the x-date header is out of date for HMAC Authentication",
        ),
        (
            auth(DateOutOfRange(DateName::Date)),
            401,
            "HMAC signature cannot be verified, the date header is out of date for HMAC Authentication",
        ),
        (auth(KeyUnknown), 401, "HMAC signature cannot be verified"),
        (auth(KeyDisabled), 401, "HMAC signature cannot be verified"),
        (auth(KeyExpired), 401, "HMAC signature cannot be verified"),
        (auth(KeyNotBound), 401, "HMAC signature cannot be verified"),
        (auth(SignatureMismatch), 401, "HMAC signature does not match"),
        (Refusal::NoUsagePlan, 403, "Found no validate usage plan"),
        (Refusal::RateLimited(exhausted(0)), 429, "API rate limit exceeded"),
        (Refusal::QuotaExceeded(exhausted(0)), 429, "API quota exceeded"),
        (Refusal::CounterUnavailable, 503, "Usage plan counter unavailable"),
    ];
    for (refusal, status, message) in rows {
        let reply = reply(&refusal);
        assert_eq!(reply.status, status, "{message}");
        assert_eq!(reply.body, format!("{{\"message\":\"{message}\"}}\n"));
        assert_eq!(reply.headers[0], ("content-type", "application/json; charset=utf-8".to_owned()));
    }
}

#[test]
fn a_401_names_the_scheme_and_the_realm_and_a_403_of_the_older_table_does_not() {
    let challenge = ("www-authenticate", "hmac realm=\"service-orders\"".to_owned());
    for failure in [Failure::Missing, Failure::SignatureMismatch] {
        assert!(reply(&Refusal::Authentication(failure)).headers.contains(&challenge));
    }
    let options = Options { auth_status: AuthStatus::LegacyForbidden, ..Options::default() };
    let legacy = |failure| Refusal::Authentication(failure).reply(&options, "service-orders");
    assert_eq!(legacy(Failure::Missing).status, 401);
    assert!(legacy(Failure::Missing).headers.contains(&challenge));
    assert_eq!(legacy(Failure::SignatureMismatch).status, 403);
    assert_eq!(legacy(Failure::SignatureMismatch).headers.len(), 1);
    assert_eq!(reply(&Refusal::NoUsagePlan).headers.len(), 1);
}

#[test]
fn retry_after_is_never_early() {
    for (wait, seconds) in [(1, "1"), (999_999_999, "1"), (1_000_000_000, "1"), (1_000_000_001, "2")] {
        let headers = reply(&Refusal::RateLimited(exhausted(wait))).headers;
        assert!(headers.contains(&("retry-after", seconds.to_owned())), "{wait} ns: {headers:?}");
    }
}

#[test]
fn a_quota_that_never_renews_has_no_retry_after() {
    let never = Refusal::QuotaExceeded(Exhausted { wait: None, limits: Vec::new() });
    assert_eq!(reply(&never).headers.len(), 1);
}

#[test]
fn problem_bodies_follow_rfc_9457() {
    let options = Options { error_format: ErrorFormat::Problem, ..Options::default() };
    let problem = |refusal: &Refusal<'_>| {
        let reply = refusal.reply(&options, "service-orders");
        assert_eq!(reply.headers[0], ("content-type", "application/problem+json".to_owned()));
        serde_json::from_str::<serde_json::Value>(&reply.body).expect("JSON")
    };
    assert_eq!(
        problem(&Refusal::QuotaExceeded(exhausted(1))),
        json!({
            "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
            "title": "Request cannot be satisfied as assigned quota has been exceeded",
            "status": 429, "detail": "API quota exceeded", "violated-policies": ["second", "day"],
        })
    );
    assert_eq!(
        problem(&Refusal::Authentication(Failure::SignatureMismatch)),
        json!({
            "type": "about:blank", "title": "Unauthorized", "status": 401,
            "detail": "HMAC signature does not match",
        })
    );
}

#[test]
fn a_string_from_the_request_is_escaped_and_cut_to_64_bytes() {
    let message = |bytes: &[u8]| {
        let body: serde_json::Value =
            serde_json::from_str(&reply(&Refusal::NoService(bytes)).body).expect("JSON");
        body["message"].as_str().expect("text").to_owned()
    };
    assert_eq!(message(b"a\"b\\c\nd"), "There is no api match host[a\"b\\c\nd]");
    assert_eq!(message(b"\xff\x00"), "There is no api match host[\u{fffd}\0]");
    assert_eq!(message(&[b'x'; 65]), format!("There is no api match host[{}]", "x".repeat(64)));
    assert_eq!(message(&[0xff; 100]), format!("There is no api match host[{}]", "\u{fffd}".repeat(21)));
    assert_eq!(message("é".repeat(40).as_bytes()), format!("There is no api match host[{}]", "é".repeat(32)));
}
