//! Resets what a plan's quotas have counted (`docs/rules.md#resets`).

use serde_json::{Map, Value};
use usage_plan_core::document::{Period, Quota, Reset, UsagePlan};
use usage_plan_core::limit::calendar;
use usage_plan_core::timestamp::{SECOND, Timestamp};

use crate::draft::{Draft, KEYS, Named, USAGE_PLANS, edit_list, set};
use crate::refusal::{Binding, Bound, Refusal};

/// The member of a plan that lists its resets.
const RESETS: &str = "resets";

/// What to reset.
#[derive(Clone, Copy, Debug)]
pub struct Quotas<'q> {
    /// The plan's id or name.
    pub plan: &'q str,
    /// The only key, by its id or name; `None` is every key.
    pub key: Option<&'q str>,
    /// The period of the only quotas; `None` is every quota.
    pub period: Option<Period>,
}

/// What the document says to reset.
#[derive(Debug, PartialEq, Eq)]
pub struct QuotaReset {
    /// The usage plan.
    pub plan: Named,
    /// The only key whose counters are reset; `None` if every counter is.
    pub key: Option<Named>,
    /// Whether the plan counts each key apart.
    pub per_key: bool,
    /// What was counted before this time is forgotten.
    pub at: Timestamp,
    /// The quotas that are reset, and the path of the API whose quota it is.
    pub quotas: Vec<(Quota, Option<String>)>,
}

/// Resets quotas of a plan at `now`, a whole second, or later if the plan was reset in that second already.
pub fn reset(draft: &mut Draft, quotas: Quotas<'_>, now: Timestamp) -> Result<QuotaReset, Refusal> {
    let plan = draft.resolve(USAGE_PLANS, quotas.plan)?;
    let key = quotas.key.map(|key| draft.resolve(KEYS, key)).transpose()?;
    let not_found =
        || Refusal::NotFound { collection: USAGE_PLANS, reference: plan.id.clone(), nearest: None };
    let before = draft.document().usage_plan(&plan.id).ok_or_else(not_found)?;
    if let Some(key) = &key {
        check_key(before, &plan, key)?;
    }
    let concerned = concerned(before, quotas.period);
    if concerned.is_empty() {
        let mut periods: Vec<Period> = limited(before).map(|(quota, _)| quota.period).collect();
        periods.dedup();
        return Err(Refusal::NoQuota { plan, period: quotas.period, periods });
    }
    let at = before.resets.iter().map(|reset| next_second(reset.at)).fold(now, Timestamp::max);
    let reset = Reset { at, key: key.as_ref().map(|key| key.id.clone()), limit: quotas.period };
    let per_key = before.counter_per.key;
    let mut kept =
        before.resets.iter().map(|old| !reset.covers(old) && matters(before, old, now)).collect::<Vec<_>>();
    kept.reverse();
    edit_list(draft.find_mut(USAGE_PLANS, &plan.id)?, RESETS, |list| {
        list.retain(|_| kept.pop().unwrap_or(true));
        list.push(reset.to_json().into());
    });
    draft.validate().map_err(Refusal::Rule)?;
    Ok(QuotaReset { plan, key, per_key, at, quotas: concerned })
}

