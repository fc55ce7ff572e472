//! Joins what a caller saw of a request with what Envoy logged of it, and judges both.

use std::collections::{BTreeMap, HashMap};

use testbed::Entry;

use crate::check::Check;
use crate::crashes::Crashes;
use crate::event::Event;
use crate::history::History;
use crate::limits::Limit;
use crate::outages::Outages;
use crate::sample::{Answer, Door, Protocol, Sample, path};
use crate::world::{PLANS, Possible, TRIAL, TRIAL_QUOTA};

/// Judges all requests.
pub struct Judge<'a> {
    history: &'a History,
    crashes: &'a Crashes,
    /// What has been seen from one side only.
    sent: HashMap<u64, Sample>,
    logged: HashMap<u64, Entry>,
    through: Check,
    refused: Check,
    agree: Check,
    failed: Check,
    outages: Outages,
    limits: Vec<Limit>,
    /// How many requests had to pass or to be refused for each reason, whatever was changed meanwhile.
    certain: BTreeMap<&'static str, u64>,
    statuses: BTreeMap<u16, u64>,
    doors: BTreeMap<Door, u64>,
}

/// For a request that has to pass.
const PASSES: &str = "with the right to pass";

// === impl Judge ===

impl<'a> Judge<'a> {
    /// By the documents and the crashes of the run.
    pub fn new(history: &'a History, crashes: &'a Crashes) -> Self {
        let quota = |plan| (plan == TRIAL).then_some(TRIAL_QUOTA);
        let limited =
            PLANS.into_iter().filter_map(|(plan, limit)| Some(Limit::new(plan, limit?, quota(plan))));
        Self {
            history,
            crashes,
            sent: HashMap::new(),
            logged: HashMap::new(),
            through: Check::new("nothing passes that should not"),
            refused: Check::new("nothing is refused that should pass"),
            agree: Check::new("answer, upstream and log agree on each request"),
            failed: Check::new("every connection, command and publication works"),
            outages: Outages::default(),
            limits: limited.collect(),
            certain: BTreeMap::new(),
            statuses: BTreeMap::new(),
            doors: BTreeMap::new(),
        }
    }

