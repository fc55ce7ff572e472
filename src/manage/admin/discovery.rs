//! Envoy's statistics of the filter that it reads from a watched file.

use std::time::Duration;

use usage_plan_core::timestamp::Timestamp;

use super::client::{Admin, Reason, Result};

/// Envoy's statistics of the discovered filter. What they mean is in [`publish`](crate::publish).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveryState {
    /// The version of the last file that Envoy read without a complaint; empty if there was none.
    pub version: String,
    /// When Envoy read that file.
    pub updated_at: Option<Timestamp>,
    /// How often Envoy read a file.
    pub attempts: u64,
    /// How often Envoy created a filter from a file.
    pub reloads: u64,
    /// How often Envoy or the filter refused a file.
    pub rejections: u64,
    /// How often Envoy could not read a file.
    pub failures: u64,
    /// How often Envoy had no complaint.
    pub successes: u64,
}

// === impl DiscoveryState ===

impl DiscoveryState {
    /// Envoy's prefix of these statistics. Every shipped configuration gives the filter this name.
    pub(crate) const PREFIX: &str = "extension_config_discovery.http_filter.usage_plan.";

    pub(crate) fn ask(admin: &Admin, timeout: Duration) -> Result<Self> {
        let statistics = admin.statistics(&Self::PREFIX.replace('.', "\\."), timeout)?;
        Self::of(&statistics).ok_or_else(|| admin.error(Reason::NoDiscovery))
    }

    /// The state that these statistics show; `None` if this Envoy reads the filter from no file.
    pub(crate) fn of(statistics: &[(String, String)]) -> Option<Self> {
        let mut state = None;
        for (name, value) in statistics {
            let Some(name) = name.strip_prefix(Self::PREFIX) else { continue };
            let number = || value.parse::<u64>().unwrap_or_default();
            let state: &mut Self = state.get_or_insert_default();
            match name {
                "version_text" => state.version.clone_from(value),
                "update_time" => state.updated_at = milliseconds(number()),
                "update_attempt" => state.attempts = number(),
                "config_reload" => state.reloads = number(),
                "update_success" => state.successes = number(),
                "update_rejected" => state.rejections = number(),
                "update_failure" => state.failures = number(),
                _ => {}
            }
        }
        state
    }

    /// How often a file was refused or could not be read.
    pub fn refusals(&self) -> u64 {
        self.rejections.saturating_add(self.failures)
    }
}

/// The time this many milliseconds after 1970; `None` for 0, which Envoy shows before the first file.
fn milliseconds(number: u64) -> Option<Timestamp> {
    (number > 0).then(|| Timestamp::from_nanos(number.saturating_mul(1_000_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_read_from_the_names_that_envoy_shows_and_is_absent_without_them() {
        let lines =
            [("version_text", "9799aea8"), ("update_time", "1795900497203"), ("update_rejected", "2")];
        let more =
            [("update_failure", "1"), ("update_success", "3"), ("update_duration", "No recorded values")];
        let named =
            |(name, value): (&str, &str)| (format!("{}{name}", DiscoveryState::PREFIX), value.to_owned());
        let state = DiscoveryState::of(&lines.into_iter().chain(more).map(named).collect::<Vec<_>>());
        let state = state.expect("there");
        assert_eq!((state.version.as_str(), state.refusals(), state.successes), ("9799aea8", 3, 3));
        assert_eq!(state.updated_at.expect("a time").to_rfc3339(), "2026-11-28T21:14:57.203Z");
        assert_eq!(DiscoveryState::of(&[("server.live".to_owned(), "1".to_owned())]), None);
    }
}
