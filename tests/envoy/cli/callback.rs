//! A document without headers on responses, whose filter is not called for them: it is another VM, and the
//! counters are the same.

use serde_json::{Value, json};
use testbed::Envoy;

use super::{Cli, call, document, publish, send};
use crate::until;

/// The document with a quota of ten in all, and these limit headers.
fn with_headers(families: Value) -> Value {
    let mut document = document(100);
    document["usage_plans"][0]["quotas"] = json!([{"max_requests": 10, "period": "total"}]);
    document["options"] = json!({"rate_limit_headers": families});
    document
}

#[test]
fn limit_headers_can_be_turned_off_and_on_and_what_is_used_stays_used() {
    let cli = Cli::with(&with_headers(json!(["tencent"])));
    let envoy = Envoy::start(&cli.config());
    let quota = || {
        let response = send(&envoy, &call());
        (response.status, response.header("x-usageplan-quota"))
    };
    assert_eq!(quota(), (200, Some("9/10".to_owned())));
    cli.write(&with_headers(json!([])));
    cli.done(&publish(&[&envoy]));
    assert_eq!(until(quota, |(_, header)| header.is_none()), (200, None));
    let rendered = cli.done("render --to ecds");
    assert!(!rendered.contains("proxy_on_response_headers: {}"), "{rendered}");
    cli.write(&with_headers(json!(["tencent"])));
    cli.done(&publish(&[&envoy]));
    let (status, header) = until(quota, |(_, header)| header.is_some());
    // A worker may have taken a document up a few calls later; every call but these was counted in one cell.
    let left: u32 = header
        .as_deref()
        .and_then(|left| left.strip_suffix("/10"))
        .expect("a quota")
        .parse()
        .expect("a number");
    assert!(status == 200 && left <= 7, "{left} of 10 are left after three calls at least");
}
