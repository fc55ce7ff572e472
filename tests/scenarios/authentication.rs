//! Signatures through the whole filter (SPEC section 5); every refusal is in `refusals.rs`.

use std::time::Duration;

use serde_json::Value;
use testbed::Algorithm;

use crate::caller::{Caller, DOCUMENT, FREE, document_replacing, document_with, http_date};
use crate::host::{Shared, Worker, get, on_both};

const SECOND: u64 = 1_000_000_000;

on_both! {
    every_vector_is_judged_as_it_says,
    every_algorithm_verifies_unless_the_options_leave_it_out,
    what_callers_really_send_is_accepted,
    values_are_signed_as_received_less_the_space_around_them,
    host_is_signed_as_the_authority,
    a_signed_date_may_be_the_skew_from_now_on_either_side,
    an_unchecked_date_is_warned_of_at_load_and_counted,
    a_service_can_want_more_headers_signed,
    a_key_is_valid_from_its_first_moment_to_its_last,
    while_a_key_is_rotated_both_secrets_verify_and_the_operator_sees_which,
}

fn every_vector_is_judged_as_it_says<W: Worker>() {
    let data: Value = serde_json::from_str(include_str!("../vectors/key-pair.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let document = DOCUMENT
        .replace("AKIDacme0001", &text(&data["secret_id"]))
        .replace("acme-secret-key-0001", &text(&data["secret_key"]))
        .replace("\"max_requests_per_second\": 3", "\"max_requests_per_second\": -1");
    let shared = Shared::new();
    let mut worker = W::start(&shared, document);
    let vectors = data["vectors"].as_array().expect("a list");
    assert!(!vectors.is_empty());
    for vector in vectors {
        let mut request = get("/release").host("orders.example.com");
        let mut names = Vec::new();
        for header in vector["headers"].as_array().expect("a list") {
            let (name, value) = (text(&header[0]), text(&header[1]));
            if name.to_lowercase().ends_with("date") {
                let time = httpdate_nanos(&value);
                shared.clock().set(time);
            }
            request = request.header(&name, &value);
            names.push(name.to_lowercase());
        }
        let credential = format!(
            r#"hmac id="{}", algorithm="{}", headers="{}", signature="{}""#,
            text(&data["secret_id"]),
            text(&vector["algorithm"]),
            names.join(" "),
            text(&vector["signature"])
        );
        let expected = if vector["valid"] == true { 200 } else { 401 };
        let exchange = worker.request(request.header("authorization", credential));
        assert_eq!(exchange.status(), expected, "{}", vector["name"]);
    }
}

fn httpdate_nanos(date: &str) -> u64 {
    let time = httpdate::parse_http_date(date).expect("a date");
    let since = time.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_nanos()).expect("before 2554")
}

fn every_algorithm_verifies_unless_the_options_leave_it_out<W: Worker>() {
    let shared = Shared::new();
    let mut all = W::start(&shared, DOCUMENT);
    let mut some =
        W::start(&shared, document_with(r#"{"allowed_algorithms": ["hmac-sha256", "hmac-sha512"]}"#));
    for algorithm in Algorithm::ALL {
        let mut caller = FREE;
        caller.algorithm = algorithm;
        assert_eq!(all.request(caller.sign(&shared, get("/prepub"))).status(), 200, "{algorithm:?}");
        let allowed = matches!(algorithm, Algorithm::Sha256 | Algorithm::Sha512);
        let expected = if allowed { 200 } else { 401 };
        assert_eq!(some.request(caller.sign(&shared, get("/prepub"))).status(), expected, "{algorithm:?}");
    }
}

fn what_callers_really_send_is_accepted<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let date = http_date(shared.clock().now());
    let signature = FREE.algorithm.mac(FREE.key, format!("x-date: {date}").as_bytes());
    for credential in [
        format!(r#"hmac signature="{signature}",headers="x-date",algorithm="hmac-sha1",id="AKIDfree0001""#),
        format!(
            r#"HMAC id="AKIDfree0001"  ,  algorithm="hmac-sha1" , headers="X-Date" ,signature="{signature}"  "#
        ),
    ] {
        let request = get("/prepub").host("orders.example.com").header("x-date", &date);
        assert_eq!(
            worker.request(request.header("authorization", &credential)).status(),
            200,
            "{credential}"
        );
    }
    let as_written = FREE.algorithm.mac(FREE.key, format!("X-Date: {date}").as_bytes());
    let request = get("/prepub").host("orders.example.com").header("x-date", &date);
    let request = request.header("authorization", FREE.credential("X-Date", &as_written));
    assert_eq!(worker.request(request).status(), 200);
}

fn values_are_signed_as_received_less_the_space_around_them<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for value in ["", " \t ", "a, b | c: d", "  größe  ", &"x".repeat(4096)] {
        let caller = FREE.also("Source", value);
        assert_eq!(worker.request(caller.sign(&shared, get("/prepub"))).status(), 200, "{value:?}");
    }
    let caller = FREE.also("Source", "x".repeat(4097));
    assert_eq!(worker.request(caller.sign(&shared, get("/prepub"))).status(), 401);
}

fn host_is_signed_as_the_authority<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let date = http_date(shared.clock().now());
    let text = format!("host: orders.example.com:8080\nx-date: {date}");
    let credential = FREE.credential("host x-date", &FREE.algorithm.mac(FREE.key, text.as_bytes()));
    let request = get("/prepub").header("x-date", date).header("authorization", credential);
    assert_eq!(worker.request(request.clone().host("orders.example.com:8080")).status(), 200);
    assert_eq!(worker.request(request.host("orders.example.com")).status(), 401);
}

fn a_signed_date_may_be_the_skew_from_now_on_either_side<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with(r#"{"clock_skew_seconds": 60}"#));
    let now = shared.clock().now();
    for (signed, status) in [(now - 60 * SECOND, 200), (now + 60 * SECOND, 200), (now - 61 * SECOND, 401)] {
        assert_eq!(worker.request(FREE.sign_at(signed, get("/prepub"))).status(), status);
    }
}

fn an_unchecked_date_is_warned_of_at_load_and_counted<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with(r#"{"date_header": "unchecked"}"#));
    assert!(shared.logs().iter().any(|(_, line)| line.contains("can be replayed for ever")));
    let signature = FREE.algorithm.mac(FREE.key, b"date: Fri, 09 Oct 2015 00:00:00 GMT");
    let request = get("/prepub").host("orders.example.com").header("date", "Fri, 09 Oct 2015 00:00:00 GMT");
    let request = request.header("authorization", FREE.credential("date", &signature));
    assert_eq!(worker.request(request).status(), 200);
    assert_eq!(shared.metric("wasmcustom.usage_plan_unchecked_dates.plan=free"), 1);
    assert_eq!(worker.request(FREE.sign(&shared, get("/prepub"))).status(), 200);
    assert_eq!(shared.metric("wasmcustom.usage_plan_unchecked_dates.plan=free"), 1);
}

fn a_service_can_want_more_headers_signed<W: Worker>() {
    let shared = Shared::new();
    let wanted = r#""required_signed_headers": ["source", "host"], "default_environment""#;
    let mut worker = W::start(&shared, document_replacing("\"default_environment\"", wanted));
    let date = http_date(shared.clock().now());
    let mut call = |names: &str, text: String| {
        let credential = FREE.credential(names, &FREE.algorithm.mac(FREE.key, text.as_bytes()));
        let request = get("/prepub").host("orders.example.com").header("x-date", &date).header("source", "s");
        worker.request(request.header("authorization", credential))
    };
    let refused = call("x-date source", format!("x-date: {date}\nsource: s"));
    let message = "HMAC signature cannot be verified, the host header must be signed";
    assert_eq!((refused.status(), refused.body()), (401, format!("{{\"message\":\"{message}\"}}\n")));
    assert_eq!(refused.state("wasm.usage_plan_outcome").as_deref(), Some("header_not_signed"));
    let text = format!("host: orders.example.com\nsource: s\nx-date: {date}");
    assert_eq!(call("Host source x-date", text).status(), 200);
}

/// The host's clock starts at 2026-01-01T00:00:00Z.
fn a_key_is_valid_from_its_first_moment_to_its_last<W: Worker>() {
    let shared = Shared::new();
    let valid =
        r#""not_before": "2026-01-01T08:00:01+08:00", "not_after": "2026-01-01T00:00:05Z", "name": "free""#;
    let mut worker = W::start(&shared, document_replacing("\"name\": \"free\"", valid));
    let start = shared.clock().now();
    for (after, status) in [(SECOND - 1, 401), (SECOND, 200), (5 * SECOND, 200), (5 * SECOND + 1, 401)] {
        shared.clock().set(start + after);
        let exchange = worker.request(FREE.sign(&shared, get("/prepub")));
        assert_eq!(exchange.status(), status, "{after} ns");
        if status == 401 {
            assert_eq!(exchange.body(), "{\"message\":\"HMAC signature cannot be verified\"}\n");
            assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("key_expired"));
        }
    }
}

