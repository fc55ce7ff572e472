//! The token bucket: at most `burst + N·t` admissions in any span t.
//!
//! The algorithm is GCRA (ITU-T I.371; ATM Forum TM 4.0 calls it the "virtual scheduling algorithm"). Its
//! state is one point in time, the *theoretical arrival time*, at which the bucket is full again. An
//! admission moves it one interval, `1/N`, later, and is refused if that would leave it more than `burst`
//! intervals ahead of the clock. Time is counted in ticks of 2⁻³² ns and the interval is rounded up to a
//! whole tick, so no more is admitted than the bound allows, and a steady N loses at most a share of `N /
//! 4·10¹⁸`. The bound is exact to the nanosecond: with a burst of 1, a request one nanosecond early is
//! refused.
//!
//! **Clock steps.** A clock reading before the last admission leaves the arrival time unchanged, and so
//! admits less. A reading that finds the arrival time further ahead than the refill of an empty bucket and a
//! second starts the bucket afresh, so a counter that sees one reads the clock again ([`Check::Afresh`]):
//! only a clock that was set back by more than a second shows such a time twice. A step forward fills the
//! bucket early. Each of the two can admit a burst more, once. No refusal lasts longer than an interval and a
//! second.
//!
//! **Changed limits.** A changed limit applies at once to the same arrival time. What is used up is thus kept
//! as the time that its refill takes: under a lower N it counts as fewer requests, under a higher N as more.
//! If the arrival time is more than a second further ahead than the new limit can move it, the bucket starts
//! afresh. So a change can admit a burst more, once.

use super::check::Check;
use crate::timestamp::{SECOND, Timestamp};

/// A token bucket: at most `burst + N·t` admissions in any span t (GCRA, ITU-T I.371 / ATM Forum TM 4.0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The theoretical arrival time of the next request, in ticks since the Unix epoch; at most [`END`].
    arrival: u128,
}

/// The limit of a bucket: its rate N and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BucketLimit {
    /// The rate N in requests per second, from 1 to 999 999 999 999 999.
    pub(super) per_second: u64,
    /// The size in requests, from 1 to 999 999 999 999 999.
    pub(super) burst: u64,
}

/// The binary logarithm of the ticks in a nanosecond.
const TICK_BITS: u32 = 32;

const SECOND_TICKS: u64 = (SECOND.as_nanos() as u64) << TICK_BITS;

/// The length of a stored bucket in bytes: its arrival time in ticks, little-endian, so that the first four
/// bytes are the fraction of a nanosecond.
pub(super) const LEN: usize = 12;

/// The last tick that can be stored, in the year 2554.
const END: u128 = (1 << (8 * LEN)) - 1;

// === impl Bucket ===

impl Bucket {
    /// Whether a request at `now` is admitted. Changes nothing.
    pub(super) fn check(&self, limit: BucketLimit, now: Timestamp) -> Check {
        let (start, interval, refill) = (self.start(limit, now), limit.interval(), limit.refill());
        let room = ticks(now).saturating_add(refill).saturating_sub(start);
        let tokens = room.checked_div(interval).unwrap_or(0);
        match tokens.checked_sub(1) {
            Some(left) => {
                let remaining = u64::try_from(left).unwrap_or(u64::MAX);
                if self.is_ahead_of(limit, now) {
                    Check::Afresh { remaining }
                } else {
                    Check::Admitted { remaining }
                }
            }
            None => {
                let retry_at = start.saturating_add(interval).saturating_sub(refill);
                Check::Refused { retry_at: not_before(retry_at) }
            }
        }
    }

    /// Counts a request that [`check`](Self::check) admitted under the same limit at the same time.
    pub(super) fn debit(&mut self, limit: BucketLimit, now: Timestamp) {
        self.arrival = self.start(limit, now).saturating_add(limit.interval()).min(END);
    }

    /// Whether the arrival time is further ahead than an admission under `limit` up to a second after `now`
    /// can have moved it, so that the bucket starts afresh: the clock was set back, `now` is an old reading,
    /// or the limit changed.
    fn is_ahead_of(&self, limit: BucketLimit, now: Timestamp) -> bool {
        self.arrival > ticks(now).saturating_add(limit.refill()).saturating_add(SECOND_TICKS.into())
    }

    /// The time at which the bucket is full again.
    pub(super) fn full_at(&self) -> Timestamp {
        not_before(self.arrival)
    }

    /// Encodes the bucket for the store.
    pub(super) fn to_bytes(self) -> [u8; LEN] {
        let [stored @ .., _, _, _, _] = self.arrival.to_le_bytes();
        stored
    }

    /// Decodes a stored bucket. Any bytes are a valid bucket.
    pub(super) fn from_bytes(stored: [u8; LEN]) -> Self {
        let mut arrival = [0; size_of::<u128>()];
        let (low, _) = arrival.split_at_mut(LEN);
        low.copy_from_slice(&stored);
        Self { arrival: u128::from_le_bytes(arrival) }
    }

    /// The tick to which an admission at `now` adds its interval: the arrival time, or `now` if the arrival
    /// time has passed or the bucket starts afresh.
    fn start(&self, limit: BucketLimit, now: Timestamp) -> u128 {
        if self.is_ahead_of(limit, now) { ticks(now) } else { self.arrival.max(ticks(now)) }
    }
}

// === impl BucketLimit ===

impl BucketLimit {
    /// The number of ticks from one request to the next at a steady N, rounded up. An N of 0 counts as 1.
    fn interval(self) -> u128 {
        SECOND_TICKS.div_ceil(self.per_second.max(1)).into()
    }

    /// The number of ticks in which an empty bucket is refilled.
    fn refill(self) -> u128 {
        self.interval().saturating_mul(self.burst.into())
    }
}

fn ticks(time: Timestamp) -> u128 {
    u128::from(time.as_nanos()) << TICK_BITS
}

/// The first nanosecond that is not before `ticks`.
fn not_before(ticks: u128) -> Timestamp {
    Timestamp::from_nanos(u64::try_from(ticks.div_ceil(1 << TICK_BITS)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
