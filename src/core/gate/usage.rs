//! The counters of requests that the filter answers itself, with what is left of their caller's limits
//! (`docs/rules.md#usage`).

use std::cell::RefCell;

use super::counters::SeparateCounters;
use crate::limit::{Clock, Counter, Debit, Limits, Store};
use crate::lookup::KeyIndex;
use crate::timestamp::Timestamp;

/// How many of these requests a key may send in any second. They cost its plan nothing, so without a limit a
/// caller that is over its own could flood the gateway with them.
const PER_SECOND: u64 = 10;

/// One worker's view of the counters of these requests.
pub(super) struct UsageCounters {
    limits: Limits,
    of_keys: RefCell<SeparateCounters>,
}

// === impl UsageCounters ===

impl Default for UsageCounters {
    fn default() -> Self {
        Self { limits: Limits::per_second(PER_SECOND), of_keys: RefCell::default() }
    }
}

impl UsageCounters {
    /// Counts a request of the key, or refuses it.
    pub(super) fn debit(
        &self,
        host: &(impl Clock + Store),
        key: KeyIndex,
        secret_id: &str,
        now: Timestamp,
    ) -> Debit {
        let mut counters = self.of_keys.borrow_mut();
        // The name consists of the document's text only, so a caller cannot make new cells.
        let name = || format!("usage_shown/key/{secret_id}");
        let counter = counters.entry((Some(key), None)).or_insert_with(|| Counter::new(name()));
        counter.debit(host, &self.limits, None, now)
    }
}
