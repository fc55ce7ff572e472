//! From a request to its service, its environment and the path that goes upstream (`docs/rules.md#routing`).

use emulator::{Shared, Worker, on_all};
use serde_json::{Value, json};
use testbed::Request;

use crate::UsagePlan;
use crate::caller::{acme, free, get, undated};
use crate::document::{
    DOCUMENT, Document, SERVICE, document_with, document_with_gold, document_with_options,
};

on_all! {
    UsagePlan =>
    a_signed_call_goes_upstream_with_the_callers_identity_and_without_prefix_and_credential,
    a_path_without_prefix_has_the_default_environment_and_is_kept,
    an_environment_alone_becomes_the_root,
    the_prefix_and_the_credential_are_forwarded_where_the_options_say_so,
    a_mapped_path_names_the_environment_instead_of_the_prefix,
    a_path_that_can_be_read_as_another_names_no_environment,
    an_escape_names_the_environment_of_the_byte_that_it_stands_for,
    an_escape_evades_no_limit_of_an_api,
    a_request_without_a_path_is_not_found,
    no_spelling_of_a_host_reaches_the_service_of_any_host,
    a_caller_cannot_bring_its_own_identity,
    the_options_choose_the_headers_that_show_the_caller,
    an_open_service_lets_calls_without_a_credential_pass_and_holds_others_to_theirs,
}

/// The document whose service asks for no credential.
fn open() -> Document {
    document_with(&format!("{SERVICE}/authentication"), "none")
}

fn a_signed_call_goes_upstream_with_the_callers_identity_and_without_prefix_and_credential<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let exchange = worker.request(&acme().sign(get(&shared, "/release/orders/1?x=/test/y")));
    assert_eq!(exchange.status(), 200);
    assert_eq!(exchange.upstream_header(":path").as_deref(), Some("/orders/1?x=/test/y"));
    for (name, value) in [
        ("x-usage-plan-id", Some("gold")),
        ("x-usage-plan-environment", Some("release")),
        ("x-secret-id", Some("AKIDacme0001")),
        ("x-service-id", Some("service-orders")),
        ("authorization", None),
    ] {
        assert_eq!(exchange.upstream_header(name).as_deref(), value, "{name}");
    }
}

fn a_path_without_prefix_has_the_default_environment_and_is_kept<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for path in ["/orders", "/releasex", "/RELEASE/x", "/release;a/x"] {
        shared.clock().advance(std::time::Duration::from_secs(1));
        let exchange = worker.request(&acme().sign(get(&shared, path)));
        assert_eq!(exchange.upstream_header(":path").as_deref(), Some(path));
        assert_eq!(exchange.upstream_header("x-usage-plan-environment").as_deref(), Some("release"));
    }
}

fn an_environment_alone_becomes_the_root<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for (path, upstream) in [("/prepub", "/"), ("/prepub?x=1", "/?x=1"), ("/prepub/", "/")] {
        let exchange = worker.request(&free().sign(get(&shared, path)));
        assert_eq!(exchange.upstream_header(":path").as_deref(), Some(upstream));
    }
}

fn the_prefix_and_the_credential_are_forwarded_where_the_options_say_so<W: Worker>() {
    let shared = Shared::new();
    let options = json!({"forward_environment_prefix": true, "forward_authorization": true});
    let mut worker = W::start(&shared, document_with_options(options));
    let exchange = worker.request(&acme().sign(get(&shared, "/release/x")));
    assert_eq!(exchange.upstream_header(":path").as_deref(), Some("/release/x"));
    assert!(exchange.upstream_header("authorization").is_some_and(|value| value.starts_with("hmac ")));
}

fn a_mapped_path_names_the_environment_instead_of_the_prefix<W: Worker>() {
    let shared = Shared::new();
    let mappings = json!([
        {"path": "/v1", "environment": "release"},
        {"path": "/v1/beta", "environment": "prepub"},
    ]);
    let document = document_with(&format!("{SERVICE}/path_mappings"), mappings)
        .without(&format!("{SERVICE}/default_environment"));
    let mut worker = W::start(&shared, document);
    let exchange = worker.request(&acme().sign(get(&shared, "/v1/x")));
    assert_eq!(exchange.upstream_header(":path").as_deref(), Some("/x"));
    let exchange = worker.request(&free().sign(get(&shared, "/v1/beta/x")));
    assert_eq!(exchange.upstream_header("x-usage-plan-environment").as_deref(), Some("prepub"));
    let exchange = worker.request(&acme().sign(get(&shared, "/release/x")));
    assert_eq!(exchange.body(), "{\"message\":\"There is no api match env_mapping[release]\"}\n");
}

