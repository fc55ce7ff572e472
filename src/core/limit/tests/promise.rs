//! The promise of `docs/rules.md#counting`, judged from the admissions alone: in the order of their writes,
//! each with the look at the clock that decided it.
//!
//! A request counts at the moment of that look, or of an earlier admission's if that is later. Moments are
//! real time, so a clock that stands, jumps, or was read long ago changes nothing. Only a clock that was set
//! between two admissions lets a limit begin again: it shows in the difference between clock and real time.

use super::plan::Bound;
use super::worker::Reading;

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;

/// An admission since the clock was last set.
#[derive(Clone, Copy)]
struct Admitted {
    /// The moment at which it counts, in real time.
    moment: u64,
    /// The same on the clock.
    clock: u64,
    /// What the clock was ahead of real time.
    ahead: i128,
}

/// Whether the newest of these admissions keeps the promise, if all before it did.
pub(super) fn is_kept(bound: Bound, admissions: &[Reading]) -> bool {
    match bound {
        Bound::Second(limit) => {
            let admitted = since_clock_was_set(admissions);
            let newest = admitted.last().map_or(0, |newest| newest.moment);
            let is_recent = |one: &&Admitted| newest - one.moment < SECOND;
            admitted.iter().filter(is_recent).count() as u64 <= limit
        }
        Bound::Bucket { burst, per_second } => {
            let admitted = since_clock_was_set(admissions);
            let newest = admitted.last().map_or(0, |newest| newest.moment);
            admitted.iter().rev().zip(1u64..).all(|(first, count)| {
                count.saturating_sub(burst) * SECOND <= per_second * (newest - first.moment)
            })
        }
        Bound::Hour(limit) => periods(admissions).last().is_none_or(|(_, used)| *used <= limit),
    }
}

/// Whether the limit may refuse a request at `reading` after these admissions.
pub(super) fn may_refuse(bound: Bound, admissions: &[Reading], reading: Reading) -> bool {
    match bound {
        Bound::Second(limit) => {
            let mut newest = 0;
            let recent = admissions.iter().filter(|admission| {
                newest = admission.clock.max(newest);
                newest + SECOND > reading.clock
            });
            recent.count() as u64 >= limit
        }
        Bound::Bucket { burst, per_second } => {
            let interval = SECOND / per_second;
            let arrival =
                admissions.iter().fold(0, |arrival, admission| admission.clock.max(arrival) + interval);
            arrival + interval > reading.clock + interval * burst
        }
        Bound::Hour(limit) => {
            let start = start_of_hour(reading.clock);
            let periods = periods(admissions);
            periods.iter().any(|(period, used)| *period >= start && *used >= limit)
        }
    }
}

/// The admissions since a clock that was set let the limit begin again: set forward, or back by more than a
/// second before the newest admission.
fn since_clock_was_set(admissions: &[Reading]) -> Vec<Admitted> {
    let mut admitted: Vec<Admitted> = Vec::new();
    for Reading { clock, real } in admissions.iter().copied() {
        let ahead = i128::from(clock) - i128::from(real);
        if let Some(last) = admitted.last() {
            let is_forward = ahead > last.ahead;
            let is_back = ahead < last.ahead && last.clock > clock + SECOND;
            if is_forward || is_back {
                admitted.clear();
            }
        }
        let (moment, clock) =
            admitted.last().map_or((real, clock), |last| (last.moment.max(real), last.clock.max(clock)));
        admitted.push(Admitted { moment, clock, ahead });
    }
    admitted
}

/// The hour in which each admission counts, and how many have counted in it so far.
fn periods(admissions: &[Reading]) -> Vec<(u64, u64)> {
    let mut periods: Vec<(u64, u64)> = Vec::new();
    let mut last_ahead = 0;
    for Reading { clock, real } in admissions.iter().copied() {
        let ahead = i128::from(clock) - i128::from(real);
        let hour = start_of_hour(clock);
        let next = match periods.last() {
            Some((period, used)) if hour == *period => (hour, used + 1),
            // A request from before the hour belongs to it, unless the clock was set back by over a second.
            Some((period, used)) if hour < *period && (ahead >= last_ahead || *period <= clock + SECOND) => {
                (*period, used + 1)
            }
            _ => (hour, 1),
        };
        periods.push(next);
        last_ahead = ahead;
    }
    periods
}

fn start_of_hour(clock: u64) -> u64 {
    clock - clock % HOUR
}
