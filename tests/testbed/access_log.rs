//! Envoy's log of each request: when it arrived, between which times it was decided, and how.
//!
//! # When a request was decided
//!
//! The filter reads the system's clock once, while Envoy handles the request's headers. Envoy reads the same
//! clock when it creates the request (`%START_TIME%`, before the filter) and when it logs it (`%EMIT_TIME%`,
//! after). In between it knows, by its steady clock, how long before the end the request's first byte went on
//! to the upstream or, if none did, the first byte of the answer to the caller: that long before
//! `%EMIT_TIME%` the decision had been made. An [`Entry`] has the two times as a [`Bracket`], some 10 µs
//! apart when nothing interferes and milliseconds when the thread loses the processor in between;
//! [`certainly_busiest`](crate::certainly_busiest) counts with them without blaming the filter for that.
//!
//! (`%START_TIME%` plus a duration from the start would be wrong for about 1 request in 100,000: Envoy reads
//! its two clocks one after the other, and can lose the processor between them.)

pub(crate) mod format;

use std::time::{Duration, Instant};

use self::format::FILE;
pub use self::format::FORMAT;
use crate::busiest::Bracket;
use crate::envoy::Envoy;
use crate::error::{Context, Error, Result};

/// Envoy's system clock counts whole microseconds.
const TICK: u64 = 1000;

/// How long Envoy may take to write what it has answered.
const TIMEOUT: Duration = Duration::from_secs(60);

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was decided, in nanoseconds since 1970 by Envoy's clock.
    pub decided: Bracket,
    /// The status of the answer; 0 if there was none.
    pub status: u16,
    /// The filter state `wasm.usage_plan`, empty if not set.
    pub plan: String,
    /// The filter state `wasm.usage_plan_outcome`, empty if not set.
    pub outcome: String,
}

impl Entry {
    /// Whether the filter let the request through and counted it.
    pub fn admitted(&self) -> bool {
        self.outcome == "allowed"
    }

    /// Reads a line of [`FORMAT`], without its line break.
    ///
    /// # Errors
    /// It is in another format.
    pub fn parse(line: &str) -> Result<Self> {
        let malformed = || Error::new(format!("not a line of the access log: {line:?}"));
        let fields: Vec<&str> = line.split(' ').collect();
        let &[start, end, upstream, answer, status, plan, outcome] = fields.as_slice() else {
            return Err(malformed());
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let earliest = number(start).ok_or_else(malformed)?;
        let end = number(end).ok_or_else(malformed)? + TICK;
        let latest = end.saturating_sub(number(upstream).or(number(answer)).unwrap_or(0));
        let text = |field: &str| if field == "-" { String::new() } else { field.to_owned() };
        Ok(Self {
            decided: Bracket { earliest, latest },
            status: status.parse().map_err(|_| malformed())?,
            plan: text(plan),
            outcome: text(outcome),
        })
    }
}

/// All requests of a log, in the order in which they ended. A last line without a line break is ignored: it
/// is still being written.
///
/// # Errors
/// A line is not in this log's format.
pub fn parse(text: &str) -> Result<Vec<Entry>> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(Entry::parse).collect()
}

/// When each of the admitted requests was decided.
pub fn admissions(entries: &[Entry]) -> Vec<Bracket> {
    entries.iter().filter(|entry| entry.admitted()).map(|entry| entry.decided).collect()
}

impl Envoy {
    /// The requests logged so far, once there are `expected` of them (all that were answered).
    ///
    /// # Errors
    /// They are not written in time, or [`Config::access_log`](crate::Config::access_log) was not asked for.
    pub fn access_log(&self, expected: usize) -> Result<Vec<Entry>> {
        let path = self.directory().join(FILE);
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let text = std::fs::read_to_string(&path).context("the access log")?;
            let lines = text.bytes().filter(|&byte| byte == b'\n').count();
            if lines >= expected {
                return parse(&text);
            }
            if Instant::now() > deadline {
                return Err(Error::new(format!("the access log has {lines} lines, not {expected}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decision_lies_between_the_request_and_its_result() {
        let text = "1795321348718000000 1795321348719000000 900000 500000 200 usagePlan-gold allowed\n\
            1795321348718000001 1795321348719000000 - 400000 429 usagePlan-gold rate_limited\n\
            1795321348718000002 1795321348719000000 - - 0 - -\n1795321348";
        let entry = |earliest, latest, status, plan: &str, outcome: &str| Entry {
            decided: Bracket { earliest, latest },
            status,
            plan: plan.to_owned(),
            outcome: outcome.to_owned(),
        };
        let entries = parse(text).expect("a log");
        let expected = [
            entry(1_795_321_348_718_000_000, 1_795_321_348_718_101_000, 200, "usagePlan-gold", "allowed"),
            entry(
                1_795_321_348_718_000_001,
                1_795_321_348_718_601_000,
                429,
                "usagePlan-gold",
                "rate_limited",
            ),
            entry(1_795_321_348_718_000_002, 1_795_321_348_719_001_000, 0, "", ""),
        ];
        assert_eq!(entries, expected);
        assert_eq!(admissions(&entries), [entries[0].decided]);
    }

    #[test]
    fn a_line_in_another_format_is_an_error() {
        for line in
            [" ", "1 2 3 4 200 a", "x 2 3 4 200 a b", "1 - 3 4 200 a b", "1 2 3 4 ok a b", "1 2 3 4 0 a b c"]
        {
            assert!(parse(&format!("{line}\n")).is_err(), "{line:?}");
        }
    }
}
