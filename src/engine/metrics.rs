//! What the engine counts about itself, in Prometheus' text format.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use usage_plan_core::timestamp::Timestamp;

use crate::call::Reason;

/// The upper ends of the histogram of commits, in microseconds.
const BUCKETS: [u64; 8] = [250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000];

/// The kinds of counters.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Rate,
    Quota,
}

/// How a call was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Granted,
    Over,
    Looked,
}

/// What the engine counts about itself.
#[derive(Debug, Default)]
pub struct Metrics {
    started: Timestamp,
    answers: [[AtomicU64; 3]; 2],
    granted: [AtomicU64; 2],
    refusals: [AtomicU64; 5],
    timeouts: AtomicU64,
    commits: AtomicU64,
    failed_commits: AtomicU64,
    committed_calls: AtomicU64,
    commit_micros: AtomicU64,
    commit_buckets: [AtomicU64; BUCKETS.len()],
    forgotten: AtomicU64,
    pub(crate) connections: AtomicU64,
}

const KINDS: [(Kind, &str); 2] = [(Kind::Rate, "rate"), (Kind::Quota, "quota")];
const ANSWERS: [(Answer, &str); 3] =
    [(Answer::Granted, "granted"), (Answer::Over, "over_limit"), (Answer::Looked, "looked")];
const REASONS: [(Reason, &str); 5] = [
    (Reason::Invalid, "invalid"),
    (Reason::UnknownDomain, "unknown_domain"),
    (Reason::PeriodForgotten, "period_forgotten"),
    (Reason::TooMuch, "too_much"),
    (Reason::StoreFailed, "store_failed"),
];

// === impl Metrics ===

impl Metrics {
    /// All zero, from this time on.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        Self { started, ..Self::default() }
    }

    pub(crate) fn answered(&self, kind: Kind, answer: Answer, hits: u64) {
        add(&self.answers[kind as usize][answer as usize], 1);
        if matches!(answer, Answer::Granted) {
            add(&self.granted[kind as usize], hits);
        }
    }

    pub(crate) fn refused(&self, reason: Reason) {
        if let Some(index) = REASONS.iter().position(|(other, _)| *other == reason) {
            add(&self.refusals[index], 1);
        }
    }

    pub(crate) fn timed_out(&self) {
        add(&self.timeouts, 1);
    }

    /// Of the writer: a transaction has failed.
    pub(crate) fn commit_failed(&self) {
        add(&self.failed_commits, 1);
    }

    /// Of the writer: one transaction with so many calls is on disk.
    pub(crate) fn committed(&self, calls: usize, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        add(&self.commits, 1);
        add(&self.committed_calls, u64::try_from(calls).unwrap_or(u64::MAX));
        add(&self.commit_micros, micros);
        if let Some(bucket) = BUCKETS.iter().position(|end| micros <= *end) {
            add(&self.commit_buckets[bucket], 1);
        }
    }

    pub(crate) fn forgotten(&self, counters: u64) {
        add(&self.forgotten, counters);
    }

    /// All of it as text, with what others know.
    pub(crate) fn to_text(
        &self,
        rates: u64,
        quotas: Option<u64>,
        store_bytes: Option<u64>,
        waiting: u64,
    ) -> String {
        let mut text = String::new();
        head(&mut text, "answers_total", "counter", "Calls that were decided");
        for (kind, kind_name) in KINDS {
            for (answer, answer_name) in ANSWERS {
                let value = get(&self.answers[kind as usize][answer as usize]);
                let labels = format!("answers_total{{kind=\"{kind_name}\",answer=\"{answer_name}\"}}");
                line(&mut text, &labels, value);
            }
        }
        head(&mut text, "granted_hits_total", "counter", "Hits that were granted");
        for (kind, name) in KINDS {
            let value = get(&self.granted[kind as usize]);
            line(&mut text, &format!("granted_hits_total{{kind=\"{name}\"}}"), value);
        }
        head(&mut text, "refused_calls_total", "counter", "Calls that were answered with an error");
        for ((_, name), value) in REASONS.iter().zip(&self.refusals) {
            line(&mut text, &format!("refused_calls_total{{reason=\"{name}\"}}"), get(value));
        }
        line(&mut text, "refused_calls_total{reason=\"timeout\"}", get(&self.timeouts));
        self.write_commits(&mut text);
        let mut one = |name: &str, kind: &str, help: &str, value: Option<u64>| {
            if let Some(value) = value {
                head(&mut text, name, kind, help);
                line(&mut text, name, value);
            }
        };
        one("failed_commits_total", "counter", "Transactions that failed", Some(get(&self.failed_commits)));
        one("forgotten_counters_total", "counter", "Quotas whose period is over", Some(get(&self.forgotten)));
        one("waiting_calls", "gauge", "Calls that wait for the next commit", Some(waiting));
        one("connections", "gauge", "Open connections of callers", Some(get(&self.connections)));
        one("rate_counters", "gauge", "Counters of rates in memory", Some(rates));
        one("quota_counters", "gauge", "Counters of quotas in the store", quotas);
        one("store_bytes", "gauge", "The size of the store's file", store_bytes);
        let started = self.started.as_secs();
        one("start_time_seconds", "gauge", "When the engine was started, as Unix time", Some(started));
        text
    }

    fn write_commits(&self, text: &mut String) {
        head(text, "commit_seconds", "histogram", "How long a transaction took until it was on disk");
        let mut below = 0;
        for (end, count) in BUCKETS.iter().zip(&self.commit_buckets) {
            below += get(count);
            line(text, &format!("commit_seconds_bucket{{le=\"{}\"}}", seconds(*end)), below);
        }
        let commits = get(&self.commits);
        line(text, "commit_seconds_bucket{le=\"+Inf\"}", commits);
        let _ = writeln!(text, "{PREFIX}commit_seconds_sum {}", seconds(get(&self.commit_micros)));
        line(text, "commit_seconds_count", commits);
        head(text, "committed_calls_total", "counter", "Calls in all transactions together");
        line(text, "committed_calls_total", get(&self.committed_calls));
    }
}

const PREFIX: &str = "usage_plan_engine_";

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
}

fn line(text: &mut String, name: &str, value: u64) {
    let _ = writeln!(text, "{PREFIX}{name} {value}");
}

/// Microseconds as seconds, without a fraction that does not say anything.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn add(counter: &AtomicU64, value: u64) {
    counter.fetch_add(value, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_histogram_counts_each_commit_in_every_bucket_that_is_long_enough() {
        let metrics = Metrics::new(Timestamp::default());
        metrics.committed(3, Duration::from_micros(400));
        metrics.committed(1, Duration::from_secs(2));
        metrics.commit_failed();
        let text = metrics.to_text(1, None, Some(2), 3);
        for wanted in [
            "usage_plan_engine_commit_seconds_bucket{le=\"0.00025\"} 0\n",
            "usage_plan_engine_commit_seconds_bucket{le=\"0.0005\"} 1\n",
            "usage_plan_engine_commit_seconds_bucket{le=\"0.25\"} 1\n",
            "usage_plan_engine_commit_seconds_bucket{le=\"+Inf\"} 2\n",
            "usage_plan_engine_commit_seconds_sum 2.0004\n",
            "usage_plan_engine_commit_seconds_count 2\n",
            "usage_plan_engine_committed_calls_total 4\n",
            "usage_plan_engine_failed_commits_total 1\n",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
        assert!(!text.contains("quota_counters"), "{text}");
    }
}
