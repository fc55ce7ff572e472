//! Signatures through the whole filter (`docs/rules.md#signature`); every refusal is in `refusals.rs`.

use std::time::Duration;

use emulator::{Shared, Worker, on_all};
use serde_json::{Value, json};
use testbed::{Algorithm, Request, Signer};

use crate::UsagePlan;
use crate::caller::{free, get, get_at, http_date, undated};
use crate::document::{
    ACME_KEY, DOCUMENT, Document, FREE_KEY, RATE, SERVICE, document_with, document_with_options,
};

const SECOND: u64 = 1_000_000_000;

on_all! {
    UsagePlan =>
    every_vector_is_judged_as_it_says,
    every_algorithm_verifies_unless_the_options_leave_it_out,
    what_callers_really_send_is_accepted,
    values_are_signed_as_received_without_the_space_around_them,
    host_is_signed_as_the_authority,
    a_signed_date_may_be_the_skew_from_now_on_either_side,
    a_date_may_have_the_zone_utc_and_another_weekday,
    an_unchecked_date_is_warned_of_at_load_and_counted,
    a_service_can_require_more_headers_to_be_signed,
    a_key_is_valid_from_not_before_to_not_after,
    while_a_key_is_rotated_both_secrets_verify_and_the_operator_sees_which,
}

fn every_vector_is_judged_as_it_says<W: Worker>() {
    let data: Value = serde_json::from_str(include_str!("../vectors/key-pair.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let document = document_with(RATE, -1)
        .with(&format!("{ACME_KEY}/secret_id"), data["secret_id"].clone())
        .with(&format!("{ACME_KEY}/secret_key"), data["secret_key"].clone())
        .with("/usage_plans/0/keys/0", data["secret_id"].clone());
    let shared = Shared::new();
    let mut worker = W::start(&shared, document);
    let vectors = data["vectors"].as_array().expect("a list");
    assert!(!vectors.is_empty());
    for vector in vectors {
        let mut request = undated("/release");
        let mut signer = Signer::new(&text(&data["secret_id"]), "");
        signer.headers.clear();
        let named = |algorithm: &&Algorithm| algorithm.name() == vector["algorithm"];
        signer.algorithm = *Algorithm::ALL.iter().find(named).expect("a known algorithm");
        for header in vector["headers"].as_array().expect("a list") {
            let (name, value) = (text(&header[0]), text(&header[1]));
            if name.to_lowercase().ends_with("date") {
                let time = httpdate_nanos(&value);
                shared.clock().set(time);
            }
            request = request.header(&name, &value);
            signer.headers.push(name.to_lowercase());
        }
        let credential = signer.authorization_with(&text(&vector["signature"]));
        let expected = if vector["valid"] == true { 200 } else { 401 };
        let exchange = worker.request(&request.header("authorization", credential));
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
    let mut some = W::start(
        &shared,
        document_with_options(json!({"allowed_algorithms": ["hmac-sha256", "hmac-sha512"]})),
    );
    for algorithm in Algorithm::ALL {
        let caller = free().algorithm(algorithm);
        assert_eq!(all.request(&caller.sign(get(&shared, "/prepub"))).status(), 200, "{algorithm:?}");
        let allowed = matches!(algorithm, Algorithm::Sha256 | Algorithm::Sha512);
        let expected = if allowed { 200 } else { 401 };
        assert_eq!(some.request(&caller.sign(get(&shared, "/prepub"))).status(), expected, "{algorithm:?}");
    }
}

fn what_callers_really_send_is_accepted<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let request = || get(&shared, "/prepub");
    let signature = free().algorithm.mac(&free().secret_key, &free().string_to_sign(&request()));
    for credential in [
        format!(r#"hmac signature="{signature}",headers="x-date",algorithm="hmac-sha1",id="AKIDfree0001""#),
        format!(
            r#"HMAC id="AKIDfree0001"  ,  algorithm="hmac-sha1" , headers="X-Date" ,signature="{signature}"  "#
        ),
    ] {
        let request = request().header("authorization", &credential);
        assert_eq!(worker.request(&request).status(), 200, "{credential}");
    }
    let text = format!("X-Date: {}", http_date(shared.clock().now()));
    let as_written = free().algorithm.mac(&free().secret_key, text.as_bytes());
    let credential = free().headers(&["X-Date"]).authorization_with(&as_written);
    assert_eq!(worker.request(&request().header("authorization", credential)).status(), 200);
}

fn values_are_signed_as_received_without_the_space_around_them<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let caller = free().headers(&["x-date", "Source"]);
    for value in ["", " \t ", "a, b | c: d", "  größe  ", &"x".repeat(4096)] {
        let request = get(&shared, "/prepub").header("Source", value);
        assert_eq!(worker.request(&caller.sign(request)).status(), 200, "{value:?}");
    }
    let request = get(&shared, "/prepub").header("Source", "x".repeat(4097));
    assert_eq!(worker.request(&caller.sign(request)).status(), 401);
}

fn host_is_signed_as_the_authority<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    let date = http_date(shared.clock().now());
    let request = |host: &str| Request::get(host, "/prepub").header("x-date", &date);
    let credential = free().headers(&["host", "x-date"]).authorization(&request("orders.example.com:8080"));
    for (host, status) in [("orders.example.com:8080", 200), ("orders.example.com", 401)] {
        assert_eq!(worker.request(&request(host).header("authorization", &credential)).status(), status);
    }
}

fn a_signed_date_may_be_the_skew_from_now_on_either_side<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"clock_skew_seconds": 60})));
    let now = shared.clock().now();
    let dates = [
        (now - 61 * SECOND, 401),
        (now - 60 * SECOND, 200),
        (now + 60 * SECOND, 200),
        (now + 61 * SECOND, 401),
    ];
    for fraction in [0, SECOND - 1] {
        shared.clock().set(now + fraction);
        for (signed, status) in dates {
            let exchange = worker.request(&free().sign(get_at(signed, "/prepub")));
            assert_eq!(exchange.status(), status, "{fraction} ns after the second");
        }
    }
}

