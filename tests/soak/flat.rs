//! Whether Envoy's memory and its file descriptors stay what they are.

use std::time::Duration;

use testbed::{Context, Envoy, Error, Result};

use crate::check::Check;

/// By what part memory may rise over the second half of a run.
///
/// A run of half an hour publishes some 900 documents of 30 KB in its second half, and kills some 90 VMs.
/// Envoy has some 130 MiB here, so it reaches the bound when each publication leaves 3 KiB behind. What comes
/// and goes is less than 1 MiB.
const MEMORY: f64 = 0.02;

/// By how many descriptors they may rise over the second half. Each publication opens and closes some.
const DESCRIPTORS: f64 = 4.0;

/// How many seconds a run must have lasted: in the first ones Envoy and the module take what they need.
const WARM: usize = 60;

/// What Envoy held at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    /// Since the start.
    pub at: Duration,
    /// Resident memory in KiB.
    pub memory: f64,
    /// Open file descriptors.
    pub descriptors: f64,
    /// How many requests were sent until then.
    pub requests: u64,
}

impl Holding {
    /// What `envoy` holds now.
    ///
    /// # Errors
    /// Its process has ended, or this is not Linux.
    pub fn of(envoy: &Envoy, at: Duration, requests: u64) -> Result<Self> {
        let process = format!("/proc/{}", envoy.process());
        let status = std::fs::read_to_string(format!("{process}/status")).context(&process)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
        let memory = memory.ok_or_else(|| Error::new(format!("{process}/status has no VmRSS")))?;
        let descriptors = std::fs::read_dir(format!("{process}/fd")).context(&process)?.count() as f64;
        Ok(Self { at, memory, descriptors, requests })
    }
}

/// The two properties, over the second half of `holdings`, one for each second.
pub fn checks(holdings: &[Holding]) -> [Check; 2] {
    let mut flat_memory = Check::new("Envoy's memory is flat in the second half");
    let mut flat_descriptors = Check::new("Envoy's file descriptors are flat in the second half");
    if holdings.len() < WARM {
        for check in [&mut flat_memory, &mut flat_descriptors] {
            check.figures = format!("; not examined in less than {WARM} s");
        }
        return [flat_memory, flat_descriptors];
    }
    let half = &holdings[holdings.len() / 2..];
    let points = |value: fn(&Holding) -> f64| -> Vec<(f64, f64)> {
        half.iter().map(|holding| (holding.at.as_secs_f64(), value(holding))).collect()
    };
    let memory = Line::fit(&points(|holding| holding.memory));
    let descriptors = Line::fit(&points(|holding| holding.descriptors));
    let bound = memory.mean * MEMORY;
    let text = |line: &Line, unit| format!("from {:.0} to {:.0}{unit} by regression", line.first, line.last);
    flat_memory.figures = format!("; {}, at most +{bound:.0} KiB", text(&memory, " KiB"));
    flat_memory.examine((memory.rise() > bound).then(|| format!("it rises {}", text(&memory, " KiB"))));
    flat_descriptors.figures = format!("; {}, at most +{DESCRIPTORS}", text(&descriptors, ""));
    let rises = descriptors.rise() > DESCRIPTORS;
    flat_descriptors.examine(rises.then(|| format!("they rise {}", text(&descriptors, ""))));
    [flat_memory, flat_descriptors]
}

/// The straight line through points with the least squares of distance.
struct Line {
    mean: f64,
    /// Its height at the first and at the last point.
    first: f64,
    last: f64,
}

impl Line {
    fn fit(points: &[(f64, f64)]) -> Self {
        let number = points.len().max(1) as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / number;
        let mean = points.iter().map(|(_, y)| y).sum::<f64>() / number;
        let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean)).sum();
        let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let slope = if variance > 0.0 { covariance / variance } else { 0.0 };
        let height = |point: Option<&(f64, f64)>| point.map_or(mean, |(x, _)| mean + slope * (x - mean_x));
        Self { mean, first: height(points.first()), last: height(points.last()) }
    }

    fn rise(&self) -> f64 {
        self.last - self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half an hour, in which memory (KiB) and descriptors rise by so much each second after a warm-up.
    fn broken(memory: f64, descriptors: f64) -> [u64; 2] {
        let holding = |second: u32| {
            let warm = f64::from(second.min(300));
            // What comes and goes must not count.
            let noise = f64::from(second * 7919 % 13);
            Holding {
                at: Duration::from_secs(u64::from(second)),
                memory: 100_000.0 + warm * 100.0 + memory * f64::from(second) + noise * 200.0,
                descriptors: 60.0 + noise + (descriptors * f64::from(second)).floor(),
                requests: 0,
            }
        };
        checks(&(0..1800).map(holding).collect::<Vec<_>>()).map(|check| check.broken())
    }

    #[test]
    fn what_comes_and_goes_and_a_warm_up_are_no_growth() {
        assert_eq!(broken(0.0, 0.0), [0, 0]);
    }

    #[test]
    fn four_kib_for_each_publication_are_found() {
        assert_eq!(broken(4.0, 0.0), [1, 0]);
    }

    #[test]
    fn a_descriptor_for_each_hundred_publications_is_found() {
        assert_eq!(broken(0.0, 0.01), [0, 1]);
    }

    #[test]
    fn the_begin_of_a_run_is_not_examined() {
        assert_eq!(checks(&[]).map(|check| check.examined()), [0, 0]);
    }
}
