//! Whether requests fail only while a VM that died is replaced.
//!
//! A connection stays with one worker. So what counts is the order of the answers on each connection, and
//! not how fast the machine is: after a crash requests may fail until the first one succeeds that was sent
//! when the VM was dead already. From then on none fails until the next crash. A worker that gets no
//! processor for seconds is not blamed: a request that it finds waiting when it runs again was sent early.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::crashes::Crashes;
use crate::sample::Sample;

/// How long after a crash no request must fail, even if none has succeeded yet. A VM is replaced within some
/// 70 ms.
const LATE: Duration = Duration::from_secs(2);

/// What is known of failed requests.
pub struct Outages {
    /// The property.
    pub check: Check,
    connections: HashMap<u64, Connection>,
    unavailable: u64,
    lost: u64,
    longest: Duration,
}

/// A connection since a crash.
struct Connection {
    /// Which crash.
    crash: usize,
    /// Whether a request failed that was sent [`LATE`] after it.
    failed_late: bool,
    /// When the first request succeeded that was sent after it.
    recovered: Option<Instant>,
}

impl Default for Outages {
    fn default() -> Self {
        Self {
            check: Check::new("a request fails only while a VM is replaced"),
            connections: HashMap::new(),
            unavailable: 0,
            lost: 0,
            longest: Duration::ZERO,
        }
    }
}

impl Outages {
    /// Looks at a request; those of a connection come in the order in which they were answered.
    pub fn observe(&mut self, sample: &Sample, crashes: &Crashes) {
        let failure = match &sample.answer {
            Ok(answer) if answer.status == 503 => Some(format!("503 {}", answer.body.trim())),
            Ok(_) => None,
            Err(error) => Some(error.clone()),
        };
        let Some((index, crash)) = crashes.last_before(sample.answered) else {
            let violation = |why| format!("request {} failed ({why}), and no VM was replaced", sample.id);
            return self.check.examine(failure.map(violation));
        };
        let fresh = || Connection { crash: index, failed_late: false, recovered: None };
        let connection = self.connections.entry(sample.connection).or_insert_with(fresh);
        if connection.crash != index {
            let old = std::mem::replace(connection, fresh());
            self.check.examine(not_replaced(sample.connection, &old));
        }
        let Some(why) = failure else {
            if crash.answered.is_some_and(|dead| dead <= sample.sent) {
                connection.recovered.get_or_insert(sample.answered);
            }
            return self.check.examine(None);
        };
        connection.failed_late |= crash.answered.is_some_and(|dead| dead + LATE <= sample.sent);
        let recovered = connection.recovered.is_some_and(|recovered| recovered <= sample.sent);
        let after = sample.answered - crash.sent;
        self.longest = self.longest.max(after);
        self.lost += u64::from(sample.answer.is_err());
        self.unavailable += u64::from(sample.answer.is_ok());
        self.check.examine(recovered.then(|| {
            let Sample { id, connection, .. } = sample;
            format!(
                "request {id} failed ({why}) {after:?} after a crash; connection {connection} had recovered"
            )
        }));
    }

    /// All requests were looked at.
    pub fn finish(&mut self, crashes: &Crashes) {
        for (number, connection) in &self.connections {
            self.check.examine(not_replaced(*number, connection));
        }
        let Self { unavailable, lost, longest, .. } = self;
        self.check.figures = format!(
            "; {} VMs replaced: {unavailable} requests answered 503, {lost} without an answer, \
             the last of them {} ms after a crash",
            crashes.number(),
            longest.as_millis(),
        );
    }
}

/// A connection on which nothing succeeded between two crashes.
fn not_replaced(number: u64, connection: &Connection) -> Option<String> {
    let Connection { crash, failed_late, recovered } = connection;
    let never = *failed_late && recovered.is_none();
    never.then(|| format!("connection {number}: no request succeeded after crash {crash}"))
}

#[cfg(test)]
mod tests {
    use testbed::ports::local;

    use super::*;
    use crate::claim::Claim;
    use crate::sample::{Answer, Protocol};

    /// Answers on one connection, each sent and received at these milliseconds, and crashes.
    fn broken(crashed: &[u64], answers: &[(u64, u64, Option<u16>)]) -> u64 {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let crashes = Crashes::default();
        for &ms in crashed {
            crashes.begin(at(ms));
            crashes.end(at(ms + 1));
        }
        let mut outages = Outages::default();
        for &(sent, answered, status) in answers {
            let answer = status.map(|status| Answer { status, body: String::new() });
            let (sent, answered, answer) = (at(sent), at(answered), answer.ok_or_else(String::new));
            let (claim, door) = (Claim::Unsigned, (local(1), Protocol::Http1));
            let sample = Sample { id: 1, claim, door, connection: 7, sent, answered, answer };
            outages.observe(&sample, &crashes);
        }
        outages.finish(&crashes);
        outages.check.broken()
    }

    #[test]
    fn requests_may_fail_until_the_first_that_succeeds_after_a_crash() {
        let answers = [(9, 11, None), (12, 13, Some(503)), (60, 61, Some(200)), (62, 63, Some(401))];
        assert_eq!(broken(&[10], &answers), 0);
        assert_eq!(
            broken(&[10, 70], &[&answers[..], &[(71, 72, Some(503)), (90, 91, Some(200))]].concat()),
            0
        );
    }

    #[test]
    fn a_request_that_fails_without_a_crash_is_found() {
        assert_eq!(broken(&[], &[(1, 2, Some(503))]), 1);
        assert_eq!(broken(&[10], &[(1, 2, None)]), 1);
    }

    #[test]
    fn a_request_that_fails_after_another_succeeded_is_found() {
        assert_eq!(broken(&[10], &[(12, 13, Some(503)), (20, 21, Some(200)), (22, 23, Some(503))]), 1);
        assert_eq!(broken(&[10], &[(12, 13, Some(200)), (14, 15, None)]), 1);
        // Sent before the other succeeded, it may have come first.
        assert_eq!(broken(&[10], &[(12, 15, Some(200)), (14, 16, Some(503))]), 0);
    }

    #[test]
    fn a_vm_that_is_not_replaced_is_found() {
        let failing = [(12, 13, Some(503)), (2011, 2012, Some(503))];
        assert_eq!(broken(&[10], &failing), 1);
        assert_eq!(broken(&[10, 3000], &[&failing[..], &[(3010, 3011, Some(200))]].concat()), 1);
        // A worker that did not run for a while answers what was sent early.
        assert_eq!(broken(&[10, 3000], &[(13, 2900, Some(503)), (3010, 3011, Some(200))]), 0);
    }
}
