//! A document with ten thousand keys.

use std::time::Instant;

use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Request, Signer, Verdict};

use super::{HOST, document};
use crate::until;

const KEYS: usize = 10_000;

/// `KEYS` keys, each on one plan that is bound to one environment.
fn large_document() -> String {
    let each = |object: fn(usize) -> Value| (0..KEYS).map(object).collect::<Vec<_>>();
    json!({
        "services": [{"id": "service-orders", "domains": [HOST], "environments": ["release"]}],
        "keys": each(|n| json!({
            "name": format!("caller-{n}"), "secret_id": format!("AKID{n:08}"),
            "secret_key": format!("secret-key-{n:08}"),
        })),
        "usage_plans": each(|n| json!({
            "id": format!("plan-{n}"), "max_requests_per_second": n + 1, "keys": [format!("AKID{n:08}")],
            "environments": [{"service": "service-orders", "environment": "release"}],
        })),
    })
    .to_string()
}

#[test]
fn ten_thousand_keys_and_plans_are_accepted_and_the_last_key_works() {
    let envoy = Envoy::start(&Config::hot_reload().document(document(HOST, 1)));
    let (small, large) = (document(HOST, 1).to_string(), large_document());
    // Envoy's processor time is measured, because other work of the machine does not count in it.
    let publish = || {
        assert_eq!(envoy.publish(&small), Ok(Verdict::Accepted));
        let (start, used) = (Instant::now(), envoy.processor_time());
        assert_eq!(envoy.publish(&large), Ok(Verdict::Accepted));
        println!("{KEYS} keys with a plan each, {} bytes: accepted after {:?}", large.len(), start.elapsed());
        envoy.processor_time() - used
    };
    let took = [publish(), publish(), publish()];
    println!("and after {took:?} of Envoy's processor time");

    let last = KEYS - 1;
    let caller = Signer::new(&format!("AKID{last:08}"), &format!("secret-key-{last:08}"));
    let send = || Client::new(envoy.ingress()).send(&caller.sign(Request::get(HOST, "/release/x")));
    let response = until(|| send().expect("an answer"), |response| response.status == 200);
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.header("x-usageplan-ratelimit").as_deref(), Some("9999/10000"));
}
