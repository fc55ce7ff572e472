//! The shipped module itself: what it imports, what a request costs, and how it dies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use emulator::{Failure, ProxyWasm, Shared, Status, Worker};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, free, get, undated};
use crate::document::{DOCUMENT, RATE, document_with, document_with_gold};
use crate::fleet::engine::{Engine, Mode};

type Wasm = emulator::Wasm<UsagePlan>;

/// What Envoy must offer: the whole ABI, because the SDK refers to all of it, and what std needs of WASI. The
/// filter calls only a part of it, and `envoy/envoy.yaml` allows only that part.
const IMPORTS: [&str; 39] = [
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
    "env.proxy_record_metric",
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

/// Envoy compiles the module before it serves, so its size is time to start. A sixth of these bytes are
/// what an engine needs.
#[test]
fn the_module_has_at_most_515_000_bytes() {
    let bytes = std::fs::metadata(testbed::module()).expect("the module is built").len();
    assert!(bytes <= 515_000, "{bytes}");
}

fn fuel(worker: &mut Wasm, request: Request, status: u16) -> u64 {
    let exchange = worker.request(&request);
    assert_eq!(exchange.status(), status);
    exchange.fuel.expect("the interpreter counts fuel")
}

/// The fuel of a request of each kind, after the worker has served ten others of its kind: the mean of 64,
/// each with a header that is a little longer. A single request would not do, because the cost of its
/// allocations depends on the state in which the requests before it left the heap.
fn measured() -> BTreeMap<String, u64> {
    let mut fuels = BTreeMap::new();
    let mut record = |name: &str, fuel| fuels.insert(name.to_owned(), fuel);
    let plenty = document_with(RATE, 1_000_000);
    let silent = plenty.clone().with("/options", json!({"rate_limit_headers": []}));
    let per_key = plenty.clone().with("/options", json!({"metrics_per_key": true}));
    let (plenty, silent, per_key) = (plenty.text(), silent.text(), per_key.text());
    let forger = Signer::new("AKIDacme0001", "another-secret-key");
    // Each kind has a store of its own, because what one leaves in a plan's cell would cost the next.
    let warm = |document: &str, request: &dyn Fn() -> Request, status| {
        let mut worker = Wasm::start(&Shared::new(), document);
        for _ in 0..10 {
            worker.request(&request());
        }
        let padded = |i: usize| request().header("x-padding", "x".repeat(i * 4));
        (0..64).map(|i| fuel(&mut worker, padded(i), status)).sum::<u64>() / 64
    };
    let now = Shared::new();
    let signed = |path: &'static str| move |caller: &Signer, shared: &Shared| caller.sign(get(shared, path));
    record("allowed", warm(plenty, &|| signed("/orders")(&acme(), &now), 200));
    record("allowed, another text each time", {
        let mut worker = Wasm::start(&Shared::new(), plenty);
        let other = |i: usize| get(&now, "/orders").header("source", format!("{i:02}"));
        let signer = acme().headers(&["x-date", "source"]);
        let mut fuels: Vec<u64> = (0..64).map(|i| fuel(&mut worker, signer.sign(other(i)), 200)).collect();
        fuels.drain(..10);
        fuels.iter().sum::<u64>() / 54
    });
    record("allowed, prefix removed", warm(plenty, &|| signed("/release/orders")(&acme(), &now), 200));
    record("allowed, no limit headers", warm(silent, &|| signed("/orders")(&acme(), &now), 200));
    record("allowed, plan without a limit", warm(DOCUMENT, &|| signed("/prepub")(&free(), &now), 200));
    record("allowed, metrics per key", warm(per_key, &|| signed("/orders")(&acme(), &now), 200));
    record("refused, plan spent", warm(DOCUMENT, &|| signed("/orders")(&acme(), &now), 429));
    record("refused, signature forged", warm(DOCUMENT, &|| signed("/orders")(&forger, &now), 401));
    record("refused, no credential", warm(DOCUMENT, &|| undated("/"), 401));
    record("refused, no such service", warm(DOCUMENT, &|| Request::get("nobody.example.com", "/"), 404));
    for (name, limits, _) in shapes() {
        let document = document_with_gold(limits);
        record(
            &format!("allowed, {name}"),
            warm(document.text(), &|| signed("/release/orders/1")(&acme(), &now), 200),
        );
    }
    record("allowed, tokens in hand", in_hand());
    for (limit, name) in
        [(100, "allowed, steady at 100 per second"), (2000, "allowed, steady at 2000 per second")]
    {
        record(name, steady(limit));
    }
    fuels
}

/// The fuel of a request that finds tokens which the engine has granted before.
fn in_hand() -> u64 {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Counts);
    let fleet = json!({"cluster": "usage-plan-engine", "expected_envoys": 2});
    let mut worker =
        Wasm::start(&shared, document_with(RATE, 1_000_000).with("/options", json!({"fleet": fleet})));
    let request = || acme().sign(get(&shared, "/release/orders/1"));
    // Tokens are asked for as many callers as wait, and all of these leave before the answer comes.
    let ids: Vec<_> = (0..1000).map(|_| worker.begin(&request())).collect();
    assert!(worker.try_step().expect("it lives"), "the root context is kicked");
    ids.into_iter().for_each(|id| worker.hang_up(id));
    worker.settle();
    for _ in 0..10 {
        worker.request(&request());
    }
    let calls = shared.calls("proxy_grpc_call");
    let padded = |i: usize| request().header("x-padding", "x".repeat(i * 4));
    let fuel = (0..64).map(|i| fuel(&mut worker, padded(i), 200)).sum::<u64>() / 64;
    assert_eq!(shared.calls("proxy_grpc_call"), calls, "no request waits");
    fuel
}