    /// Takes an event.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Done => self.failed.examine(None),
            Event::Failed(why) => self.failed.examine(Some(why)),
            Event::Answered(sample) => {
                self.outages.observe(&sample, self.crashes);
                match self.logged.remove(&sample.id) {
                    Some(entry) => self.join(&sample, &entry),
                    None => drop(self.sent.insert(sample.id, sample)),
                }
            }
            Event::Logged(lines) => {
                for line in lines {
                    self.limits.iter_mut().for_each(|limit| limit.observe(&line.entry));
                    let Some(id) = line.id else { continue };
                    match self.sent.remove(&id) {
                        Some(sample) => self.join(&sample, &line.entry),
                        None => drop(self.logged.insert(id, line.entry)),
                    }
                }
            }
        }
    }

    /// Whether both sides of every request were seen.
    pub fn is_complete(&self) -> bool {
        self.sent.is_empty() && self.logged.is_empty()
    }

    /// All checks. What was seen from one side only is wrong now.
    pub fn finish(&mut self) -> Vec<Check> {
        // A request that found no connection was never there.
        for (id, sample) in self.sent.drain().filter(|(_, sample)| sample.answer.is_ok()) {
            self.agree.examine(Some(format!("request {id} is not in Envoy's log: {sample:?}")));
        }
        for (id, entry) in self.logged.drain() {
            self.agree
                .examine(Some(format!("request {id} is in Envoy's log, and nobody sent it: {entry:?}")));
        }
        self.outages.finish(self.crashes);
        self.limits.iter_mut().for_each(Limit::finish);
        let count = |what: &str| self.certain.get(what).copied().unwrap_or_default();
        let refusals = self.certain.iter().filter(|(what, _)| **what != PASSES);
        let refusals: Vec<_> = refusals.map(|(what, number)| format!("{number} {what}")).collect();
        self.through.figures = format!("; to be refused: {}", refusals.join(", "));
        self.refused.figures = format!("; {} {PASSES}", count(PASSES));
        let statuses: Vec<_> = self.statuses.iter().map(|(status, n)| format!("{n} × {status}")).collect();
        let over = |protocol| -> u64 {
            self.doors.iter().filter(|((_, spoken), _)| *spoken == protocol).map(|(_, number)| number).sum()
        };
        self.agree.figures = format!(
            "; {}; {} over HTTP/1.1, {} over HTTP/2",
            statuses.join(", "),
            over(Protocol::Http1),
            over(Protocol::Http2)
        );
        let mut checks =
            vec![self.through.clone(), self.refused.clone(), self.agree.clone(), self.outages.check.clone()];
        checks.extend(self.limits.iter().map(|limit| limit.most.clone()));
        checks.extend(self.limits.iter().map(|limit| limit.least.clone()));
        checks.push(self.failed.clone());
        checks
    }

    /// How many requests had to end in each of these ways, for certain.
    pub fn certain(&self, what: &str) -> u64 {
        self.certain.get(what).copied().unwrap_or_default()
    }

    /// How many listeners and protocols answered.
    pub fn doors(&self) -> usize {
        self.doors.len()
    }

    /// The kinds of requests that must have come for the run to prove anything.
    pub const KINDS: [&'static str; 9] = [
        PASSES,
        "forged",
        "of an unknown key",
        "too old",
        "unsigned",
        "of a disabled key",
        "of an unbound key",
        "with a secret of before",
        "with a secret to come",
    ];

    fn join(&mut self, sample: &Sample, entry: &Entry) {
        let Ok(answer) = &sample.answer else { return };
        *self.doors.entry(sample.door).or_default() += 1;
        *self.statuses.entry(answer.status).or_default() += 1;
        let possible = self.history.judge(sample.claim, sample.sent, sample.answered, entry.decided);
        let described = || format!("request {} ({:?}): {} {entry:?}", sample.id, sample.claim, answer.status);
        self.agree
            .examine(disagreement(sample.id, answer, entry).map(|what| format!("{what}: {}", described())));
        if answer.status == 503 {
            // Whether it may be is judged in `outages`.
            return;
        }
        let certain = match (possible.plans.as_slice(), possible.refusals.as_slice()) {
            ([_, ..], []) => Some(PASSES),
            ([], [refusal]) => Some(refusal.why),
            _ => None,
        };
        if let Some(certain) = certain {
            *self.certain.entry(certain).or_default() += 1;
        }
        let wrong =
            (!is_right(answer.status, entry, &possible)).then(|| format!("{}: {possible:?}", described()));
        // A request beyond its limit was recognised: it would have passed.
        let recognised = matches!(answer.status, 200 | 429);
        if recognised { self.through.examine(wrong) } else { self.refused.examine(wrong) }
    }
}

/// Whether a request ended in one of the possible ways.
fn is_right(status: u16, entry: &Entry, possible: &Possible) -> bool {
    match status {
        200 | 429 => possible.plans.contains(&entry.plan.as_str()),
        401 => possible.refusals.iter().any(|refusal| refusal.outcome == entry.outcome),
        _ => false,
    }
}

/// Where the caller, the upstream and the log differ.
fn disagreement(id: u64, answer: &Answer, entry: &Entry) -> Option<String> {
    let outcomes: &[&str] = match answer.status {
        200 => &["allowed"],
        429 => &["rate_limited", "quota_exceeded"],
        _ => &[],
    };
    let expected = format!("{} {}", path(id), entry.plan);
    if answer.status != entry.status {
        Some("the log has another status".to_owned())
    } else if !outcomes.is_empty() && !outcomes.contains(&entry.outcome.as_str()) {
        Some("the log has another outcome".to_owned())
    } else if answer.status == 200 && answer.body != expected {
        Some(format!("the upstream received {:?} and not {expected:?}", answer.body))
    } else if answer.status != 200 && answer.body.starts_with("/soak") {
        Some(format!("the upstream received {:?}, and the caller a refusal", answer.body))
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
