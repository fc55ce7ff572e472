//! The answer of one limit.

use crate::timestamp::Timestamp;

/// Whether a limit admits a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It does, and would admit `remaining` more at the same time.
    Admitted {
        /// Requests left.
        remaining: u64,
    },
    /// It does not.
    Refused {
        /// The earliest time at which a request can be admitted.
        retry_at: Timestamp,
    },
}