/// Drops the resets that name a key or a quota which the plan no longer has.
pub(super) fn drop_stale(plan: &mut Map<String, Value>) {
    let Some(resets) = plan.get(RESETS).and_then(Value::as_array) else { return };
    let list = |object: &Value, member: &str| {
        object.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let plan_value = Value::from(plan.clone());
    let (keys, per) = (list(&plan_value, "keys"), list(&plan_value, "counter_per"));
    let mut quotas = list(&plan_value, "quotas");
    quotas.extend(list(&plan_value, "apis").iter().flat_map(|api| list(api, "quotas")));
    let is_key = |key: &Value| per.iter().any(|word| word == "key") && keys.contains(key);
    let is_period = |period: &Value| quotas.iter().any(|quota| quota.get("period") == Some(period));
    let fits =
        |reset: &&Value| reset.get("key").is_none_or(is_key) && reset.get("limit").is_none_or(is_period);
    let kept: Vec<Value> = resets.iter().filter(fits).cloned().collect();
    set(plan, RESETS, Some(kept.into()));
}

/// Refuses a key that the plan does not count apart.
fn check_key(before: &UsagePlan, plan: &Named, key: &Named) -> Result<(), Refusal> {
    if !before.keys.contains(&key.id) {
        let binding = Binding { plan: plan.clone(), bound: Bound::Key(key.clone()) };
        return Err(Refusal::NotBound(Box::new(binding)));
    }
    if !before.counter_per.key {
        return Err(Refusal::CountedTogether { plan: plan.clone(), key: key.clone() });
    }
    Ok(())
}

/// The quotas that limit something, and the path of the API whose quota it is.
fn limited(plan: &UsagePlan) -> impl Iterator<Item = (Quota, Option<String>)> {
    let of_plan = plan.quotas.iter().map(|quota| (*quota, None));
    let of_apis = plan.apis.iter().flat_map(|api| {
        let path = |quota: &Quota| (*quota, Some(api.path.clone()));
        api.quotas.iter().map(path)
    });
    of_plan.chain(of_apis).filter(|(quota, _)| quota.max_requests.is_some())
}

fn concerned(plan: &UsagePlan, period: Option<Period>) -> Vec<(Quota, Option<String>)> {
    limited(plan).filter(|(quota, _)| period.is_none_or(|period| period == quota.period)).collect()
}

/// Whether a quota is still in the period of the reset.
fn matters(plan: &UsagePlan, reset: &Reset, now: Timestamp) -> bool {
    concerned(plan, reset.limit)
        .iter()
        .any(|(quota, _)| calendar::span(quota.period, quota.utc_offset, now).start <= reset.at)
}

/// The first whole second after `time`.
fn next_second(time: Timestamp) -> Timestamp {
    let second = Timestamp::from_nanos(time.as_secs().saturating_mul(1_000_000_000));
    second.saturating_add(SECOND)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dates::parse;

    fn at(text: &str) -> Timestamp {
        parse(text).expect("a time")
    }

    /// A plan of two keys that are counted apart, with these resets.
    fn draft(resets: Value) -> Draft {
        let key = |name: &str| {
            let secret = format!("{name}-secret-key-1");
            json!({"name": name, "secret_id": name, "secret_key": secret})
        };
        let document = json!({"keys": [key("acme1"), key("beta1"), key("gamma")], "usage_plans": [{
            "id": "gold", "keys": ["acme1", "beta1"], "counter_per": ["key"],
            "quotas": [{"max_requests": 5, "period": "day"}, {"max_requests": -1, "period": "year"}],
            "apis": [{"path": "/a", "quotas": [{"max_requests": 2, "period": "month"}]}],
            "resets": resets,
        }]});
        Draft::parse(document.to_string().as_bytes()).expect("valid")
    }

    fn resets(draft: &Draft) -> Value {
        serde_json::from_str::<Value>(&draft.text()).expect("JSON")["usage_plans"][0]["resets"].clone()
    }

    fn of<'q>(key: Option<&'q str>, period: Option<Period>) -> Quotas<'q> {
        Quotas { plan: "gold", key, period }
    }

    const NOON: &str = "2026-11-24T12:00:00Z";

    #[test]
    fn a_reset_says_what_it_forgets_and_replaces_the_resets_that_it_covers() {
        let older = json!([
            {"at": "2026-11-24T11:00:00Z", "key": "acme1"},
            {"at": "2026-11-24T11:00:00Z", "limit": "month"},
            {"at": "2026-11-24T11:00:00Z", "key": "beta1"},
        ]);
        let mut of_key = draft(older.clone());
        let done = reset(&mut of_key, of(Some("acme1"), None), at(NOON)).expect("reset");
        assert_eq!((done.at, done.key), (at(NOON), Some(Named::new("acme1", "acme1"))));
        let quotas: Vec<_> = done.quotas.iter().map(|(q, api)| (q.period, api.as_deref())).collect();
        assert_eq!(quotas, [(Period::Day, None), (Period::Month, Some("/a"))]);
        assert_eq!(resets(&of_key), json!([older[1], older[2], {"at": NOON, "key": "acme1"}]));
        let mut of_all = draft(older);
        reset(&mut of_all, of(None, None), at(NOON)).expect("reset");
        assert_eq!(resets(&of_all), json!([{"at": NOON}]));
    }

    #[test]
    fn a_reset_in_an_earlier_period_of_all_its_quotas_is_dropped() {
        let yesterday = "2026-11-23T12:00:00Z";
        let mut draft = draft(json!([{"at": yesterday, "limit": "day"}, {"at": yesterday, "key": "beta1"}]));
        reset(&mut draft, of(Some("acme1"), Some(Period::Day)), at(NOON)).expect("reset");
        // The other one still counts for the month.
        let expected =
            json!([{"at": yesterday, "key": "beta1"}, {"at": NOON, "key": "acme1", "limit": "day"}]);
        assert_eq!(resets(&draft), expected);
    }

    #[test]
    fn a_second_reset_is_later_than_the_first_though_no_second_has_passed() {
        let mut draft = draft(json!([{"at": "2026-11-24T12:00:00.5Z"}]));
        let done = reset(&mut draft, of(None, None), at(NOON)).expect("reset");
        assert_eq!(done.at, at("2026-11-24T12:00:01Z"));
    }
}
