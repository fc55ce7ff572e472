//! The plans that have used most of a quota.

use std::cmp::Reverse;
use std::sync::Arc;

use maud::{Markup, html};
use tokio::task::spawn_blocking;
use usage_plan_core::document::{Quota, UsagePlan};

use super::limits::{is_counted_apart, renews, threshold, times, used_cell};
use crate::console::objects::{per_period, plan_name};
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{PlanQuota, Used};

/// How many quotas are shown.
const SHOWN: usize = 5;

/// The quotas that are used up most, with the plans that have them.
pub(in crate::console) struct Near<'v> {
    quotas: Vec<(&'v UsagePlan, Quota, Used, u64)>,
    /// Whether any plan has a quota.
    has_quota: bool,
    /// How many plans count their quotas for each key or environment.
    apart: usize,
}

// === impl Near ===

impl<'v> Near<'v> {
    pub(in crate::console) async fn read(visit: &'v Visit) -> Self {
        let plans = &visit.document().usage_plans;
        let limited = |quota: &&Quota| quota.max_requests.is_some();
        let has_quota = |plan: &&UsagePlan| plan.quotas.iter().any(|quota| limited(&quota));
        let apart = plans.iter().filter(has_quota).filter(|plan| is_counted_apart(plan)).count();
        let together = plans.iter().filter(|plan| !is_counted_apart(plan));
        let wanted: Vec<(&UsagePlan, Quota)> = together
            .flat_map(|plan| plan.quotas.iter().filter(limited).map(move |quota| (plan, *quota)))
            .collect();
        let (samples, now) = (Arc::clone(&visit.console.samples), visit.now);
        let times = times(visit.document(), samples.envoys(), |fleet| fleet.quotas);
        let asked: Vec<PlanQuota> = wanted.iter().map(|(plan, quota)| PlanQuota::new(plan, *quota)).collect();
        let used = spawn_blocking(move || samples.used(&asked, now)).await.unwrap_or_default();
        let found = wanted.into_iter().zip(used).filter_map(|((plan, quota), used)| {
            let max = quota.max_requests?.saturating_mul(times);
            used.since.map(|_| (plan, quota, used, max))
        });
        let mut quotas: Vec<_> = found.collect();
        quotas.sort_by_key(|(_, _, used, max)| {
            Reverse(u128::from(used.calls) * 10_000 / u128::from((*max).max(1)))
        });
        quotas.truncate(SHOWN);
        Self { quotas, has_quota: plans.iter().any(|plan| has_quota(&plan)), apart }
    }

    pub(in crate::console) fn card(&self, visit: &Visit) -> Markup {
        let plans = visit.document().usage_plans.len();
        html! {
            section.card.w6 aria-labelledby="near" {
                div.card-head {
                    h2 #near { (visit.say(texts::NEAR_A_QUOTA)) }
                    a.note href="/console/plans" { (visit.language.count(texts::PLANS, plans)) }
                }
                @if self.quotas.is_empty() { (self.nothing(visit)) } @else { (self.table(visit)) }
                @if self.apart > 0 {
                    div.card-foot { span { (visit.language.count(texts::PLANS_APART, self.apart)) } }
                }
            }
        }
    }

    fn nothing(&self, visit: &Visit) -> Markup {
        let (head, todo) = if !self.has_quota {
            (texts::NO_QUOTA, texts::NO_QUOTA_TODO)
        } else if visit.console.samples.envoys() == 0 {
            (texts::USE_NOT_KNOWN, texts::NO_ENVOY_ASKED_TODO)
        } else {
            (texts::NO_SAMPLE, texts::NO_SAMPLE_TODO)
        };
        html! { div.empty { h3 { (visit.say(head)) } p { (visit.say(todo)) } } }
    }

    fn table(&self, visit: &Visit) -> Markup {
        html! {
            table.table {
                thead {
                    tr {
                        th scope="col" { (visit.say(texts::PLAN)) }
                        th scope="col" { (visit.say(texts::USED)) }
                        th.num.p1 scope="col" { (visit.say(texts::RENEWS)) }
                    }
                }
                tbody {
                    @for (plan, quota, used, max) in &self.quotas {
                        tr {
                            th scope="row" {
                                a href={ "/console/plans/" (plan.id) } { (plan_name(plan)) }
                                span.sub { (per_period(visit.language, quota)) }
                            }
                            td.half { (used_cell(visit, used, *max, threshold(plan))) }
                            td.num.p1 { (renews(visit, used)) }
                        }
                    }
                }
            }
        }
    }
}
