//! A document published while Envoy serves.

use serde_json::{Value, json};
use testbed::{Config, Envoy, Request, Verdict};

use super::{HOST, admitted, call, document, document_with_quota, quota_of, refused, send_to};
use crate::until;

/// The body of an answer for which no filter decided.
const UNAVAILABLE: &str = "{\"message\":\"Usage plan unavailable\"}\n";

/// A document that breaks three rules.
fn broken() -> Value {
    json!({"services": [{}], "keys": [{"secret_id": "AKIDacme0001", "secret_key": "secret!"}]})
}

/// What Envoy and the filter log about a document that is refused.
fn complaints(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refused(complaints) => complaints,
        Verdict::Accepted => panic!("the broken document is accepted"),
    }
}

#[test]
fn an_accepted_document_is_in_force_and_stays_so_when_the_next_one_is_refused() {
    let envoy = Envoy::start(&Config::hot_reload().document(document(HOST, 5)));
    let publish = |document: &Value| envoy.publish(document).expect("a verdict");
    let limit = || {
        let shown = send_to(&envoy, 0, &call()).header("x-usageplan-ratelimit").unwrap_or_default();
        shown.rsplit('/').next().unwrap_or_default().to_owned()
    };
    assert_eq!(limit(), "5");
    assert_eq!(publish(&document(HOST, 7)), Verdict::Accepted);
    assert_eq!(until(limit, |limit| limit == "7"), "7");

    let complaints = complaints(publish(&broken()));
    for complaint in ["services[0].id: ", "services[0].domains: ", "keys[0].secret_key: must be 10 to 50"] {
        assert!(complaints.contains(complaint), "{complaint:?} is not in:\n{complaints}");
    }
    assert!(!envoy.log().contains("secret!"), "a secret is logged");
    for _ in 0..20 {
        assert_eq!(limit(), "7");
    }

    // Another host: the first one is no longer served.
    assert_eq!(publish(&document("other.example.com", 9)), Verdict::Accepted);
    let gone = until(|| send_to(&envoy, 0, &call()).status, |status| *status == 404);
    assert_eq!(gone, 404);
}

#[test]
fn what_is_used_stays_used_and_a_changed_limit_applies_at_once() {
    let envoy = Envoy::start(&Config::hot_reload().document(document_with_quota(1)));
    let publish = |quota| {
        let verdict = envoy.publish(document_with_quota(quota));
        assert_eq!(verdict, Ok(Verdict::Accepted));
    };
    let send = || quota_of(&send_to(&envoy, 0, &call()));
    // Until the worker has the new quota, calls are refused under the old one and use nothing.
    let send_under = |quota: &str| until(send, |(_, left)| left.ends_with(quota));
    assert_eq!(send(), admitted("0/1"));
    publish(2);
    assert_eq!(send_under("/2"), admitted("0/2"));
    assert_eq!(send(), refused("0/2"));
    publish(1);
    assert_eq!(send_under("/1"), refused("0/1"));
}

#[test]
fn until_a_first_document_is_accepted_nothing_passes() {
    let envoy = Envoy::start(&Config::hot_reload().document(broken()));
    let refused = complaints(envoy.verdict().expect("a verdict"));
    assert!(refused.contains("keys[0].secret_key: must be 10 to 50"), "{refused}");
    for request in [call(), Request::get(HOST, "/release/x")] {
        let refused = send_to(&envoy, 0, &request);
        assert_eq!((refused.status, refused.text().as_str()), (503, UNAVAILABLE));
    }
    complaints(envoy.publish("{").expect("a verdict"));
    assert_eq!(send_to(&envoy, 0, &call()).status, 503);
    assert_eq!(envoy.publish(document(HOST, 100)), Ok(Verdict::Accepted));
    assert_eq!(until(|| send_to(&envoy, 0, &call()).status, |status| *status == 200), 200);
}
