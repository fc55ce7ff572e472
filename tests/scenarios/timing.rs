//! What the time of a refusal can tell, in the fuel of the interpreter (`docs/rules.md#signature`). `make
//! timing` measures the same natively, with a clock.

use base64::{Engine, engine::general_purpose::STANDARD};
use emulator::{Shared, Worker};
use serde_json::json;
use testbed::{Algorithm, Request, Signer};

use crate::UsagePlan;
use crate::caller::{acme, beta, free, get};
use crate::document::{ACME_KEY, Document};

type Wasm = emulator::Wasm<UsagePlan>;

/// How much of a signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Nothing,
    FirstHalf,
    AllButLastByte,
    All,
}

/// The key `acme` can call. All others are refused like an unknown one: `beta` is disabled, `late` is over,
/// and `free` has no plan in `release`.
fn document() -> Document {
    let keys = json!([
        { "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001" },
        { "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled" },
        { "secret_id": "AKIDfree0001", "secret_key": "free-secret-key-0001" },
        { "secret_id": "AKIDlate0001", "secret_key": "late-secret-key-0001", "not_after": "2020-01-01T00:00:00Z" }
    ]);
    let bound = json!(["AKIDacme0001", "AKIDbeta0001", "AKIDlate0001"]);
    Document::new().with("/keys", keys).with("/usage_plans/0/keys", bound)
}

/// The same while the key `acme` is rotated.
fn rotating() -> Document {
    let previous = json!({
        "previous_secret_key": "acme-secret-key-0000",
        "previous_secret_key_not_after": "2026-01-02T00:00:00Z",
    });
    document().with_all(ACME_KEY, previous)
}

/// The same with a metric for each key.
fn counting_keys() -> Document {
    document().with("/options", json!({"metrics_per_key": true}))
}

fn unknown() -> Signer {
    Signer::new("AKIDnone0001", "none-secret-key-0001")
}

fn late() -> Signer {
    Signer::new("AKIDlate0001", "late-secret-key-0001")
}

/// A request to `release`, signed so far.
fn request(shared: &Shared, signer: &Signer, right: Right) -> Request {
    let request = get(shared, "/orders");
    let mac = signer.algorithm.mac(&signer.secret_key, &signer.string_to_sign(&request));
    let mut mac = STANDARD.decode(mac).expect("base64");
    let wrong_from = match right {
        Right::Nothing => 0,
        Right::FirstHalf => mac.len() / 2,
        Right::AllButLastByte => mac.len() - 1,
        Right::All => mac.len(),
    };
    mac[wrong_from..].iter_mut().for_each(|byte| *byte ^= 1);
    request.header("authorization", signer.authorization_with(&STANDARD.encode(mac)))
}

/// The fuel of 64 requests with a header that is a little longer each time, to a worker that has refused ten
/// others. What one request costs depends on what those before it left of the heap.
fn costs(document: &Document, signer: &Signer, right: Right) -> Vec<u64> {
    let shared = Shared::new();
    let mut worker = Wasm::start(&shared, document);
    let mut cost = |padding: usize| {
        let request = request(&shared, signer, right).header("x-padding", "x".repeat(padding));
        let exchange = worker.request(&request);
        assert_eq!(exchange.status(), 401, "{signer:?} {right:?}");
        exchange.fuel.expect("the interpreter counts fuel")
    };
    for _ in 0..10 {
        cost(0);
    }
    (0..64).map(|i| cost(i * 4)).collect()
}

/// What refusals of a signer cost: with each of the few amounts that the heap adds to some of them.
struct Costs(Vec<u64>);

impl Costs {
    fn of(document: &Document, signer: &Signer) -> Self {
        Self(costs(document, signer, Right::Nothing))
    }

    /// The least of them: without what the heap adds.
    fn least(&self) -> u64 {
        self.0.iter().copied().min().expect("64 costs")
    }

    /// How far the nearest two of both are apart: those to which the heap added the same.
    fn distance(&self, other: &Self) -> u64 {
        let differences = self.0.iter().flat_map(|a| other.0.iter().map(|b| a.abs_diff(*b)));
        differences.min().expect("64 costs")
    }
}

#[test]
fn how_much_of_a_signature_is_right_changes_no_instruction() {
    for document in [document(), rotating()] {
        for algorithm in Algorithm::ALL {
            let costs = |signer: Signer, right| costs(&document, &signer.algorithm(algorithm), right);
            let wrong = costs(acme(), Right::Nothing);
            assert_eq!(costs(acme(), Right::FirstHalf), wrong, "{algorithm:?}");
            assert_eq!(costs(acme(), Right::AllButLastByte), wrong, "{algorithm:?}");
            for refused in [unknown(), beta(), late(), free()] {
                let wrong = costs(refused.clone(), Right::Nothing);
                assert_eq!(costs(refused.clone(), Right::All), wrong, "{algorithm:?}: {refused:?}");
            }
        }
    }
}

/// The answers are the same, so time is all that could distinguish them. What differs is the look-up.
#[test]
fn an_unknown_key_costs_what_a_disabled_an_expired_and_an_unbound_one_cost() {
    for document in [document(), rotating(), counting_keys()] {
        let unknown = Costs::of(&document, &unknown());
        for signer in [beta(), late(), free()] {
            let distance = Costs::of(&document, &signer).distance(&unknown);
            assert!(distance <= 200, "{signer:?}: {distance} more or less than an unknown key");
        }
    }
}

/// The texts of the answers differ by some letters, and a MAC costs 7,000. When any key is rotated, every
/// refusal makes a second one.
#[test]
fn an_unknown_key_costs_what_a_wrong_signature_costs_also_while_a_key_is_rotated() {
    for document in [document(), rotating()] {
        for algorithm in Algorithm::ALL {
            let unknown = Costs::of(&document, &unknown().algorithm(algorithm));
            let distance = Costs::of(&document, &acme().algorithm(algorithm)).distance(&unknown);
            assert!(distance <= 500, "{algorithm:?}: {distance} more or less than an unknown key");
        }
    }
}

/// A second MAC is what the bounds above would find.
#[test]
fn a_second_mac_is_seen_and_made_as_long_as_a_previous_secret_verifies() {
    let over = rotating().with(&format!("{ACME_KEY}/previous_secret_key_not_after"), "2025-12-31T23:59:59Z");
    let [usual, second, after] = [document(), rotating(), over].map(|document| Costs::of(&document, &acme()));
    assert!(second.least() > usual.least() + 5_000, "{}, and {}", usual.least(), second.least());
    assert!(second.distance(&usual) > 2_500, "a second MAC is not taken for what the heap adds");
    assert!(after.distance(&usual) <= 100, "a secret whose time is over costs what none costs");
}
