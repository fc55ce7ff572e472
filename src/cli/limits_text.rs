//! Limits as one line; a quota as `--quota` takes it.

use usage_plan_core::document::Quota;

/// `1000/s, burst 2000, 100000/day@+08:00`; nothing when there is no limit.
pub(super) fn line(rate: Option<u64>, burst: Option<u64>, quotas: &[Quota]) -> String {
    let rate = rate.map(|rate| format!("{rate}/s"));
    let burst = burst.map(|burst| format!("burst {burst}"));
    let quotas = quotas.iter().filter(|quota| quota.max_requests.is_some()).map(quota);
    rate.into_iter().chain(burst).chain(quotas).collect::<Vec<_>>().join(", ")
}

/// `100000/day@+08:00`
pub(super) fn quota(quota: &Quota) -> String {
    let Quota { max_requests, period, utc_offset } = quota;
    let max = max_requests.map_or("unlimited".to_owned(), |max| max.to_string());
    let offset = if utc_offset.0 == 0 { String::new() } else { format!("@{utc_offset}") };
    format!("{max}/{}{offset}", period.name())
}
