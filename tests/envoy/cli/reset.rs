//! `usage-plan plan reset`: a quota that is used up admits as many again, once, on all workers; and warnings
//! of how much of a quota is used.

use serde_json::json;
use testbed::Envoy;

use super::{Cli, call, document, send};
use crate::until;

const QUOTA: usize = 20;

/// Percents of which the plan warns.
const WARN_AT: [u8; 2] = [80, 95];

/// How many of so many calls are admitted. Each comes on a connection of its own, so both workers decide.
fn admitted(envoy: &Envoy, calls: usize) -> usize {
    (0..calls)
        .filter(|_| match send(envoy, &call()).status {
            200 => true,
            429 => false,
            status => panic!("{status}"),
        })
        .count()
}

/// How often Envoy was warned of each percentage.
fn warnings(envoy: &Envoy) -> [f64; 2] {
    WARN_AT.map(|percent| {
        let labels = [("plan", "usagePlan-gold"), ("limit", "total"), ("percent", &percent.to_string())];
        envoy.metric("usage_plan_quota_warnings", &labels)
    })
}

#[test]
fn a_quota_that_is_reset_admits_as_many_again_once() {
    let mut document = document(1_000_000);
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": QUOTA, "period": "total"}]);
    document["usage_plans"][0]["warn_at"] = json!(WARN_AT);
    let cli = Cli::with(&document);
    let envoy = Envoy::start(&cli.config().concurrency(2));
    assert_eq!(admitted(&envoy, QUOTA + 10), QUOTA);
    assert_eq!(warnings(&envoy), [1.0; 2]);

    cli.done("plan reset gold");
    assert_eq!(admitted(&envoy, 10), 0, "it is reset before it is published");
    cli.published(&[&envoy]);
    let mut since_reset = 0;
    let all = until(
        || {
            since_reset += admitted(&envoy, 1);
            since_reset
        },
        |since_reset| *since_reset >= QUOTA,
    );
    assert_eq!(all + admitted(&envoy, 50), QUOTA);
    assert_eq!(warnings(&envoy), [2.0; 2]);

    // The same document again, and another document with the same reset.
    cli.published(&[&envoy]);
    assert_eq!(admitted(&envoy, 50), 0);
    cli.done("plan edit gold --max-requests-per-second 999999");
    cli.published(&[&envoy]);
    super::assert_in_force(&envoy, 999_999);
    assert_eq!(admitted(&envoy, 50), 0);
}
