//! What was used of quotas, as far as the samples tell: the requests that were admitted since a period began.

use std::collections::HashMap;

use usage_plan_core::document::{Quota, UsagePlan};
use usage_plan_core::limit::calendar::{Span, span};
use usage_plan_core::timestamp::Timestamp;

use super::buckets::Buckets;
use super::codec::View;
use super::engine::word;
use super::keeper::Samples;
use super::ring::{FINE, INTERVAL, MINUTES, QUARTERS};
use super::slot::{ADMITTED, Kind};

/// A quota on all requests of a plan.
#[derive(Clone, Debug)]
pub struct PlanQuota {
    plan: String,
    quota: Quota,
    /// The moments from which it is counted anew, in their order.
    resets: Vec<Timestamp>,
}

/// What was used of a quota in its present period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The requests that were admitted.
    pub calls: u64,
    /// From when to when the period is; from the last reset in it.
    pub span: Span,
    /// Since when something is known of it; `None` if nothing is.
    pub since: Option<Timestamp>,
    /// Whether all of the period is known.
    pub is_whole: bool,
}

// === impl PlanQuota ===

impl PlanQuota {
    /// A quota of `plan`.
    pub fn new(plan: &UsagePlan, quota: Quota) -> Self {
        let resets = plan.resets.iter();
        let resets = resets
            .filter(|reset| reset.key.is_none() && reset.limit.is_none_or(|period| period == quota.period));
        let mut resets: Vec<Timestamp> = resets.map(|reset| reset.at).collect();
        resets.sort_unstable();
        Self { plan: plan.id.clone(), quota, resets }
    }

    /// What the engine has granted of it, if it counts it.
    fn granted(&self, view: &View<'_>) -> Option<u64> {
        let word = word(&self.quota);
        let mut of_plan = view
            .amounts
            .iter()
            .filter(|(kind, name, other, _)| *kind == Kind::Quota && *name == self.plan && *other == word);
        of_plan.next().map(|(.., amount)| amount.peak)
    }

    /// The period that a time lies in, from the last reset in it.
    fn span(&self, time: Timestamp) -> Span {
        let Span { start, end } = span(self.quota.period, self.quota.utc_offset, time);
        let reset = self.resets.iter().rev().find(|reset| **reset <= time).copied();
        Span { start: reset.unwrap_or_default().max(start), end }
    }
}

// === impl Samples ===

impl Samples {
    /// Shows `each` what is known of these seconds in the finest steps that are kept, none of them twice.
    pub fn visit_finest(&self, from: u64, to: u64, now: Timestamp, mut each: impl FnMut(u64, &View<'_>)) {
        let now = now.as_secs();
        // Each ring takes over where it is whole, and at a step of the coarser one.
        let minutes = QUARTERS.start(now.saturating_sub(MINUTES.reach() - 2 * QUARTERS.step));
        let fine = MINUTES.start(now.saturating_sub(FINE.reach() - 2 * MINUTES.step));
        self.visit(QUARTERS, from, to.min(minutes), &mut each);
        self.visit(MINUTES, from.max(minutes), to.min(fine), &mut each);
        self.visit(FINE, from.max(fine), to, &mut each);
    }

    /// What was used of each of these quotas in its present period. It may block.
    pub fn used(&self, quotas: &[PlanQuota], now: Timestamp) -> Vec<Used> {
        let envoys = self.envoys() as u64;
        let spans: Vec<Span> = quotas.iter().map(|quota| quota.span(now)).collect();
        let mut used: Vec<(u64, u64, Option<u64>)> = vec![(0, 0, None); quotas.len()];
        let mut of_plans: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, quota) in quotas.iter().enumerate() {
            of_plans.entry(&quota.plan).or_default().push(index);
        }
        let earliest = spans.iter().map(|span| span.start.as_secs()).min().unwrap_or(u64::MAX);
        self.visit_finest(earliest, u64::MAX, now, |second, view| {
            for (span, (_, answers, since)) in spans.iter().zip(&mut used) {
                if second >= span.start.as_secs() && view.answers > 0 {
                    *answers += view.answers;
                    since.get_or_insert(second);
                }
            }
            for (kind, name, word, amount) in &view.amounts {
                if *kind == Kind::Plan && *word == ADMITTED {
                    for index in of_plans.get(name).into_iter().flatten() {
                        if second >= spans[*index].start.as_secs() {
                            used[*index].0 = used[*index].0.saturating_add(amount.calls);
                        }
                    }
                }
            }
        });
        let mut granted: Vec<Option<u64>> = vec![None; quotas.len()];
        self.visit(FINE, now.as_secs().saturating_sub(4 * FINE.step), u64::MAX, |_, view| {
            for (quota, granted) in quotas.iter().zip(&mut granted) {
                *granted = quota.granted(view).or(*granted);
            }
        });
        let shown =
            spans.into_iter().zip(used).zip(granted).map(|((span, (calls, answers, since)), granted)| {
                if let Some(calls) = granted {
                    return Used { calls, span, since: Some(span.start), is_whole: true };
                }
                let questions = now.saturating_since(span.start).as_secs() / INTERVAL.as_secs();
                // The last questions may still be under way.
                let is_whole = answers + 3 * envoys >= questions.saturating_mul(envoys);
                let since = since.map(|second| Timestamp::from_nanos(second.saturating_mul(1_000_000_000)));
                Used { calls, span, since, is_whole }
            });
        shown.collect()
    }

