//! `/server_info`: which Envoy this is, and whether it serves.

use std::time::Duration;

use serde_json::Value;
use usage_plan_core::timestamp::Timestamp;

use super::client::{Admin, Reason, Result};
use crate::dates::now;

/// Where Envoy says so.
const PATH: &str = "/server_info";

/// The state of an Envoy that serves.
const LIVE: &str = "LIVE";

/// Which Envoy this is, and whether it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its version, such as `1.40.0`.
    pub version: String,
    /// Its word for its state, such as `LIVE`, `DRAINING` or `INITIALIZING`.
    pub state: String,
    /// How long ago it started.
    pub uptime: Duration,
    /// The number of its worker threads.
    pub workers: u64,
}

// === impl Server ===

impl Server {
    pub(crate) fn ask(admin: &Admin, timeout: Duration) -> Result<Self> {
        Self::parse(&admin.get(PATH, timeout)?).ok_or_else(|| admin.error(Reason::Unreadable(PATH)))
    }

    /// Reads Envoy's answer; `None` if it is not one.
    fn parse(text: &str) -> Option<Self> {
        let info: Value = serde_json::from_str(text).ok()?;
        let text = |pointer: &str| info.pointer(pointer).and_then(Value::as_str);
        // 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL
        let version = text("/version")?.split('/').nth(1)?.to_owned();
        let seconds = text("/uptime_current_epoch")?.strip_suffix('s')?.parse().ok()?;
        let workers = info.pointer("/command_line_options/concurrency").and_then(Value::as_u64)?;
        let state = text("/state")?.to_owned();
        Some(Self { version, state, uptime: Duration::from_secs(seconds), workers })
    }

    /// Whether it serves.
    pub fn is_ready(&self) -> bool {
        self.state == LIVE
    }

    /// When it started, by the clock of this process.
    pub fn started_at(&self) -> Timestamp {
        let nanos = u64::try_from(self.uptime.as_nanos()).unwrap_or(u64::MAX);
        Timestamp::from_nanos(now().as_nanos().saturating_sub(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envoy_says_its_version_state_uptime_and_workers_and_another_server_does_not() {
        let text = r#"{"version": "9e55/1.40.0/Clean/RELEASE/BoringSSL", "state": "DRAINING",
            "uptime_current_epoch": "35s", "command_line_options": {"concurrency": 2}}"#;
        let server = Server::parse(text).expect("an Envoy");
        assert_eq!((server.version.as_str(), server.workers), ("1.40.0", 2));
        assert_eq!((server.uptime, server.is_ready()), (Duration::from_secs(35), false));
        assert!(Server::parse(&text.replace("DRAINING", "LIVE")).is_some_and(|server| server.is_ready()));
        for other in ["", "{}", "<html>", r#"{"version": "nginx"}"#] {
            assert_eq!(Server::parse(other), None);
        }
    }
}
