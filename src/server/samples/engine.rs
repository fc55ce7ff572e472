//! What the engine has granted of the quotas of plans, as far as it counts them as a whole.

use std::collections::BTreeMap;

use serde_json::Value;
use usage_plan_core::document::Quota;
use usage_plan_core::timestamp::Timestamp;

use super::slot::{Amount, Kind, Series};

/// By which word the quota of a plan is known: its period, and the offset at which that begins.
pub(super) fn word(quota: &Quota) -> String {
    let offset = quota.utc_offset.to_string();
    match quota.period.name() {
        "total" => "total".to_owned(),
        period => format!("{period}{}", offset.replace(':', "")),
    }
}

/// What is spent of each quota whose period is not over, from the rows of the engine's listing. After a
/// reset, the counter of the last one is meant.
pub(super) fn spent(rows: &[Value], now: Timestamp) -> BTreeMap<Series, Amount> {
    let mut found: BTreeMap<Series, (&str, u64)> = BTreeMap::new();
    for row in rows {
        let text = |member: &str| row[member].as_str();
        let is_over = text("renews_at").and_then(Timestamp::from_rfc3339).is_some_and(|end| end <= now);
        let (Some(plan), Some(period), Some(id)) = (text("plan"), text("period"), text("period_id")) else {
            continue;
        };
        if text("part").is_some() || is_over {
            continue;
        }
        let offset = if period == "total" { "" } else { id.get(id.len().saturating_sub(5)..).unwrap_or("") };
        let reset = row["entries"]["reset"].as_str().unwrap_or_default();
        let series = Series::new(Kind::Quota, plan, &format!("{period}{offset}"));
        let last = found.entry(series).or_default();
        if reset >= last.0 {
            *last = (reset, row["spent"].as_u64().unwrap_or_default());
        }
    }
    found.into_iter().map(|(series, (_, spent))| (series, Amount { calls: 0, peak: spent })).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usage_plan_core::document::{Period, UtcOffset};

    use super::*;

    #[test]
    fn quotas_of_whole_plans_are_taken_in_their_present_periods_after_the_last_reset() {
        let row = |plan: &str, period: &str, id: &str, renews_at: Value, spent: u64| {
            json!({"kind": "quota", "plan": plan, "part": null, "period": period, "period_id": id,
                "spent": spent, "renews_at": renews_at, "entries": {"plan": plan}})
        };
        let with = |mut row: Value, pointer: &str, member: &str, value: &str| {
            row.pointer_mut(pointer).expect("an object")[member] = json!(value);
            row
        };
        let (soon, past) = (json!("2026-11-25T00:00:00Z"), json!("2026-11-24T00:00:00Z"));
        let day = |spent| row("gold", "day", "2026-11-24+0800", soon.clone(), spent);
        let rows = [
            with(day(3), "/entries", "reset", "2026-11-24T08:00:00Z"),
            day(900),
            row("gold", "day", "2026-11-23+0800", past, 1000),
            with(day(77), "", "part", "key/AKIDacme"),
            row("gold", "total", "total", Value::Null, 12),
            json!({"kind": "rate", "plan": "gold", "period": "second", "period_id": null, "spent": 4}),
        ];
        let now = Timestamp::from_rfc3339("2026-11-24T09:00:00Z").expect("a time");
        let found = spent(&rows, now);
        let found: Vec<(&str, u64)> =
            found.iter().map(|(series, amount)| (series.word.as_str(), amount.peak)).collect();
        assert_eq!(found, [("day+0800", 3), ("total", 12)]);
        let quota = |period| Quota { period, utc_offset: UtcOffset(480), ..Quota::default() };
        assert_eq!([Period::Day, Period::Total].map(|period| word(&quota(period))), ["day+0800", "total"]);
    }
}