fn a_path_that_can_be_read_as_another_names_no_environment<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for path in [
        "/test/../release/x",
        "//release/x",
        "/release%2Fx",
        "/release%5cx",
        "/release\\x",
        "/prepub/%2e%2e/release",
        "/prepub/x%2F..%2F../release",
    ] {
        let exchange = worker.request(&acme().sign(get(&shared, path)));
        assert_eq!(exchange.status(), 404, "{path}");
        assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("environment_not_found"));
    }
}

fn an_escape_names_the_environment_of_the_byte_that_it_stands_for<W: Worker>() {
    let shared = Shared::new();
    let mappings = json!([
        {"path": "/caf%C3%A9", "environment": "release"},
        {"path": "/v1:beta", "environment": "release"},
        {"path": "/", "environment": "prepub"},
    ]);
    let document = document_with(&format!("{SERVICE}/path_mappings"), mappings);
    for keeps_prefix in [true, false] {
        let options = json!({"forward_environment_prefix": keeps_prefix});
        let mut worker = W::start(&shared, document.clone().with("/options", options));
        for path in ["/caf%C3%A9", "/caf%c3%a9", "/c%61f%C3%a9", "/v1:beta", "/v1%3Abeta", "/v1%3abet%61"] {
            shared.clock().advance(std::time::Duration::from_secs(1));
            let sent = format!("{path}/x%3ay");
            let exchange = worker.request(&acme().sign(get(&shared, &sent)));
            assert_eq!(exchange.upstream_header("x-usage-plan-environment").as_deref(), Some("release"));
            let upstream = if keeps_prefix { &*sent } else { "/x%3ay" };
            assert_eq!(exchange.upstream_header(":path").as_deref(), Some(upstream));
        }
        for path in ["/caf%25c3%25a9/x", "/v1%253Abeta/x", "/v1%3Bbeta/x"] {
            let exchange = worker.request(&free().sign(get(&shared, path)));
            assert_eq!(exchange.upstream_header("x-usage-plan-environment").as_deref(), Some("prepub"));
        }
    }
}

fn an_escape_evades_no_limit_of_an_api<W: Worker>() {
    let shared = Shared::new();
    let limits = json!({"apis": [{"path": "/v1/users:search", "max_requests_per_second": 1}]});
    let mut worker = W::start(&shared, document_with_gold(limits));
    let mut status = |path: &str| worker.request(&acme().sign(get(&shared, path))).status();
    assert_eq!(status("/release/v1/users:search?x=1"), 200);
    for path in
        ["/release/v1/users:search", "/release/v1/users%3Asearch", "/v1/users%3asearch", "/v1/%75sers:search"]
    {
        assert_eq!(status(path), 429, "{path}");
    }
    assert_eq!(status("/release/v1%2Fusers:search"), 200);
}

fn a_request_without_a_path_is_not_found<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let connect = Request::bare("CONNECT", "orders.example.com:443").header("host", "orders.example.com:443");
    let exchange = worker.request(&connect);
    assert_eq!(exchange.status(), 404);
    assert_eq!(exchange.body(), "{\"message\":\"There is no api match env_mapping[]\"}\n");
}

fn no_spelling_of_a_host_reaches_the_service_of_any_host<W: Worker>() {
    let shared = Shared::new();
    let services = json!([
        {"id": "service-orders", "domains": ["orders.example.com"], "default_environment": "release"},
        {"id": "any", "domains": ["*"], "authentication": "none"},
    ]);
    let mut worker = W::start(&shared, document_with("/services", services));
    let mut answer = |host: &[u8]| {
        let exchange = worker.request(&Request::bare("GET", "/release/x").header("host", host));
        (exchange.status(), exchange.state("wasm.usage_plan_outcome"))
    };
    let mut assert_answers = |hosts: &[&[u8]], status: u16, outcome: &str| {
        for host in hosts {
            let shown = String::from_utf8_lossy(host);
            assert_eq!(answer(host), (status, Some(outcome.to_owned())), "{shown}");
        }
    };
    let long = "a.".repeat(128);
    let is_orders: [&[u8]; 6] = [
        b"orders.example.com",
        b"ORDERS.example.com:8443",
        b"orders.example.com.",
        b"orders.example.com.:80",
        b"orders.example.com:",
        b"orders.example.com:00000000000000000080",
    ];
    assert_answers(&is_orders, 401, "credential_missing");
    let is_none: [&[u8]; 12] = [
        b"orders.example.com:8x",
        b"orders.example.com:80:80",
        b"orders.example.com:80.",
        b"orders.example.com..",
        b"u@orders.example.com",
        b"orders%2eexample.com",
        b"orders.example.com/x",
        b"orders.example.com\xff",
        b"[::1]x",
        b"010.0.0.1",
        b"",
        long.as_bytes(),
    ];
    assert_answers(&is_none, 404, "service_not_found");
    assert_answers(&[b"other.example.com", b"[::1]:80", b"10.0.0.1"], 200, "anonymous");
}

