//! A document published while Envoy serves.

use testbed::{Config, Envoy, Request, Verdict};

use super::{HOST, call, document, send_to, spend, told, until, within_a_second};

const BROKEN: &str =
    r#"{"services": [{}], "keys": [{"secret_id": "AKIDacme0001", "secret_key": "secret!"}]}"#;

fn refused(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refused(words) => words,
        Verdict::Accepted => panic!("the broken document is accepted"),
    }
}

#[test]
fn an_accepted_document_is_in_force_and_a_refused_one_leaves_it_so_and_is_told() {
    let envoy = Envoy::start(&Config::hot_reload().document(document(HOST, 5)));
    let publish = |text: &str| envoy.publish(text).expect("a verdict");
    let limit = || told(&send_to(&envoy, 0, &call())).1.rsplit('/').next().map(str::to_owned);
    let is = |expected: &'static str| move |limit: &Option<String>| limit.as_deref() == Some(expected);
    assert_eq!(limit().as_deref(), Some("5"));
    assert_eq!(publish(&document(HOST, 7)), Verdict::Accepted);
    assert_eq!(until(limit, is("7")).as_deref(), Some("7"));

    let words = refused(publish(BROKEN));
    for complaint in ["services[0].id: ", "services[0].domains: ", "keys[0].secret_key: must be 10 to 50"] {
        assert!(words.contains(complaint), "{complaint:?} is not in:\n{words}");
    }
    assert!(!envoy.log().contains("secret!"), "a secret is logged");
    for _ in 0..20 {
        assert_eq!(limit().as_deref(), Some("7"));
    }

    // Another host: what was served is no longer.
    assert_eq!(publish(&document("other.example.com", 9)), Verdict::Accepted);
    let gone = until(|| send_to(&envoy, 0, &call()).status, |status| *status == 404);
    assert_eq!(gone, 404);
}

#[test]
fn what_is_spent_stays_spent_and_a_changed_limit_applies_at_once() {
    let envoy = Envoy::start(&Config::hot_reload().document(document(HOST, 1)));
    let publish = |limit| assert_eq!(envoy.publish(&document(HOST, limit)), Ok(Verdict::Accepted));
    let send = || told(&send_to(&envoy, 0, &call()));
    // As soon as the worker has it; an answer under the old limit is a refusal and spends nothing.
    let send_under = |limit: &str| until(send, |(_, left)| left.ends_with(limit));
    for _ in 0..3 {
        let (raised, lowered) = within_a_second(|| {
            let start = spend(send, "0/1");
            publish(2);
            let raised = [send_under("/2"), send()];
            publish(1);
            (start, (raised, send_under("/1")))
        });
        assert_eq!(raised, [(200, "0/2".to_owned()), (429, "0/2".to_owned())]);
        assert_eq!(lowered, (429, "0/1".to_owned()));
    }
}

#[test]
fn until_a_first_document_is_accepted_nothing_passes() {
    let envoy = Envoy::start(&Config::hot_reload().document(BROKEN));
    let words = refused(envoy.verdict().expect("a verdict"));
    assert!(words.contains("keys[0].secret_key: must be 10 to 50"), "{words}");
    for request in [call(), Request::get(HOST, "/release/x")] {
        assert_eq!(send_to(&envoy, 0, &request).status, 500);
    }
    refused(envoy.publish("{").expect("a verdict"));
    assert_eq!(send_to(&envoy, 0, &call()).status, 500);
    assert_eq!(envoy.publish(&document(HOST, 100)), Ok(Verdict::Accepted));
    assert_eq!(until(|| send_to(&envoy, 0, &call()).status, |status| *status == 200), 200);
}
