//! A load on two Envoys, and what their logs have of it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testbed::busiest::SECOND;
use testbed::{Entry, Flood, Sample, flood};

use crate::fleet::Fleet;

/// What a load showed.
pub(crate) struct Load {
    /// A busy machine sends fewer than it was to.
    pub(crate) sent: usize,
    pub(crate) admitted: usize,
    /// How many were certainly admitted in the busiest second of the clock.
    pub(crate) busiest: usize,
    times: Vec<f64>,
}

// === impl Load ===

impl Load {
    /// Calls both Envoys on a plan, so many times a second in all.
    pub(crate) fn run(
        fleet: &mut Fleet,
        plan: &str,
        offered: usize,
        split: [usize; 2],
        time: Duration,
    ) -> Self {
        let targets = [0, 1].map(|number| fleet.target(number, plan));
        until_full_second();
        let samples: Vec<Vec<Sample>> = std::thread::scope(|scope| {
            let calling = [0, 1].map(|number| {
                let target = targets[number].clone();
                let load = Flood::of(time).rate((offered * split[number]) as f64 / 100.0);
                scope.spawn(move || flood(&[target], &load).expect("answers"))
            });
            calling.into_iter().map(|calls| calls.join().expect("no panic")).collect()
        });
        let log = fleet.log(&samples.iter().map(Vec::len).collect::<Vec<_>>());
        let mut times: Vec<f64> = samples.concat().iter().map(milliseconds).collect();
        times.sort_by(f64::total_cmp);
        Self {
            sent: times.len(),
            admitted: log.iter().filter(|entry| entry.admitted()).count(),
            busiest: busiest(&log),
            times,
        }
    }

    pub(crate) fn at(&self, part: f64) -> f64 {
        at(&self.times, part)
    }
}

/// Waits for the next full second, so that a load of so many seconds is in no more of them.
pub(crate) fn until_full_second() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    std::thread::sleep(Duration::from_nanos(1_000_000_000 - u64::from(now.subsec_nanos())));
}

pub(crate) fn busiest(log: &[Entry]) -> usize {
    let mut seconds: BTreeMap<u64, usize> = BTreeMap::new();
    for entry in log.iter().filter(|entry| entry.admitted()) {
        let [first, last] = [entry.decided.earliest, entry.decided.latest].map(|time| time / SECOND);
        if first == last {
            *seconds.entry(first).or_default() += 1;
        }
    }
    seconds.into_values().max().unwrap_or_default()
}

pub(crate) fn milliseconds(sample: &Sample) -> f64 {
    (sample.received - sample.sent) as f64 / 1e6
}

pub(crate) fn statuses(samples: &[Sample], status: u16) -> usize {
    samples.iter().filter(|sample| sample.status == status).count()
}

pub(crate) fn percentile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    at(times, part)
}

fn at(sorted: &[f64], part: f64) -> f64 {
    let index = (sorted.len() as f64 * part) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
