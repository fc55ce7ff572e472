//! What the resets of a plan name: a key that is counted apart, and quotas that the plan has
//! (`docs/rules.md#resets`).

use crate::document::{Path, Report, Reset, UsagePlan, rules};

/// Checks the resets of `plan`, whose path is `path`.
pub(super) fn check(plan: &UsagePlan, path: Path<'_>, report: &Report) {
    let list = path.member("resets");
    for (i, reset) in plan.resets.iter().enumerate() {
        check_one(plan, reset, list.item(i), report);
    }
}

fn check_one(plan: &UsagePlan, reset: &Reset, path: Path<'_>, report: &Report) {
    if let Some(key) = reset.key.as_ref().filter(|key| !key.is_empty()) {
        let path = path.member("key");
        if !plan.counter_per.key {
            report.add(path, rules::RESET_KEY);
        } else if !plan.keys.contains(key) {
            report.add(path, rules::RESET_UNBOUND.put(key.as_str()));
        }
    }
    if let Some(period) = reset.limit
        && !plan.all_quotas().any(|quota| quota.period == period)
    {
        report.add(path.member("limit"), rules::RESET_LIMIT.put(period.name()));
    }
}
