//! Rates: a counter for each name and unit, in the windows of the engine's clock, in memory.
//!
//! **Clock steps.** A reading of up to a second before the window counts in it. A clock that is set further
//! back starts the window that it falls in afresh.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use usage_plan_core::limit::Clock;
use usage_plan_core::limit::calendar::Span;
use usage_plan_core::timestamp::{SECOND, Timestamp};

use crate::call::Unit;
use crate::counter::Counter;
use crate::decision::{Decision, decide};

/// How many counters there may be at a time. An entry is some hundred bytes.
const MAX_COUNTERS: usize = 1_000_000;

/// The counters of all rates.
pub(crate) struct Rates {
    clock: Arc<dyn Clock + Send + Sync>,
    windows: Mutex<HashMap<(Counter, Unit), Window>>,
}

/// A counter's present window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// From when to when it is.
    pub(crate) span: Span,
    /// What was granted in it.
    pub(crate) granted: u64,
    /// The limit of the call that was granted last.
    pub(crate) limit: u32,
}

// === impl Rates ===

impl Rates {
    pub(crate) fn new(clock: Arc<dyn Clock + Send + Sync>) -> Self {
        Self { clock, windows: Mutex::default() }
    }

    /// Grants all of `hits` and counts them, or does neither. `None` if there are too many counters.
    pub(crate) fn debit(&self, counter: Counter, unit: Unit, limit: u32, hits: u64) -> Option<Decision> {
        let mut windows = self.lock();
        // The clock is read under the lock, so that whoever counts later has not read it earlier.
        let now = self.clock.now();
        let key = (counter, unit);
        let span = unit.window(now);
        let window = match windows.get(&key) {
            Some(window) if is_current(window.span, now) => *window,
            None if windows.len() >= MAX_COUNTERS => return None,
            _ => Window { span, granted: 0, limit },
        };
        let decision = decide(window.granted, limit, hits, Some(window.span.end.saturating_since(now)));
        if decision.granted && hits > 0 {
            let granted = window.granted.saturating_add(hits);
            windows.insert(key, Window { granted, limit, ..window });
        }
        Some(decision)
    }

    /// Up to `most` counters of present windows that are wanted.
    pub(crate) fn list(
        &self,
        most: usize,
        is_wanted: impl Fn(&Counter) -> bool,
    ) -> Vec<((Counter, Unit), Window)> {
        let windows = self.lock();
        let now = self.clock.now();
        let wanted = windows.iter().filter(|(key, window)| is_current(window.span, now) && is_wanted(&key.0));
        wanted.take(most).map(|(key, window)| (key.clone(), *window)).collect()
    }

    /// Forgets the counters whose windows are over.
    pub(crate) fn sweep(&self) {
        let mut windows = self.lock();
        let now = self.clock.now();
        windows.retain(|_, window| is_current(window.span, now));
        if windows.capacity() / 4 > windows.len() {
            windows.shrink_to_fit();
        }
    }

    /// How many counters are in memory.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Counter, Unit), Window>> {
        // Nothing panics while it holds the lock; if it did, each counter would be whole all the same.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what is counted at `now` counts in the window.
fn is_current(window: Span, now: Timestamp) -> bool {
    now < window.end && window.start.saturating_since(now) <= SECOND
}

#[cfg(test)]
mod tests;
