//! Quotas in time: how they renew.

use std::time::Duration;

use emulator::{Shared, Worker, on_both};
use serde_json::json;
use testbed::Signer;

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::document_with_gold;

on_both! {
    UsagePlan =>
    a_quota_of_a_minute_renews_with_the_minute_of_the_clock_and_says_so,
}

fn admitted<W: Worker>(worker: &mut W, shared: &Shared, caller: &Signer, requests: usize) -> usize {
    (0..requests).filter(|_| worker.request(&caller.sign(get(shared, "/release"))).status() == 200).count()
}

fn a_quota_of_a_minute_renews_with_the_minute_of_the_clock_and_says_so<W: Worker>() {
    let shared = Shared::new();
    let mut worker =
        W::start(&shared, document_with_gold(json!({"quotas": [{"max_requests": 3, "period": "minute"}]})));
    // The emulator's clock starts at a full minute.
    shared.clock().advance(Duration::from_secs(50));
    let first = worker.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(first.response_header("x-usageplan-quota").as_deref(), Some("2/3"));
    assert_eq!(first.response_header("ratelimit-policy").as_deref(), Some("\"minute\";q=3;w=60"));
    assert_eq!(first.response_header("ratelimit").as_deref(), Some("\"minute\";r=2;t=10"));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 2);
    let refused = worker.request(&acme().sign(get(&shared, "/release")));
    assert_eq!(refused.response_header("retry-after").as_deref(), Some("10"));
    shared.clock().advance(Duration::from_secs(10));
    assert_eq!(admitted(&mut worker, &shared, &acme(), 5), 3);
}
