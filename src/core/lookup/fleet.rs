//! What plans can have whose limits an engine counts for several Envoys (`docs/rules.md#fleet`).

use crate::document::{CountedBy, EngineKind, Fleet, Path, Period, Quota, Report, UsagePlan, rules};

/// The largest limit that the protocol can express.
const MAX_LIMIT: u64 = u32::MAX as u64;

/// Checks the limits of `plan`, whose path is `path`, that `fleet` has its engine count.
pub(super) fn check(plan: &UsagePlan, fleet: &Fleet, path: Path<'_>, report: &Report) {
    if fleet.rates == CountedBy::Fleet && plan.burst.is_some() {
        report.add(path.member("burst"), rules::FLEET_BURST);
    }
    check_limits(plan.max_requests_per_second, &plan.quotas, fleet, path, report);
    let list = path.member("apis");
    for (i, api) in plan.apis.iter().enumerate() {
        check_limits(api.max_requests_per_second, &api.quotas, fleet, list.item(i), report);
    }
}

fn check_limits(rate: Option<u64>, quotas: &[Quota], fleet: &Fleet, path: Path<'_>, report: &Report) {
    if fleet.rates == CountedBy::Fleet {
        check_size(rate, "rates", path.member("max_requests_per_second"), report);
    }
    if fleet.quotas == CountedBy::Local {
        return;
    }
    let list = path.member("quotas");
    for (i, quota) in quotas.iter().enumerate().filter(|(_, quota)| quota.max_requests.is_some()) {
        let path = list.item(i);
        check_size(quota.max_requests, "quotas", path.member("max_requests"), report);
        // A week, a month or an hour of local time fits into a window of this engine most times.
        let fits_never = matches!(quota.period, Period::Year | Period::Total);
        if fleet.engine == EngineKind::Envoyproxy && fits_never {
            report.add(path.member("period"), rules::FLEET_PERIOD.put(quota.period.name()));
        }
    }
}

fn check_size(limit: Option<u64>, member: &str, path: Path<'_>, report: &Report) {
    if limit.is_some_and(|limit| limit > MAX_LIMIT) {
        report.add(path, rules::FLEET_LIMIT.put(MAX_LIMIT.to_string()).put(member));
    }
}
