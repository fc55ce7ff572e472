//! What an answer shows of the caller's plan.

use serde_json::json;
use testbed::ports::free_ports;
use testbed::{Client, Config, Envoy, Response, Signer};

use super::{acme, assert_refused, document, first_refusal, get, received, trial};

/// The values of the limit headers, each of which is there once.
fn limits(response: &Response) -> [String; 3] {
    ["x-usageplan-ratelimit", "ratelimit-policy", "ratelimit"].map(|name| {
        let [value] = &response.all(name)[..] else { panic!("{name}: {:?}", response.all(name)) };
        value.clone()
    })
}

/// The shipped configuration with an upstream that sends a limit header too.
fn with_a_limit_of_the_upstream() -> Config {
    Config::plain().document(document()).edit(|tree| {
        let upstream = &mut tree["static_resources"]["listeners"][1]["filter_chains"][0]["filters"][0];
        let host = &mut upstream["typed_config"]["route_config"]["virtual_hosts"][0];
        host["response_headers_to_add"] =
            json!([{"header": {"key": "x-usageplan-ratelimit", "value": "of the upstream"}}]);
    })
}

#[test]
fn every_answer_to_a_known_caller_shows_its_plan_once_and_a_429_when_to_retry() {
    let envoy = Envoy::start(&with_a_limit_of_the_upstream());
    let mut client = Client::new(envoy.ingress());
    let mut send = |caller: Signer, target| client.send(&caller.sign(get(target))).expect("an answer");
    let allowed = send(acme(), "/release/x");
    received(&allowed);
    assert_eq!(limits(&allowed), ["999/1000", "\"second\";q=1000;w=1", "\"second\";r=999;t=1"]);
    let unlimited = send(acme(), "/test/x");
    received(&unlimited);
    assert_eq!(unlimited.all("x-usageplan-ratelimit"), ["unlimited"]);
    assert_eq!((unlimited.header("ratelimit-policy"), unlimited.header("ratelimit")), (None, None));

    let last = send(trial(), "/release/x");
    received(&last);
    assert_eq!(limits(&last), ["0/1", "\"second\";q=1;w=1", "\"second\";r=0;t=1"]);
    assert_eq!(last.header("retry-after"), None);
    let refused = first_refusal(|| send(trial(), "/release/x"), |response| response.status != 200);
    assert_refused(&refused, 429, "API rate limit exceeded");
    assert_eq!(limits(&refused), limits(&last));
    assert_eq!(refused.all("retry-after"), ["1"]);
    assert_eq!(refused.header("content-type").as_deref(), Some("application/json; charset=utf-8"));
}

#[test]
fn the_answer_to_an_allowed_call_whose_upstream_is_down_shows_what_is_left_of_its_plan() {
    let [closed] = free_ports().expect("a port that nobody listens on");
    let envoy = Envoy::start(&Config::plain().document(document()).edit(move |tree| {
        let endpoint = &mut tree["static_resources"]["clusters"][0]["load_assignment"]["endpoints"][0];
        endpoint["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]["port_value"] = closed.into();
    }));
    let response = Client::new(envoy.ingress()).send(&acme().sign(get("/release/x"))).expect("an answer");
    assert_eq!(response.status, 503, "{}", response.text());
    assert_eq!(limits(&response), ["999/1000", "\"second\";q=1000;w=1", "\"second\";r=999;t=1"]);
    assert_eq!(envoy.metric("usage_plan_requests", &[("plan", "strict"), ("outcome", "allowed")]), 1.0);
}
