//! Limits in words.

use usage_plan_core::document::{Period, Quota, UsagePlan};

use crate::console::text::{Language, Text};
use crate::console::texts::plans as texts;

/// The limits of a plan in one line.
pub(in crate::console) fn limits(language: Language, plan: &UsagePlan) -> String {
    let rate = plan.max_requests_per_second.map(|rate| per_second(language, rate));
    let quotas = plan.quotas.iter().filter(|quota| quota.max_requests.is_some());
    let quotas = quotas.map(|quota| per_period(language, quota));
    let apis = (!plan.apis.is_empty()).then(|| language.count(texts::APIS, plan.apis.len()));
    let all: Vec<String> = rate.into_iter().chain(quotas).chain(apis).collect();
    if all.is_empty() { language.say(texts::NO_LIMIT).to_owned() } else { language.list(all) }
}

/// So many requests a second.
pub(in crate::console) fn per_second(language: Language, rate: u64) -> String {
    language.fill(texts::A_SECOND, &[("n", &language.number(rate))])
}

/// So many requests in the period of a quota.
pub(in crate::console) fn per_period(language: Language, quota: &Quota) -> String {
    match quota.max_requests {
        Some(max) => language.fill(period(quota.period), &[("n", &language.number(max))]),
        None => language.say(texts::NO_LIMIT).to_owned(),
    }
}

/// So many requests in a period.
const fn period(period: Period) -> Text {
    match period {
        Period::Minute => texts::A_MINUTE,
        Period::Hour => texts::AN_HOUR,
        Period::Day => texts::A_DAY,
        Period::Week => texts::A_WEEK,
        Period::Month => texts::A_MONTH,
        Period::Year => texts::A_YEAR,
        Period::Total => texts::IN_TOTAL,
    }
}