    /// The most that was used of a quota in each part of a span of time, from its period's begin on; nothing
    /// where nothing is known, and nothing at all where the samples are coarser than the quota's period. It
    /// may block.
    pub fn use_over_time(
        &self,
        quota: &PlanQuota,
        buckets: &Buckets,
        now: Timestamp,
    ) -> Option<Vec<Option<u64>>> {
        let (from, to) = buckets.span();
        let second = |second: u64| Timestamp::from_nanos(second.saturating_mul(1_000_000_000));
        let first = quota.span(second(from));
        let coarsest = if now.as_secs().saturating_sub(from) > MINUTES.reach() { QUARTERS } else { MINUTES };
        if first.end.saturating_since(first.start).as_secs() < coarsest.step {
            return None;
        }
        let mut most: Vec<Option<u64>> = vec![None; buckets.list.len()];
        let (mut period, mut used) = (first, 0_u64);
        self.visit_finest(first.start.as_secs(), to, now, |start, view| {
            let time = second(start);
            if time >= period.end || quota.resets.iter().any(|at| *at > period.start && *at <= time) {
                (period, used) = (quota.span(time), 0);
            }
            for (kind, name, word, amount) in &view.amounts {
                if (*kind, *name, *word) == (Kind::Plan, quota.plan.as_str(), ADMITTED) {
                    used = used.saturating_add(amount.calls);
                }
            }
            let index = start.checked_sub(from).and_then(|since| usize::try_from(since / buckets.width).ok());
            let most = index.and_then(|index| most.get_mut(index));
            let known = quota.granted(view).or((view.answers > 0).then_some(used));
            if let Some((most, known)) = most.zip(known) {
                *most = Some(most.unwrap_or_default().max(known));
            }
        });
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use usage_plan_core::document::{Period, Reset, UtcOffset};

    use super::super::buckets::Range;
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).expect("a time")
    }

    fn plan(resets: &[&str]) -> UsagePlan {
        let reset = |text: &&str| Reset { at: at(text), ..Reset::default() };
        UsagePlan {
            id: "gold".to_owned(),
            resets: resets.iter().map(reset).collect(),
            ..UsagePlan::default()
        }
    }

    fn quota(plan: &UsagePlan, period: Period) -> PlanQuota {
        PlanQuota::new(plan, Quota { max_requests: Some(100), period, utc_offset: UtcOffset(480) })
    }

    /// Samples of one Envoy, each with the calls that were admitted.
    fn samples(steps: &[(&str, u64)]) -> (tempfile::TempDir, Samples) {
        let directory = tempfile::tempdir().expect("a directory");
        let samples = Samples::open(&directory.path().join("samples"), 1);
        for (time, calls) in steps {
            let amounts = [(Kind::Plan, "gold", ADMITTED, *calls), (Kind::Plan, "silver", ADMITTED, 1000)];
            samples.keep(at(time).as_secs(), [1, 0, 0], &amounts);
        }
        (directory, samples)
    }

    const NOW: &str = "2026-11-24T09:30:25Z";

    #[test]
    fn what_was_admitted_since_the_period_began_is_used_whatever_steps_are_kept() {
        let steps = [
            ("2026-11-22T08:00:05Z", 1),
            ("2026-11-23T15:59:55Z", 2),
            ("2026-11-23T16:00:05Z", 4),
            ("2026-11-24T08:45:05Z", 8),
            ("2026-11-24T09:05:05Z", 16),
            ("2026-11-24T09:30:15Z", 32),
        ];
        let (_directory, samples) = samples(&steps);
        let plan = plan(&[]);
        let periods = [Period::Minute, Period::Hour, Period::Day, Period::Week, Period::Month, Period::Total];
        let used = samples.used(&periods.map(|period| quota(&plan, period)), at(NOW));
        assert_eq!(used.iter().map(|used| used.calls).collect::<Vec<_>>(), [32, 48, 60, 62, 63, 63]);
        assert!(used[0].is_whole && !used[2].is_whole);
        assert_eq!(used[2].since, Some(at("2026-11-23T16:00:00Z")));
        assert_eq!(used[2].span.end, at("2026-11-24T16:00:00Z"));
    }

    #[test]
    fn a_reset_begins_anew() {
        let steps = [("2026-11-24T08:59:55Z", 5), ("2026-11-24T09:20:05Z", 7)];
        let (_directory, samples) = samples(&steps);
        let plan = plan(&["2026-11-24T09:00:00Z", "2027-01-01T00:00:00Z"]);
        let used = samples.used(&[quota(&plan, Period::Day)], at(NOW));
        assert_eq!((used[0].calls, used[0].span.start), (7, at("2026-11-24T09:00:00Z")));
        let buckets = Buckets::new(Range::Hour, at(NOW), 0, 0);
        let most = samples.use_over_time(&quota(&plan, Period::Day), &buckets, at(NOW)).expect("parts");
        assert_eq!(most.iter().flatten().collect::<Vec<_>>(), [&5, &7]);
    }

    #[test]
    fn what_the_engine_has_granted_is_used_whatever_envoys_said() {
        let (_directory, samples) = samples(&[("2026-11-24T09:10:05Z", 3)]);
        samples.keep(
            at("2026-11-24T09:30:15Z").as_secs(),
            [1, 0, 0],
            &[(Kind::Quota, "gold", "day+0800", 90)],
        );
        let plan = plan(&[]);
        let used = samples.used(&[quota(&plan, Period::Day), quota(&plan, Period::Month)], at(NOW));
        assert_eq!((used[0].calls, used[0].is_whole), (90, true));
        assert_eq!((used[1].calls, used[1].is_whole), (3, false));
        let buckets = Buckets::new(Range::Hour, at(NOW), 0, 0);
        let most = samples.use_over_time(&quota(&plan, Period::Day), &buckets, at(NOW)).expect("parts");
        assert_eq!(most.iter().flatten().collect::<Vec<_>>(), [&3, &90]);
    }

    #[test]
    fn what_was_used_grows_until_the_period_ends() {
        let steps = [
            ("2026-11-24T07:50:05Z", 100),
            ("2026-11-24T08:40:05Z", 10),
            ("2026-11-24T08:40:15Z", 5),
            ("2026-11-24T08:50:05Z", 1),
            ("2026-11-24T09:10:05Z", 3),
        ];
        let (_directory, samples) = samples(&steps);
        let plan = plan(&[]);
        let buckets = Buckets::new(Range::Hour, at(NOW), 0, 0);
        let over_time = |period| samples.use_over_time(&quota(&plan, period), &buckets, at(NOW));
        let known =
            |most: Option<Vec<Option<u64>>>| most.expect("parts").into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(known(over_time(Period::Hour)), [15, 16, 3]);
        assert_eq!(known(over_time(Period::Day)), [115, 116, 119]);
        let month = Buckets::new(Range::Month, at(NOW), 0, 0);
        assert_eq!(samples.use_over_time(&quota(&plan, Period::Minute), &month, at(NOW)), None);
        assert_eq!(known(samples.use_over_time(&quota(&plan, Period::Hour), &month, at(NOW))), [100]);
    }
}
