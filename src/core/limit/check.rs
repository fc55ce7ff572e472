//! The answer of one limit to one request.

use crate::timestamp::Timestamp;

/// Whether a limit admits a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// The limit admits the request, and would admit `remaining` more at the same time.
    Admitted {
        /// The number of requests that are left after this one.
        remaining: u64,
    },
    /// The limit starts afresh and admits the request, because what was counted last is more than a second
    /// after the request, or was forgotten.
    Afresh {
        /// The number of requests that are left after this one.
        remaining: u64,
    },
    /// The limit is used up.
    Refused {
        /// The earliest time at which a request can be admitted.
        retry_at: Timestamp,
    },
}
