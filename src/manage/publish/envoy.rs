//! What Envoy does with a published file, read from its statistics. Observed on Envoy 1.40:
//!
//! - Every rename into the watched directory is an `update_attempt`, and ends in `update_success` (then
//!   `version_text` is the file's), `update_rejected` (the filter or Envoy refused it) or `update_failure`
//!   (Envoy could not read it).
//! - Envoy does not try a configuration that equals the last one it tried. It counts that as a success,
//!   **also when the last one was refused**. So `version_text` is in force only if `config_reload` has moved
//!   with it, or nothing was ever refused and the version is the one before.
//! - `version_text` changes when the main thread has created the filter, and `config_reload` when each worker
//!   uses it, which a busy machine can delay.
//! - `/config_dump` shows the configuration that was tried last as if it were in force. No page of the
//!   interface says why one was refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::admin::{Admin, DiscoveryState, Reason, Result};

/// The time between two questions to Envoy.
const POLL: Duration = Duration::from_millis(10);

/// Envoy writes its statistics one by one: `config_reload` may change this much later than `version_text`.
pub(super) const SETTLING: Duration = Duration::from_millis(500);

/// What Envoy did with a published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Discovery {
    /// Envoy created the filter, and all its workers use it.
    Accepted,
    /// Envoy or the filter refused the file. The configuration before it stays in force.
    Refused {
        /// Whether there is a configuration in force at all.
        serving: bool,
    },
    /// Envoy skipped the file: it equals the last one it tried, accepted or not.
    Skipped,
}

// === impl DiscoveryState ===

impl DiscoveryState {
    /// Whether `version` is in force beyond doubt.
    pub(super) fn has(&self, version: &str) -> bool {
        self.version == version && self.refusals() == 0
    }

    /// Whether Envoy shows `version`. It may have refused it and then met it again: see above.
    pub(super) fn shows(&self, version: &str) -> bool {
        self.version == version && self.successes > 0
    }

    /// What Envoy did with the file of `version` that was published after the state `before`; `None` as long
    /// as that is open.
    fn judge(&self, before: &Self, version: &str) -> Option<Discovery> {
        if self.refusals() > before.refusals() {
            return Some(Discovery::Refused { serving: self.successes > 0 });
        }
        if self.attempts == before.attempts || self.version != version {
            return None;
        }
        let nothing_was_refused = self.refusals() == 0;
        // An Envoy that was started again meanwhile counts from zero.
        match self.reloads != before.reloads || (nothing_was_refused && before.version == version) {
            true => Some(Discovery::Accepted),
            // It was tried, and some worker does not use it yet.
            false if nothing_was_refused => None,
            false => Some(Discovery::Skipped),
        }
    }
}

/// How long to wait for an Envoy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience<'a> {
    /// How long it may take to answer.
    pub(super) timeout: Duration,
    /// How long it must seem to have skipped the file until that is believed.
    pub(super) settling: Duration,
    /// Ends the waiting once it is set.
    pub(super) stop: &'a AtomicBool,
}

/// Waits until Envoy has read `version`, published after the state `before`.
pub(super) fn wait(
    admin: &Admin,
    before: &DiscoveryState,
    version: &str,
    patience: Patience<'_>,
) -> Result<Discovery> {
    let Patience { timeout, settling, stop } = patience;
    let start = Instant::now();
    let mut skipped_since = None;
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        let state = DiscoveryState::ask(admin, left);
        if let Some(discovery) = state.as_ref().ok().and_then(|state| state.judge(before, version))
            && (discovery != Discovery::Skipped
                || skipped_since.get_or_insert_with(Instant::now).elapsed() > settling)
        {
            return Ok(discovery);
        }
        if stop.load(Ordering::Relaxed) {
            return Err(admin.error(Reason::Interrupted));
        }
        if start.elapsed() >= timeout {
            return Err(admin.error(Reason::NotRead(timeout)));
        }
        state?;
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(version: &str, attempts: u64, reloads: u64, refusals: u64) -> DiscoveryState {
        let version = version.to_owned();
        let state = DiscoveryState { version, attempts, reloads, successes: 1, ..DiscoveryState::default() };
        DiscoveryState { rejections: refusals, ..state }
    }

    #[test]
    fn a_file_that_envoy_has_still_to_read_is_waited_for_also_when_its_version_is_in_force() {
        for version in ["1", "2"] {
            assert_eq!(state("1", 5, 3, 1).judge(&state("1", 5, 3, 1), version), None);
        }
        assert_eq!(
            state("1", 6, 3, 0).judge(&state("1", 5, 3, 0), "2"),
            None,
            "a different file was renamed"
        );
    }

    #[test]
    fn a_version_is_in_force_when_each_worker_uses_it_or_it_was_before_and_nothing_was_ever_refused() {
        assert_eq!(state("2", 6, 4, 7).judge(&state("1", 5, 3, 7), "2"), Some(Discovery::Accepted));
        assert_eq!(state("2", 6, 4, 0).judge(&state("1", 5, 3, 0), "2"), Some(Discovery::Accepted));
        assert_eq!(state("2", 6, 3, 0).judge(&state("1", 5, 3, 0), "2"), None, "some worker does not use it");
        assert_eq!(state("2", 6, 3, 0).judge(&state("2", 5, 3, 0), "2"), Some(Discovery::Accepted));
        assert_eq!(
            state("2", 1, 1, 0).judge(&state("1", 5, 3, 0), "2"),
            Some(Discovery::Accepted),
            "restarted"
        );
        assert_eq!(state("2", 6, 3, 7).judge(&state("1", 5, 3, 7), "2"), Some(Discovery::Skipped));
        assert!(state("2", 6, 3, 0).has("2") && !state("2", 6, 3, 1).has("2"));
    }

    #[test]
    fn a_refusal_counts_even_if_a_second_look_at_the_file_calls_it_a_success() {
        assert_eq!(
            state("2", 7, 4, 1).judge(&state("1", 5, 3, 0), "2"),
            Some(Discovery::Refused { serving: true })
        );
    }
}
