//! Limits as one line of text, and a quota as people write it.

use usage_plan_core::document::{Quota, UsagePlan};

/// `1000/s, burst 2000, 100000/day@+08:00`; empty when there is no limit.
pub fn format_limits(rate: Option<u64>, burst: Option<u64>, quotas: &[Quota]) -> String {
    let rate = rate.map(|rate| format!("{rate}/s"));
    let burst = burst.map(|burst| format!("burst {burst}"));
    let quotas = quotas.iter().filter(|quota| quota.max_requests.is_some()).map(format_quota);
    rate.into_iter().chain(burst).chain(quotas).collect::<Vec<_>>().join(", ")
}

/// The limits of a plan: `1000/s, 100000/day, 2 APIs`, or `unlimited`.
pub fn format_plan_limits(plan: &UsagePlan) -> String {
    let mut limits = format_limits(plan.max_requests_per_second, plan.burst, &plan.quotas);
    if !plan.apis.is_empty() {
        let separator = if limits.is_empty() { "" } else { ", " };
        limits.push_str(&format!("{separator}{} APIs", plan.apis.len()));
    }
    if limits.is_empty() { "unlimited".to_owned() } else { limits }
}

/// `100000/day@+08:00`
pub fn format_quota(quota: &Quota) -> String {
    let Quota { max_requests, period, utc_offset } = quota;
    let max = max_requests.map_or("unlimited".to_owned(), |max| max.to_string());
    let offset = if utc_offset.0 == 0 { String::new() } else { format!("@{utc_offset}") };
    format!("{max}/{}{offset}", period.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft;

    #[test]
    fn the_limits_of_a_plan_are_one_line() {
        let text = br#"{"usage_plans": [
            {"id": "usagePlan-a", "name": "a"},
            {"id": "usagePlan-b", "name": "b", "max_requests_per_second": 1000, "burst": 2000,
             "quotas": [{"max_requests": 100000, "period": "day", "utc_offset": "+08:00"},
                        {"max_requests": -1, "period": "month"}]}]}"#;
        let document = draft::read(text).expect("valid");
        let limits: Vec<String> = document.usage_plans.iter().map(format_plan_limits).collect();
        assert_eq!(limits, ["unlimited", "1000/s, burst 2000, 100000/day@+08:00"]);
    }
}
