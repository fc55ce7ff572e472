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

/// An admission, or a refusal, by a worker with a document.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub(super) reading: Reading,
    /// When its document resets the quota; 0 if it does not.
    pub(super) reset: u64,
}

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
pub(super) fn is_kept(bound: Bound, admissions: &[Counted]) -> bool {
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
        Bound::Hour(limit) => spans(admissions).last().is_none_or(|span| span.used <= limit),
    }
}

/// Whether the limit may refuse a request after these admissions.
pub(super) fn may_refuse(bound: Bound, admissions: &[Counted], refused: Counted) -> bool {
    let reading = refused.reading;
    match bound {
        Bound::Second(limit) => {
            let mut newest = 0;
            let recent = admissions.iter().map(|one| one.reading).filter(|admission| {
                newest = admission.clock.max(newest);
                newest + SECOND > reading.clock
            });
            recent.count() as u64 >= limit
        }
        Bound::Bucket { burst, per_second } => {
            let interval = SECOND / per_second;
            let clocks = admissions.iter().map(|one| one.reading.clock);
            let arrival = clocks.fold(0, |arrival, clock| clock.max(arrival) + interval);
            arrival + interval > reading.clock + interval * burst
        }
        Bound::Hour(limit) => {
            let start = start_of_hour(reading.clock);
            let from = refused.reset_by_then();
            let spans = spans(admissions);
            spans.iter().any(|span| span.hour >= start && span.from >= from && span.used >= limit)
        }
    }
}

/// The admissions since a clock that was set let the limit begin again: set forward, or back by more than a
/// second before the newest admission.
fn since_clock_was_set(admissions: &[Counted]) -> Vec<Admitted> {
    let mut admitted: Vec<Admitted> = Vec::new();
    for Reading { clock, real } in admissions.iter().map(|one| one.reading) {
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

/// What a quota counts in: an hour, or what is left of it after a reset.
#[derive(Clone, Copy)]
struct Span {
    hour: u64,
    /// The start of the hour, or the reset.
    from: u64,
    /// The admissions so far.
    used: u64,
}

/// The span in which each admission counts. A reset begins a span only if it is later than the last one in
/// the same hour: it is carried out once, and never undone.
fn spans(admissions: &[Counted]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last_ahead = 0;
    for counted in admissions {
        let Reading { clock, real } = counted.reading;
        let ahead = i128::from(clock) - i128::from(real);
        let (hour, reset) = (start_of_hour(clock), counted.reset_by_then());
        // A request from before the hour belongs to it, unless the clock was set back by over a second.
        let belongs = |span: &&Span| {
            let is_late = hour < span.hour && (ahead >= last_ahead || span.hour <= clock + SECOND);
            hour == span.hour || is_late
        };
        let next = match spans.last().filter(belongs) {
            Some(span) if reset > span.from => Span { from: reset, used: 1, ..*span },
            Some(span) => Span { used: span.used + 1, ..*span },
            None => Span { hour, from: hour.max(reset), used: 1 },
        };
        spans.push(next);
        last_ahead = ahead;
    }
    spans
}

fn start_of_hour(clock: u64) -> u64 {
    clock - clock % HOUR
}

// === impl Counted ===

impl Counted {
    /// The last reset that is not after the look at the clock; 0 if there is none.
    fn reset_by_then(self) -> u64 {
        if self.reset <= self.reading.clock { self.reset } else { 0 }
    }
}