fn the_options_choose_the_headers_that_show_the_caller<W: Worker>() {
    let all = [
        ("x-usage-plan-id", "gold"),
        ("x-usage-plan-environment", "release"),
        ("x-secret-id", "AKIDacme0001"),
        ("x-service-id", "service-orders"),
        (
            "x-usage-plan-identity",
            r#"plan="gold", environment="release", key="AKIDacme0001", service="service-orders""#,
        ),
    ];
    let chosen: [(Value, &[usize]); 4] = [
        (json!(["x-usage-plan-identity"]), &[4]),
        (json!(["x-secret-id", "x-usage-plan-id", "x-secret-id"]), &[0, 2]),
        (json!(["x-usage-plan-identity", "x-service-id"]), &[3, 4]),
        (json!([]), &[]),
    ];
    for (headers, there) in chosen {
        let shared = Shared::new();
        let mut worker = W::start(&shared, open().with("/options", json!({"identity_headers": headers})));
        let forged =
            all.iter().fold(get(&shared, "/release/x"), |request, (name, _)| request.header(name, "me"));
        let signed = worker.request(&acme().sign(forged.clone()));
        assert_eq!(signed.status(), 200);
        let anonymous = worker.request(&forged);
        for (index, (name, value)) in all.into_iter().enumerate() {
            let expected = there.contains(&index).then_some(value);
            assert_eq!(signed.upstream_header(name).as_deref(), expected, "{headers}: {name}");
            assert_eq!(anonymous.upstream_header(name), None, "{headers}: {name}");
        }
    }
}

/// Identity headers that a caller sends are removed from every request, in any spelling.
fn a_caller_cannot_bring_its_own_identity<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, open());
    let forge = |request: Request| {
        request
            .header("x-usage-plan-id", "forged")
            .header("X-Usage-Plan-Id", "forged again")
            .header("x_usage_plan_id", "forged")
            .header("x-usage-plan-environment", "forged")
            .header("x-secret-id", "forged")
            .header("x-secret_id", "forged")
            .header("x.secret.id", "forged")
            .header("x-service.id", "forged")
            .header("x-service-id", "forged")
            .header("x-usage-plan-identity", "forged")
            .header("x.usage-plan_identity", "forged")
            .header("x-secret-id-2", "kept")
            .trailer("x_usage_plan_identity", "forged")
            .trailer("x-secret-id", "forged")
            .trailer("x.usage_plan-id", "forged")
            .trailer("x-secret-id", "forged again")
            .trailer("x-checksum", "kept")
    };
    let signed = worker.request(&forge(acme().sign(get(&shared, "/release/x"))));
    assert_eq!(signed.upstream.as_ref().expect("forwarded").all("x-usage-plan-id").count(), 1);
    assert_eq!(signed.upstream_header("x-usage-plan-id").as_deref(), Some("gold"));
    let anonymous = worker.request(&forge(undated("/release/x")));
    assert_eq!(anonymous.status(), 200);
    for exchange in [signed, anonymous] {
        assert_eq!(exchange.upstream_header("x-secret-id-2").as_deref(), Some("kept"));
        let upstream = exchange.upstream.expect("forwarded");
        assert!(upstream.iter().all(|(_, value)| !value.starts_with(b"forged")), "{upstream:?}");
        assert_eq!(format!("{:?}", exchange.upstream_trailers), r#"["x-checksum: kept"]"#);
    }
}

fn an_open_service_lets_calls_without_a_credential_pass_and_holds_others_to_theirs<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, open());
    for _ in 0..5 {
        let exchange = worker.request(&undated("/test/x"));
        assert_eq!(exchange.status(), 200);
        assert_eq!(exchange.upstream_header(":path").as_deref(), Some("/x"));
        assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("anonymous"));
        assert_eq!(exchange.response_header("x-usageplan-ratelimit"), None);
    }
    let bearer = worker.request(&undated("/release").header("authorization", "Bearer x"));
    assert_eq!(bearer.upstream_header("authorization").as_deref(), Some("Bearer x"));
    let forged = undated("/release").header("authorization", "hmac x");
    assert_eq!(worker.request(&forged).status(), 401);
    for left in ["2/3", "1/3", "0/3"] {
        let exchange = worker.request(&acme().sign(get(&shared, "/release/x")));
        assert_eq!(exchange.response_header("x-usageplan-ratelimit").as_deref(), Some(left));
    }
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release/x"))).status(), 429);
}
