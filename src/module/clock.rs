//! The wall clock.

use std::time::SystemTime;

use usage_plan_core::limit::Clock;
use usage_plan_core::timestamp::Timestamp;

/// The clock of the machine, which all workers share.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

// === impl SystemClock ===

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the core gets its times from here")]
    fn now(&self) -> Timestamp {
        Timestamp::from(SystemTime::now())
    }
}