/// The emulator's clock starts on a Thursday.
fn a_date_may_have_the_zone_utc_and_another_weekday<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, DOCUMENT);
    for (date, status) in [
        ("Thu, 01 Jan 2026 00:00:00 GMT", 200),
        ("Thu, 01 Jan 2026 00:00:00 UTC", 200),
        ("Mon, 01 Jan 2026 00:00:00 GMT", 200),
        ("Sunday, 01-Jan-26 00:00:00 UTC", 200),
        ("Sat Jan  1 00:00:00 2026", 200),
        ("Thu, 01 Jan 2026 00:00:00 CET", 401),
        ("Day, 01 Jan 2026 00:00:00 GMT", 401),
        ("01 Jan 2026 00:00:00 GMT", 401),
    ] {
        for name in ["x-date", "date"] {
            let request = undated("/prepub").header(name, date);
            assert_eq!(
                worker.request(&free().headers(&[name]).sign(request)).status(),
                status,
                "{name}: {date}"
            );
        }
    }
}

fn an_unchecked_date_is_warned_of_at_load_and_counted<W: Worker>() {
    let shared = Shared::new();
    let mut worker = W::start(&shared, document_with_options(json!({"date_header": "unchecked"})));
    assert!(shared.logs().iter().any(|(_, line)| line.contains("can be replayed for ever")));
    let request = undated("/prepub").header("date", "Fri, 09 Oct 2015 00:00:00 GMT");
    assert_eq!(worker.request(&free().headers(&["date"]).sign(request)).status(), 200);
    assert_eq!(shared.metric("wasmcustom.usage_plan_unchecked_dates.plan=free"), 1);
    assert_eq!(worker.request(&free().sign(get(&shared, "/prepub"))).status(), 200);
    assert_eq!(shared.metric("wasmcustom.usage_plan_unchecked_dates.plan=free"), 1);
}

fn a_service_can_require_more_headers_to_be_signed<W: Worker>() {
    let shared = Shared::new();
    let required = document_with(&format!("{SERVICE}/required_signed_headers"), json!(["source", "host"]));
    let mut worker = W::start(&shared, required);
    let mut call = |names: &[&str]| {
        let request = get(&shared, "/prepub").header("source", "s");
        worker.request(&free().headers(names).sign(request))
    };
    let refused = call(&["x-date", "source"]);
    let message = "HMAC signature cannot be verified, the host header must be signed";
    assert_eq!((refused.status(), refused.body()), (401, format!("{{\"message\":\"{message}\"}}\n")));
    assert_eq!(refused.state("wasm.usage_plan_outcome").as_deref(), Some("header_not_signed"));
    assert_eq!(call(&["Host", "source", "x-date"]).status(), 200);
}

/// The emulator's clock starts at 2026-01-01T00:00:00Z.
fn a_key_is_valid_from_not_before_to_not_after<W: Worker>() {
    let shared = Shared::new();
    let valid = json!({"not_before": "2026-01-01T08:00:01+08:00", "not_after": "2026-01-01T00:00:05Z"});
    let mut worker = W::start(&shared, Document::new().with_all(FREE_KEY, valid));
    let start = shared.clock().now();
    for (after, status) in [(SECOND - 1, 401), (SECOND, 200), (5 * SECOND, 200), (5 * SECOND + 1, 401)] {
        shared.clock().set(start + after);
        let exchange = worker.request(&free().sign(get(&shared, "/prepub")));
        assert_eq!(exchange.status(), status, "{after} ns");
        if status == 401 {
            assert_eq!(exchange.body(), "{\"message\":\"HMAC signature cannot be verified\"}\n");
            assert_eq!(exchange.state("wasm.usage_plan_outcome").as_deref(), Some("key_expired"));
        }
    }
}

fn while_a_key_is_rotated_both_secrets_verify_and_the_operator_sees_which<W: Worker>() {
    let shared = Shared::new();
    let rotated = json!({
        "secret_key": "new-secret-key-0001",
        "previous_secret_key": "free-secret-key-0001",
        "previous_secret_key_not_after": "2026-01-01T00:00:05Z",
    });
    let mut worker = W::start(&shared, Document::new().with_all(FREE_KEY, rotated));
    let renewed = Signer::new("AKIDfree0001", "new-secret-key-0001");
    let stranger = Signer::new("AKIDfree0001", "another-secret-key");
    let mut call = |caller: &Signer| {
        let exchange = worker.request(&caller.sign(get(&shared, "/prepub")));
        (exchange.status(), exchange.state("wasm.usage_plan_secret"))
    };
    assert_eq!(call(&renewed), (200, Some("current".to_owned())));
    assert_eq!(call(&free()), (200, Some("previous".to_owned())));
    assert_eq!(call(&stranger), (401, None));
    shared.clock().advance(Duration::from_secs(5));
    assert_eq!(call(&free()), (200, Some("previous".to_owned())));
    shared.clock().advance(Duration::from_nanos(1));
    assert_eq!(call(&free()), (401, None));
    assert_eq!(call(&renewed), (200, Some("current".to_owned())));
    assert_eq!(shared.metric("wasmcustom.usage_plan_secret_uses.key=AKIDfree0001.secret=current"), 2);
    assert_eq!(shared.metric("wasmcustom.usage_plan_secret_uses.key=AKIDfree0001.secret=previous"), 2);
}
