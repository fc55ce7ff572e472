//! The shipped module itself: what it imports, what a request costs in it, that it does not grow, and how it dies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::caller::{ACME, Caller, DOCUMENT, FREE, document_replacing};
use crate::host::{Failure, Request, Shared, Status, Wasm, Worker, get};

/// What the host must offer: the whole ABI, since the SDK refers to all of it, and what std needs of WASI. What of it is
/// called is less; `envoy/envoy.yaml` allows no more than that.
const IMPORTS: [&str; 38] = [
    "env.proxy_add_header_map_value",
    "env.proxy_call_foreign_function",
    "env.proxy_close_stream",
    "env.proxy_continue_stream",
    "env.proxy_define_metric",
    "env.proxy_dequeue_shared_queue",
    "env.proxy_done",
    "env.proxy_enqueue_shared_queue",
    "env.proxy_get_buffer_bytes",
    "env.proxy_get_current_time_nanoseconds",
    "env.proxy_get_header_map_pairs",
    "env.proxy_get_header_map_value",
    "env.proxy_get_property",
    "env.proxy_get_shared_data",
    "env.proxy_get_status",
    "env.proxy_grpc_call",
    "env.proxy_grpc_cancel",
    "env.proxy_grpc_close",
    "env.proxy_grpc_send",
    "env.proxy_grpc_stream",
    "env.proxy_http_call",
    "env.proxy_increment_metric",
    "env.proxy_log",
    "env.proxy_register_shared_queue",
    "env.proxy_remove_header_map_value",
    "env.proxy_replace_header_map_value",
    "env.proxy_resolve_shared_queue",
    "env.proxy_send_local_response",
    "env.proxy_set_buffer_bytes",
    "env.proxy_set_effective_context",
    "env.proxy_set_header_map_pairs",
    "env.proxy_set_property",
    "env.proxy_set_shared_data",
    "env.proxy_set_tick_period_milliseconds",
    "wasi_snapshot_preview1.environ_get",
    "wasi_snapshot_preview1.environ_sizes_get",
    "wasi_snapshot_preview1.fd_write",
    "wasi_snapshot_preview1.proc_exit",
];

#[test]
fn the_module_imports_what_is_expected_and_nothing_else() {
    assert_eq!(Wasm::imports(), IMPORTS);
}

fn fuel(worker: &mut Wasm, request: Request, status: u16) -> u64 {
    let exchange = worker.request(request);
    assert_eq!(exchange.status(), status);
    exchange.fuel.expect("the interpreter counts fuel")
}

/// Fuel of one request of each kind, once the worker has served others of its kind.
fn measured() -> BTreeMap<String, u64> {
    let mut fuels = BTreeMap::new();
    let mut record = |name: &str, fuel| fuels.insert(name.to_owned(), fuel);
    let plenty = document_replacing("\"max_requests_per_second\": 3", "\"max_requests_per_second\": 1000000");
    let silent =
        plenty.replacen("\"services\"", "\"options\": {\"rate_limit_headers\": []}, \"services\"", 1);
    let forger = Caller::new(ACME.id, "another-secret-key");
    let shared = Shared::new();
    let warm = |document: &str, request: &dyn Fn() -> Request, status| {
        let mut worker = Wasm::start(&shared, document);
        for _ in 0..10 {
            worker.request(request());
        }
        fuel(&mut worker, request(), status)
    };
    let now = Shared::new();
    let signed = |path: &'static str| move |caller: &Caller, shared: &Shared| caller.sign(shared, get(path));
    record("allowed", warm(&plenty, &|| signed("/orders")(&ACME, &now), 200));
    record("allowed, prefix removed", warm(&plenty, &|| signed("/release/orders")(&ACME, &now), 200));
    record("allowed, no limit headers", warm(&silent, &|| signed("/orders")(&ACME, &now), 200));
    record("allowed, plan without a limit", warm(DOCUMENT, &|| signed("/prepub")(&FREE, &now), 200));
    record("refused, plan spent", warm(DOCUMENT, &|| signed("/orders")(&ACME, &now), 429));
    record("refused, signature forged", warm(DOCUMENT, &|| signed("/orders")(&forger, &now), 401));
    record("refused, no credential", warm(DOCUMENT, &|| get("/").host("orders.example.com"), 401));
    record("refused, no such service", warm(DOCUMENT, &|| get("/").host("nobody.example.com"), 404));
    for (name, limits, _) in shapes() {
        let document = document_replacing("\"max_requests_per_second\": 3", &limits);
        record(
            &format!("allowed, {name}"),
            warm(&document, &|| signed("/release/orders/1")(&ACME, &now), 200),
        );
    }
    for (limit, name) in
        [(100, "allowed, steady at 100 per second"), (2000, "allowed, steady at 2000 per second")]
    {
        record(name, steady(limit));
    }
    fuels
}

