//! The two steps of a decision, with time between them. The verdicts themselves are tested in
//! `tests/scenarios`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use super::*;
use crate::auth::mac::mac;
use crate::document::{Algorithm, Secret};
use crate::limit::{Clock, Conflict, Version};

const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// The time of [`DATE`].
const NOW: Timestamp = Timestamp::from_nanos(1_521_461_320_000_000_000);

/// Cells in memory.
#[derive(Default)]
struct Cells(RefCell<HashMap<String, (Vec<u8>, Version)>>);

impl Clock for Cells {
    fn now(&self) -> Timestamp {
        unreachable!("no request is older than what was counted last")
    }
}

impl Store for Cells {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.0.borrow().get(key).cloned()
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        let mut cells = self.0.borrow_mut();
        match cells.get(key) {
            Some((_, current)) if *current != version => Err(Conflict),
            current => {
                let next = current.map_or(1, |(_, current)| current + 1);
                cells.insert(key.to_owned(), (cell.to_vec(), next));
                Ok(next)
            }
        }
    }
}

/// A gate with one key on a plan of one request per second.
fn gate() -> Gate {
    let document = r#"{
      "services": [{"id": "s", "domains": ["*"]}],
      "keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
      "usage_plans": [{"id": "p", "max_requests_per_second": 1, "keys": ["AKIDacme0001"],
        "environments": [{"service": "s", "environment": "release"}]}]}"#;
    Gate::new(Config::parse(document.as_bytes(), &|_| None).expect("valid"))
}

/// The first step of a signed request, which is gone when this returns.
fn begin(gate: &Gate) -> Call {
    use base64::Engine;
    let secret = Secret::new("acme-secret-key-0001");
    let signature = mac(&secret, Algorithm::HmacSha1, format!("x-date: {DATE}").as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(signature);
    let credential = format!(
        r#"hmac id="AKIDacme0001", algorithm="hmac-sha1", headers="x-date", signature="{signature}""#
    );
    let fields: [(&[u8], &[u8]); 4] = [
        (b":authority", b"orders.example.com"),
        (b":path", b"/release/orders"),
        (b"x-date", DATE.as_bytes()),
        (b"authorization", credential.as_bytes()),
    ];
    match gate.begin(&Request::new(&fields), NOW) {
        Step::Count(call) => call,
        Step::Done(verdict) => panic!("refused: {verdict:?}"),
    }
}

#[test]
fn a_call_outlives_its_request_and_is_counted_when_it_goes_on() {
    let (gate, store) = (gate(), Cells::default());
    let (first, second, third) = (begin(&gate), begin(&gate), begin(&gate));
    assert!(store.0.borrow().is_empty(), "the first step counts nothing");
    let later = NOW.saturating_add(Duration::from_secs(5));
    let count = |call, now| match gate.count(call, now, &store) {
        Counted::Decided(verdict) => verdict,
        Counted::Waits(waiting) => panic!("there is no engine to wait for: {waiting:?}"),
    };
    let verdict = count(first, later);
    assert_eq!(verdict.outcome, Outcome::Allowed);
    let Action::Forward(forward) = verdict.action else { panic!("not forwarded") };
    assert_eq!(forward.path.as_deref(), Some(&b"/orders"[..]));
    assert_eq!(count(second, later).outcome, Outcome::RateLimited);
    let after = later.saturating_add(Duration::from_secs(1));
    assert_eq!(count(third, after).outcome, Outcome::Allowed);
}
