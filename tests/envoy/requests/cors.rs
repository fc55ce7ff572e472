//! Pages of another origin: a browser asks first, and shows a page what the answer allows.

use testbed::{Config, Envoy, Request, Response};

use super::{
    SHIPPED, acme, assert_refused, document, first_refusal, get, received, send, sent_upstream, trial,
};

/// The origin in the shipped configurations.
const ALLOWED: &str = "https://console.example.com";

/// Origins that are not it.
const OTHERS: [&str; 5] = [
    "https://evil.example.com",
    "http://console.example.com",
    "https://console.example.com:8443",
    "https://console.example.com.evil.example",
    "null",
];

/// What a browser asks before a page of `origin` may send a signed request.
fn preflight(origin: &str) -> Request {
    get("/release/orders/1")
        .method("OPTIONS")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,source,x-date")
}

fn of_page(origin: &str, request: Request) -> Request {
    request.header("origin", origin)
}

/// The names in a header that is a list, in lower case.
fn names(response: &Response, header: &str) -> Vec<String> {
    let [list] = &response.all(header)[..] else { panic!("{header}: {:?}", response.all(header)) };
    list.split(',').map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// Asserts that a page of the allowed origin can read the answer with all that it says of limits.
fn assert_readable(response: &Response) {
    assert_eq!(response.all("access-control-allow-origin"), [ALLOWED], "{response:?}");
    let exposed = names(response, "access-control-expose-headers");
    let says_of_limits = |name: &str| {
        ["x-usage", "ratelimit", "retry-after", "www-authenticate"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    for (name, _) in response.headers.iter().filter(|(name, _)| says_of_limits(name)) {
        assert!(exposed.contains(name), "{name} is not in {exposed:?}");
    }
}

fn assert_not_readable(response: &Response) {
    let allows = response.headers.iter().filter(|(name, _)| name.starts_with("access-control-"));
    assert_eq!(allows.count(), 0, "{response:?}");
}

/// Asks as a browser does before a page of the allowed origin may call. Nothing else was sent to that Envoy.
fn assert_preflight_is_answered(envoy: &Envoy) {
    let answer = send(envoy, &preflight(ALLOWED));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_readable(&answer);
    for method in ["get", "head", "post", "put", "patch", "delete"] {
        let methods = names(&answer, "access-control-allow-methods");
        assert!(methods.iter().any(|name| name == method), "{method}: {methods:?}");
    }
    for header in ["authorization", "content-type", "source", "x-date"] {
        let headers = names(&answer, "access-control-allow-headers");
        assert!(headers.iter().any(|name| name == header), "{header}: {headers:?}");
    }
    assert_eq!(answer.all("access-control-max-age"), ["7200"]);
    assert_eq!(sent_upstream(envoy), "0");
    assert_eq!(envoy.metric("usage_plan_requests", &[]), 0.0);
}

#[test]
fn a_page_of_an_allowed_origin_may_call_and_can_read_what_it_is_allowed_and_why_it_is_refused() {
    for shipped in [Config::plain(), Config::hot_reload()] {
        let envoy = Envoy::start(&shipped.document(document()));
        assert_preflight_is_answered(&envoy);
        let call = |request| send(&envoy, &of_page(ALLOWED, request));

        let allowed = call(acme().sign(get("/release/orders/1")));
        received(&allowed);
        assert_eq!(allowed.all("x-usageplan-ratelimit"), ["999/1000"]);
        assert_readable(&allowed);

        let unsigned = call(get("/release/orders/1"));
        assert_eq!((unsigned.status, unsigned.all("www-authenticate").len()), (401, 1), "{unsigned:?}");
        assert_readable(&unsigned);

        let flood = || call(trial().sign(get("/release/orders/1")));
        let limited = first_refusal(flood, |response| response.status != 200);
        assert_refused(&limited, 429, "API rate limit exceeded");
        assert_eq!(limited.all("retry-after"), ["1"]);
        assert_readable(&limited);

        let nowhere = call(Request::get("nobody.example.com", "/"));
        assert_eq!(nowhere.status, 404, "{nowhere:?}");
        assert_readable(&nowhere);
    }
}

#[test]
fn a_page_can_read_what_is_observed_and_what_the_guard_refuses() {
    let mut observing = document();
    observing["options"]["enforcement"] = "observe".into();
    let envoy = Envoy::start(&Config::plain().document(observing));
    let observed = send(&envoy, &of_page(ALLOWED, get("/release/orders/1")));
    received(&observed);
    assert_eq!(observed.all("x-usage-plan-observed").len(), 1, "{observed:?}");
    assert_readable(&observed);

    let envoy = Envoy::start(&Config::plain().document(document()).deaf());
    let unavailable = send(&envoy, &of_page(ALLOWED, acme().sign(get("/release/orders/1"))));
    assert_refused(&unavailable, 503, "Usage plan unavailable");
    assert_readable(&unavailable);
    assert_eq!(send(&envoy, &preflight(ALLOWED)).status, 200);
}

#[test]
fn a_page_of_another_origin_reads_nothing_and_its_preflight_is_a_request_without_a_credential() {
    let envoy = SHIPPED.envoy();
    for origin in OTHERS {
        let preflight = send(&envoy, &preflight(origin));
        assert_eq!(preflight.status, 401, "{origin}: {preflight:?}");
        assert_not_readable(&preflight);
        let signed = send(&envoy, &of_page(origin, acme().sign(get("/release/orders/1"))));
        received(&signed);
        assert_not_readable(&signed);
    }
}

#[test]
fn what_is_no_preflight_is_not_let_through_by_an_allowed_origin() {
    let envoy = Envoy::start(&Config::plain().document(document()));
    let options = get("/release/orders/1").method("OPTIONS");
    let without_method = of_page(ALLOWED, options.clone());
    let without_origin = options.header("access-control-request-method", "POST");
    let not_options = get("/release/orders/1").header("access-control-request-method", "POST");
    for request in [without_method, without_origin, of_page(ALLOWED, not_options)] {
        assert_eq!(send(&envoy, &request).status, 401, "{request:?}");
    }
    assert_eq!(sent_upstream(&envoy), "0");
}