/// The fuel of a request when the window is as full as a steady caller keeps it.
fn steady(limit: u64) -> u64 {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, document_with(RATE, limit));
    let mut fuels = Vec::new();
    for _ in 0..limit * 2 {
        shared.clock().advance(Duration::from_nanos(1_005_000_000 / limit));
        fuels.push(fuel(&mut worker, acme().sign(get(&shared, "/orders")), 200));
    }
    fuels.sort_unstable();
    fuels[fuels.len() / 2]
}

/// A change of more than half a percent in either direction fails: look at its cause, then run
/// `UPDATE_FUEL=1 cargo test --test scenarios fuel`.
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
        assert!((fuel / recorded - 1.0).abs() <= 0.005, "{kind}: {fuel} instead of {recorded}");
    }
}

#[test]
fn a_vm_that_dies_takes_no_admission_with_it() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    assert_eq!(worker.request(&acme().sign(get(&shared, "/release"))).status(), 200);
    let mut doomed = Wasm::start(&shared, DOCUMENT);
    // The SDK panics when this hostcall fails.
    shared.fail_next("proxy_get_shared_data", 1, Status::InternalFailure);
    let failure = doomed.try_request(&acme().sign(get(&shared, "/release"))).expect_err("a dead VM");
    assert!(matches!(failure, Failure::Died(_)), "{failure}");
    let mut reborn = Wasm::start(&shared, DOCUMENT);
    let statuses = [(); 4].map(|()| reborn.request(&acme().sign(get(&shared, "/release"))).status());
    assert_eq!(statuses, [200, 200, 429, 429]);
}

/// A document with `keys` keys, each on a plan of its own.
fn document_with_keys(keys: u32) -> String {
    let each = |object: fn(u32) -> Value| (0..keys).map(object).collect::<Vec<_>>();
    json!({
        "services": [{"id": "orders", "domains": ["orders.example.com"], "environments": ["release"]}],
        "keys": each(|n| json!({"secret_id": format!("AKID{n:08}"), "secret_key": format!("secret-key-{n:08}")})),
        "usage_plans": each(|n| json!({
            "id": format!("plan-{n}"), "max_requests_per_second": 1000, "keys": [format!("AKID{n:08}")],
            "environments": [{"service": "orders", "environment": "release"}],
        })),
    })
    .to_string()
}

#[test]
fn a_document_costs_in_proportion_to_its_keys_and_a_request_the_same_however_many_there_are() {
    let measured = |keys: u32| {
        let shared = Shared::new();
        let mut worker = Wasm::boot(&shared);
        let to_accept = worker.configure_fuel(document_with_keys(keys));
        let last = Signer::new(&format!("AKID{:08}", keys - 1), &format!("secret-key-{:08}", keys - 1));
        let mut send = || fuel(&mut worker, last.sign(get(&shared, "/release/x")), 200);
        // The first request of a key makes what is kept of its secret, and of its plan's metric.
        (to_accept, [(); 10].map(|()| send())[9])
    };
    let ((few, request_of_few), (many, request_of_many)) = (measured(1000), measured(10_000));
    println!("1,000 keys: {few}, 10,000 keys: {many}; a request: {request_of_few}, {request_of_many}");
    assert!(many <= 11 * few, "{few}, {many}");
    assert!(request_of_many <= request_of_few + request_of_few / 50, "{request_of_few}, {request_of_many}");
}

/// Shapes of plans, and how many bytes their counter takes after one request.
fn shapes() -> Vec<(&'static str, Value, usize)> {
    const RATE: u32 = 1_000_000;
    let quota = |period: &str| json!({"max_requests": RATE, "period": period});
    let quotas = ["hour", "day", "month"].map(quota);
    let api = |i: u32| {
        let path = if i == 15 { "/orders/*".to_owned() } else { format!("/api/{i}") };
        json!({"path": path, "max_requests_per_second": RATE, "quotas": [quota("day")]})
    };
    let apis: Vec<_> = (0..16).map(api).collect();
    vec![
        ("rate", json!({"max_requests_per_second": RATE}), 24),
        ("burst", json!({"max_requests_per_second": RATE, "burst": RATE}), 24),
        ("rate and one quota", json!({"max_requests_per_second": RATE, "quotas": [quota("day")]}), 62),
        ("rate and three quotas", json!({"max_requests_per_second": RATE, "quotas": quotas}), 138),
        (
            "rate, three quotas, the last of sixteen APIs",
            json!({"max_requests_per_second": RATE, "quotas": quotas, "apis": apis}),
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
        let mut worker = Wasm::start(&shared, document_with_gold(limits));
        assert_eq!(worker.request(&acme().sign(get(&shared, "/release/orders/1"))).status(), 200);
        assert_eq!(shared.data("usage_plan/gold").map(|(cell, _)| cell.len()), Some(bytes), "{name}");
        let row = format!("| {name} | {bytes} | {} |", fuel[&format!("allowed, {name}")]);
        assert!(docs.contains(&row), "docs/cost.md has another row than {row}");
    }
}