/// Fuel of a request when the window is as full as a steady caller keeps it.
fn steady(limit: u64) -> u64 {
    let shared = Shared::new();
    let document = document_replacing(
        "\"max_requests_per_second\": 3",
        &format!("\"max_requests_per_second\": {limit}"),
    );
    let mut worker = Wasm::start(&shared, document);
    let mut fuels = Vec::new();
    for _ in 0..limit * 2 {
        shared.clock().advance(Duration::from_nanos(1_005_000_000 / limit));
        fuels.push(fuel(&mut worker, ACME.sign(&shared, get("/orders")), 200));
    }
    fuels.sort_unstable();
    fuels[fuels.len() / 2]
}

/// A change of more than 2 % either way is to be noticed: look at it, then `UPDATE_FUEL=1 cargo test fuel`.
#[test]
fn the_fuel_of_a_request_is_what_the_record_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/fuel.json");
    let measured = measured();
    if std::env::var_os("UPDATE_FUEL").is_some() {
        let text = serde_json::to_string_pretty(&measured).expect("JSON");
        std::fs::write(&path, text + "\n").expect("the record can be written");
    }
    let text = std::fs::read_to_string(&path).expect("the record can be read");
    let recorded: BTreeMap<String, u64> = serde_json::from_str(&text).expect("JSON");
    assert!(measured.keys().eq(recorded.keys()), "other kinds of requests: {measured:?}");
    for (kind, fuel) in measured {
        let (recorded, fuel) = (recorded[&kind] as f64, fuel as f64);
        assert!((fuel / recorded - 1.0).abs() <= 0.02, "{kind}: {fuel} instead of {recorded}");
    }
}

#[test]
fn memory_does_not_grow_with_requests() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    let mut serve = |requests: u32| {
        for i in 0..requests {
            shared.clock().advance(Duration::from_millis(1));
            worker.request(ACME.sign(&shared, get(&format!("/release/{i}"))));
            worker.request(get(&format!("/{i}")).host(format!("{i}.example.com")));
        }
        worker.memory_pages()
    };
    let warm = serve(500);
    assert_eq!(serve(3000), warm);
}

#[test]
fn memory_does_not_grow_with_reloads() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    let mut reload = |times: u32| {
        for _ in 0..times {
            assert!(worker.configure(DOCUMENT));
            worker.request(ACME.sign(&shared, get("/release")));
        }
        worker.memory_pages()
    };
    let warm = reload(20);
    assert_eq!(reload(200), warm);
}

#[test]
fn a_vm_that_dies_takes_no_admission_with_it() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    assert_eq!(worker.request(ACME.sign(&shared, get("/release"))).status(), 200);
    let mut doomed = Wasm::start(&shared, DOCUMENT);
    // The SDK panics when a hostcall fails as none should.
    shared.fail_next("proxy_get_shared_data", 1, Status::InternalFailure);
    let failure = doomed.try_request(ACME.sign(&shared, get("/release"))).expect_err("a dead VM");
    assert!(matches!(failure, Failure::Died(_)), "{failure}");
    let mut reborn = Wasm::start(&shared, DOCUMENT);
    let statuses = [(); 4].map(|()| reborn.request(ACME.sign(&shared, get("/release"))).status());
    assert_eq!(statuses, [200, 200, 429, 429]);
}

/// Shapes of plans, and how many bytes their counter takes after one request.
fn shapes() -> Vec<(&'static str, String, usize)> {
    let quota = |period: &str| format!(r#"{{"max_requests": 1000000, "period": "{period}"}}"#);
    let quotas = ["hour", "day", "month"].map(quota).join(", ");
    let api = |i: u32| {
        let path = if i == 15 { "/orders/*".to_owned() } else { format!("/api/{i}") };
        format!(r#"{{"path": "{path}", "max_requests_per_second": 1000000, "quotas": [{}]}}"#, quota("day"))
    };
    let apis = (0..16).map(api).collect::<Vec<_>>().join(", ");
    const RATE: &str = r#""max_requests_per_second": 1000000"#;
    vec![
        ("rate", RATE.to_owned(), 24),
        ("burst", format!(r#"{RATE}, "burst": 1000000"#), 24),
        ("rate and one quota", format!(r#"{RATE}, "quotas": [{}]"#, quota("day")), 62),
        ("rate and three quotas", format!(r#"{RATE}, "quotas": [{quotas}]"#), 138),
        (
            "rate, three quotas, the last of sixteen APIs",
            format!(r#"{RATE}, "quotas": [{quotas}], "apis": [{apis}]"#),
            199,
        ),
    ]
}

#[test]
fn a_counter_takes_and_a_request_costs_what_the_docs_say() {
    let docs = include_str!("../../docs/cost.md");
    let fuel: BTreeMap<String, u64> = serde_json::from_str(include_str!("fuel.json")).expect("JSON");
    for (name, limits, bytes) in shapes() {
        let shared = Shared::new();
        let mut worker = Wasm::start(&shared, document_replacing("\"max_requests_per_second\": 3", &limits));
        assert_eq!(worker.request(ACME.sign(&shared, get("/release/orders/1"))).status(), 200);
        assert_eq!(shared.data("usage_plan/gold").map(|(cell, _)| cell.len()), Some(bytes), "{name}");
        let row = format!("| {name} | {bytes} | {} |", fuel[&format!("allowed, {name}")]);
        assert!(docs.contains(&row), "docs/cost.md has another row than {row}");
    }
}
