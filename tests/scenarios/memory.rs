//! The memory of the shipped module: what a key takes of it, and that requests and reloads do not make it
//! grow.

use std::time::Duration;

use emulator::{ProxyWasm, Shared, Worker};
use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{DOCUMENT, RATE, document_with};
use crate::fleet::engine::{Engine, Mode};

type Wasm = emulator::Wasm<UsagePlan>;

const PAGE: u64 = 64 * 1024;

/// The most that a key may take of a VM's memory, in bytes: the document's own text of some 110 bytes
/// included, which the VM holds while it reads it.
const MOST_PER_KEY: u64 = 460;

/// A document with `keys` keys that are bound to one plan, and have a name and a secret each.
fn document_with_keys(keys: u32) -> String {
    let each = |object: fn(u32) -> Value| (0..keys).map(object).collect::<Vec<_>>();
    json!({
        "services": [{"id": "orders", "domains": ["orders.example.com"], "environments": ["release"]}],
        "keys": each(|n| json!({
            "name": format!("caller-{n:06}"), "secret_id": format!("AKID{n:08}"),
            "secret_key": format!("secret-key-{n:08}"),
        })),
        "usage_plans": [{
            "id": "all", "max_requests_per_second": 1000, "keys": each(|n| json!(format!("AKID{n:08}"))),
            "environments": [{"service": "orders", "environment": "release"}],
        }],
    })
    .to_string()
}

#[test]
fn a_key_takes_little_memory_when_the_document_is_read_and_when_it_is_read_again() {
    const KEYS: u32 = 100_000;
    let shared = Shared::new();
    let (few, many) = (document_with_keys(1), document_with_keys(KEYS));
    let mut worker = Wasm::start(&shared, few);
    let without = worker.memory_pages();
    let mut per_key = || {
        assert!(worker.configure(&many));
        let last = Signer::new("AKID00099999", "secret-key-00099999");
        assert_eq!(worker.request(&last.sign(get(&shared, "/release/x"))).status(), 200);
        (worker.memory_pages() - without) * PAGE / u64::from(KEYS)
    };
    let (once, twice, thrice) = (per_key(), per_key(), per_key());
    println!("bytes a key: {once}, after a reload: {twice}; of its text: {}", many.len() / KEYS as usize);
    assert!(once <= MOST_PER_KEY && twice <= MOST_PER_KEY, "{once}, {twice}");
    assert_eq!(thrice, twice);
}

#[test]
fn memory_does_not_grow_with_requests() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    let mut serve = |requests: u32| {
        for i in 0..requests {
            shared.clock().advance(Duration::from_millis(1));
            worker.request(&acme().sign(get(&shared, &format!("/release/{i}"))));
            worker.request(&Request::get(&format!("{i}.example.com"), format!("/{i}")));
        }
        worker.memory_pages()
    };
    let warm = serve(500);
    assert_eq!(serve(3000), warm);
}

#[test]
fn memory_does_not_grow_with_requests_that_wait() {
    let shared = Shared::new();
    Engine::start(&shared, Mode::Counts);
    let options = json!({"fleet": {"cluster": "usage-plan-engine", "expected_envoys": 2}});
    let mut worker = Wasm::start(&shared, document_with(RATE, 400).with("/options", options));
    let mut serve = |bursts: u32| {
        for _ in 0..bursts {
            shared.clock().advance(Duration::from_secs(1));
            let request = acme().sign(get(&shared, "/release"));
            let ids: Vec<_> = (0..500).map(|_| worker.begin(&request)).collect();
            ids.iter().step_by(5).for_each(|id| worker.hang_up(*id));
            worker.settle();
            let over = ids.iter().filter(|id| worker.take(**id).is_some()).count();
            assert_eq!(over, 400);
        }
        worker.memory_pages()
    };
    let warm = serve(3);
    assert_eq!(serve(20), warm);
}

#[test]
fn memory_does_not_grow_with_reloads() {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, DOCUMENT);
    let mut reload = |times: u32| {
        for _ in 0..times {
            assert!(worker.configure(DOCUMENT));
            worker.request(&acme().sign(get(&shared, "/release")));
        }
        worker.memory_pages()
    };
    // The heap needs some time to find its form.
    let warm = reload(300);
    assert_eq!(reload(1000), warm);
}