fn while_a_key_is_rotated_both_secrets_verify_and_the_operator_sees_which<W: Worker>() {
    let shared = Shared::new();
    let rotated = r#""secret_key": "new-secret-key-0001", "previous_secret_key": "free-secret-key-0001",
        "previous_secret_key_not_after": "2026-01-01T00:00:05Z""#;
    let document = document_replacing("\"secret_key\": \"free-secret-key-0001\"", rotated);
    let mut worker = W::start(&shared, document);
    let renewed = Caller::new(FREE.id, "new-secret-key-0001");
    let stranger = Caller::new(FREE.id, "another-secret-key");
    let mut call = |caller: &Caller| {
        let exchange = worker.request(caller.sign(&shared, get("/prepub")));
        (exchange.status(), exchange.state("wasm.usage_plan_secret"))
    };
    assert_eq!(call(&renewed), (200, Some("current".to_owned())));
    assert_eq!(call(&FREE), (200, Some("previous".to_owned())));
    assert_eq!(call(&stranger), (401, None));
    shared.clock().advance(Duration::from_secs(5));
    assert_eq!(call(&FREE), (200, Some("previous".to_owned())));
    shared.clock().advance(Duration::from_nanos(1));
    assert_eq!(call(&FREE), (401, None));
    assert_eq!(call(&renewed), (200, Some("current".to_owned())));
    assert_eq!(shared.metric("wasmcustom.usage_plan_secret_uses.key=AKIDfree0001.secret=current"), 2);
    assert_eq!(shared.metric("wasmcustom.usage_plan_secret_uses.key=AKIDfree0001.secret=previous"), 2);
}
