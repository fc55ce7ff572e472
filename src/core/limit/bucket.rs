//! The token bucket: at most `burst + N·t` admissions in any span t.
//!
//! It is kept as GCRA does (ITU-T I.371, ATM Forum TM 4.0, there the "virtual scheduling algorithm"): one
//! point in time, the *theoretical arrival time* at which the bucket is full again. An admission moves it one
//! interval, `1/N`, later, and is refused if that would leave it more than `burst` intervals ahead. Time is
//! counted in ticks of 2⁻³² ns and the interval is rounded up to one, so what is admitted is never more than
//! the promise, and a steady N loses at most a share of `N / 4·10¹⁸`. The bound is exact to the nanosecond:
//! with a burst of 1, a request one nanosecond early is refused.
//!
//! **Clock steps.** A reading before the last admission leaves the arrival time where it is, and so admits
//! less. One that finds it further ahead than a full bucket's refill and a second, as when the clock is set
//! back by more than that second, starts the bucket afresh; a step forward fills it early: either can admit a
//! burst more, once. No refusal lasts longer than an interval and a second.
//!
//! **Changed limits.** They apply at once to the bucket as it stands. What stays is the arrival time, so what
//! was spent counts as the time it took to refill: a lower N finds it to be fewer requests, a higher N more.
//! A limit under which it cannot have been reached, by more than a second, starts the bucket afresh. So a
//! change can admit a burst more, once.

use super::check::Check;
use crate::timestamp::{SECOND, Timestamp};

/// A token bucket: at most `burst + N·t` admissions in any span t (GCRA, ITU-T I.371 / ATM Forum TM 4.0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The theoretical arrival time of the next request, in ticks since the Unix epoch; at most [`END`].
    arrival: u128,
}

/// What a bucket was configured to: N per second, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketLimit {
    /// Requests per second, 1 to 999 999 999 999 999.
    pub per_second: u64,
    /// Requests at once, 1 to 999 999 999 999 999.
    pub burst: u64,
}

/// A nanosecond is two to the power of this many ticks.
const TICK_BITS: u32 = 32;

const SECOND_TICKS: u64 = (SECOND.as_nanos() as u64) << TICK_BITS;

/// A stored bucket: its arrival time, little-endian; the first four bytes are the fraction of a nanosecond.
pub(super) const LEN: usize = 12;

/// The last tick that can be stored, in the year 2554.
const END: u128 = (1 << (8 * LEN)) - 1;

// === impl Bucket ===

impl Bucket {
    /// Whether a request at `now` is admitted; changes nothing.
    pub fn check(&self, limit: BucketLimit, now: Timestamp) -> Check {
        let (start, interval, refill) = (self.start(limit, now), limit.interval(), limit.refill());
        let room = ticks(now).saturating_add(refill).saturating_sub(start);
        let tokens = room.checked_div(interval).unwrap_or(0);
        match tokens.checked_sub(1) {
            Some(left) => Check::Admitted { remaining: u64::try_from(left).unwrap_or(u64::MAX) },
            None => {
                let retry_at = start.saturating_add(interval).saturating_sub(refill);
                Check::Refused { retry_at: not_before(retry_at) }
            }
        }
    }

    /// Counts a request that [`check`](Self::check) admitted under the same limit at the same time.
    pub fn debit(&mut self, limit: BucketLimit, now: Timestamp) {
        self.arrival = self.start(limit, now).saturating_add(limit.interval()).min(END);
    }

    /// When the bucket is full again.
    pub fn full_at(&self) -> Timestamp {
        not_before(self.arrival)
    }

    /// The bucket as it is stored.
    pub fn to_bytes(self) -> [u8; LEN] {
        let [stored @ .., _, _, _, _] = self.arrival.to_le_bytes();
        stored
    }

    /// The bucket that was stored; any bytes are one.
    pub fn from_bytes(stored: [u8; LEN]) -> Self {
        let mut arrival = [0; size_of::<u128>()];
        let (low, _) = arrival.split_at_mut(LEN);
        low.copy_from_slice(&stored);
        Self { arrival: u128::from_le_bytes(arrival) }
    }

    /// The tick an admission at `now` adds its interval to: the arrival time, unless that has passed or is
    /// further ahead than this limit can have moved it.
    fn start(&self, limit: BucketLimit, now: Timestamp) -> u128 {
        let now = ticks(now);
        let furthest = now.saturating_add(limit.refill()).saturating_add(SECOND_TICKS.into());
        if self.arrival > furthest { now } else { self.arrival.max(now) }
    }
}

// === impl BucketLimit ===

impl BucketLimit {
    /// The ticks from one request to the next at a steady N, rounded up. An N of 0 counts as 1.
    fn interval(self) -> u128 {
        SECOND_TICKS.div_ceil(self.per_second.max(1)).into()
    }

    /// The ticks in which an empty bucket fills.
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
