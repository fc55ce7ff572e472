//! The limits of a plan, and how they are used.

use maud::{Markup, html};
use usage_plan_core::document::{Api, Quota, UsagePlan};

use crate::console::objects::{per_period, per_second};
use crate::console::texts::{plans as texts, usage as usage_texts};
use crate::console::usage::PlanUsage;
use crate::console::visit::Visit;

/// The limits of a plan, with how they are used if that is asked for.
pub(super) fn limits(visit: &Visit, plan: &UsagePlan, usage: Option<&PlanUsage>) -> Markup {
    let language = visit.language;
    let quota = |quota: &Quota| {
        html! {
            (per_period(language, quota))
            @if quota.utc_offset.0 != 0 { " " span.unit { "UTC" (quota.utc_offset.to_string()) } }
        }
    };
    let api = |api: &Api| {
        html! {
            @if let Some(rate) = api.max_requests_per_second { div { (per_second(language, rate)) } }
            @for limit in &api.quotas { div { (quota(limit)) } }
        }
    };
    let is_empty = plan.max_requests_per_second.is_none() && plan.quotas.is_empty() && plan.apis.is_empty();
    html! {
        section.card aria-labelledby="limits" {
            div.card-head { h2 #limits { (visit.say(texts::LIMITS)) } }
            table.table {
                thead {
                    tr {
                        th scope="col" { (visit.say(texts::LIMIT)) }
                        th scope="col" { (visit.say(texts::OF_REQUESTS)) }
                        @if usage.is_some() {
                            th scope="col" { (visit.say(usage_texts::USED)) }
                            th.num.p1 scope="col"
                                { span.out-of-sight { (visit.say(usage_texts::OUTLOOK)) } }
                        }
                    }
                }
                tbody {
                    @if let Some(rate) = plan.max_requests_per_second {
                        tr {
                            th scope="row" {
                                (per_second(language, rate))
                                @if let Some(burst) = plan.burst {
                                    span.sub {
                                        (language.fill(texts::BURST_OF, &[("n", &language.number(burst))])) }
                                }
                            }
                            td { (visit.say(texts::ALL_REQUESTS)) }
                            @if let Some(usage) = usage { (cells(&usage.of_rate(visit, plan, rate))) }
                        }
                    }
                    @for limit in &plan.quotas {
                        tr {
                            th scope="row" { (quota(limit)) }
                            td { (visit.say(texts::ALL_REQUESTS)) }
                            @if let Some(usage) = usage { (cells(&usage.of_quota(visit, plan, limit))) }
                        }
                    }
                    @for limited in &plan.apis {
                        tr {
                            th scope="row" { (api(limited)) }
                            td.mono { (limited.label()) }
                            @if usage.is_some() {
                                td { span.none { (visit.say(usage_texts::NOT_BY_API)) } }
                                td.p1 {}
                            }
                        }
                    }
                    @if is_empty {
                        @let columns = if usage.is_some() { 4 } else { 2 };
                        tr { td colspan=(columns) { (visit.say(texts::NO_LIMIT)) } }
                    }
                }
            }
        }
    }
}

/// What is used of a limit, and its outlook.
fn cells([used, outlook]: &[Markup; 2]) -> Markup {
    html! { td.half { (used) } td.num.p1 { (outlook) } }
}
