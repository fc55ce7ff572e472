//! What Envoy makes of a published file. Its statistics tell, as Envoy 1.40 does it:
//!
//! - Every rename into the watched directory is an `update_attempt`, and ends in `update_success` (then `version_text` is that
//!   of the file), `update_rejected` (the filter or Envoy refused it) or `update_failure` (it could not be read).
//! - A filter that is the last one tried is not tried again: it is a success, **also when that was a refusal**. So a
//!   `version_text` tells what is in force only if `config_reload` has moved with it, or nothing was ever refused.
//! - `/config_dump` shows what was tried last as if it were in force. No page of the interface tells why it was refused.

use std::time::{Duration, Instant};

use crate::admin::Admin;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// The filter's name in every shipped configuration, with what Envoy puts before it.
const STATISTICS: &str = "extension_config_discovery.http_filter.usage_plan.";

/// How often to ask.
const POLL: Duration = Duration::from_millis(10);

/// How much later than `version_text` Envoy may be seen to move `config_reload`: it writes its statistics one by one.
const SETTLING: Duration = Duration::from_millis(500);

/// What Envoy's statistics say of the discovered filter.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Of the file that was read last without a complaint.
    version: String,
    /// How often a file was read.
    attempts: u64,
    /// How often a filter was made out of it.
    reloads: u64,
    refusals: u64,
    successes: u64,
}

/// What became of a published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Envoy has made the filter of it, and its workers take it up.
    Accepted,
    /// What was in force still is, if anything was.
    Refused {
        /// Whether anything was.
        serving: bool,
    },
    /// It is what Envoy tried last, with whatever result, and so was not tried.
    NotTried,
}

// === impl State ===

impl State {
    pub(super) fn ask(admin: &Admin, timeout: Duration) -> Result<Self> {
        let statistics = admin.statistics(STATISTICS, timeout)?;
        if statistics.is_empty() {
            let message = "it reads no filter of the name usage_plan from a directory: see envoy/hot-reload";
            return Err(Error::unreachable(admin, message));
        }
        let mut state = Self::default();
        for (name, value) in statistics {
            let number = || value.parse::<u64>().unwrap_or_default();
            match name.as_str() {
                "version_text" => state.version = value,
                "update_attempt" => state.attempts = number(),
                "config_reload" => state.reloads = number(),
                "update_success" => state.successes = number(),
                "update_rejected" | "update_failure" => {
                    state.refusals = state.refusals.saturating_add(number());
                }
                _ => {}
            }
        }
        Ok(state)
    }

    /// Whether `version` is in force beyond doubt.
    pub(super) fn has(&self, version: &str) -> bool {
        self.version == version && self.refusals == 0
    }

    /// What this state, of an Envoy that was in state `before`, says of the file of `version` that was published since.
    fn judge(&self, before: &Self, version: &str) -> Option<Found> {
        if self.refusals > before.refusals {
            return Some(Found::Refused { serving: self.successes > 0 });
        }
        if self.attempts == before.attempts || self.version != version {
            return None;
        }
        let tried = self.reloads > before.reloads;
        Some(if tried || self.refusals == 0 { Found::Accepted } else { Found::NotTried })
    }
}

/// Waits for what becomes of `version`, published after `before`.
pub(super) fn wait(
    admin: &Admin,
    before: &State,
    version: &str,
    timeout: Duration,
    interrupt: &Interrupt,
) -> Result<Found> {
    let start = Instant::now();
    let mut untried_since = None;
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        let state = State::ask(admin, left);
        if let Some(found) = state.as_ref().ok().and_then(|state| state.judge(before, version))
            && (found != Found::NotTried
                || untried_since.get_or_insert_with(Instant::now).elapsed() > SETTLING)
        {
            return Ok(found);
        }
        if interrupt.came() {
            return Err(Error::unreachable(admin, "its answer was not waited for"));
        }
        if start.elapsed() >= timeout {
            let message = format!(
                "has not read the file within {timeout:?}: does it watch this directory, and may it read the file?"
            );
            return Err(Error::unreachable(admin, message));
        }
        state?;
        interrupt.sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(version: &str, attempts: u64, reloads: u64, refusals: u64) -> State {
        State { version: version.to_owned(), attempts, reloads, refusals, successes: 1 }
    }

    #[test]
    fn a_file_that_envoy_has_not_read_yet_is_waited_for_also_when_its_version_is_in_force() {
        for version in ["1", "2"] {
            assert_eq!(state("1", 5, 3, 1).judge(&state("1", 5, 3, 1), version), None);
        }
        assert_eq!(state("1", 6, 3, 0).judge(&state("1", 5, 3, 0), "2"), None, "another file was renamed");
    }

    #[test]
    fn a_version_is_in_force_when_it_was_tried_or_nothing_was_ever_refused() {
        assert_eq!(state("2", 6, 4, 7).judge(&state("1", 5, 3, 7), "2"), Some(Found::Accepted));
        assert_eq!(state("2", 6, 3, 0).judge(&state("1", 5, 3, 0), "2"), Some(Found::Accepted));
        assert_eq!(state("2", 6, 3, 7).judge(&state("1", 5, 3, 7), "2"), Some(Found::NotTried));
        assert!(state("2", 6, 3, 0).has("2") && !state("2", 6, 3, 1).has("2"));
    }

    #[test]
    fn a_refusal_counts_even_if_a_second_look_at_the_file_calls_it_a_success() {
        assert_eq!(
            state("2", 7, 4, 1).judge(&state("1", 5, 3, 0), "2"),
            Some(Found::Refused { serving: true })
        );
    }
}
