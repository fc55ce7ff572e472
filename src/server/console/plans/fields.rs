//! A usage plan as the fields of a form, and the members that the fields mean.

use serde_json::{Value, json};
use usage_plan_core::document::{Api, Enforcement, Period, Quota, UsagePlan};
use usage_plan_manage::draft::Members;
use usage_plan_manage::limits::format_quota;

use super::engine_down;
use crate::console::form::Fields;

/// How many quotas a form has room for beyond those that the plan has.
pub(super) const MORE_QUOTAS: usize = 2;

/// The fields of a plan.
pub(super) fn of(plan: &UsagePlan) -> Fields {
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let mut fields = Fields::none()
        .with("name", plan.name.as_str())
        .with("region", plan.region.as_str())
        .with("remark", plan.remark.as_str())
        .with("max_requests_per_second", number(plan.max_requests_per_second))
        .with("burst", number(plan.burst))
        .with("warn_at", plan.warn_at.iter().map(u8::to_string).collect::<Vec<_>>().join(" "))
        .with("apis", plan.apis.iter().map(api_line).collect::<Vec<_>>().join("\n"));
    for quota in &plan.quotas {
        let max = quota.max_requests.map_or_else(|| "-1".to_owned(), |max| max.to_string());
        fields = fields.with("quota_max", max).with("quota_period", quota.period.name()).with(
            "quota_offset",
            if quota.utc_offset.0 == 0 { String::new() } else { quota.utc_offset.to_string() },
        );
    }
    if plan.counter_per.key {
        fields = fields.with("counter_per", "key");
    }
    if plan.counter_per.environment {
        fields = fields.with("counter_per", "environment");
    }
    let enforcement = if plan.enforcement == Enforcement::Observe { "observe" } else { "enforce" };
    engine_down::fields(fields.with("enforcement", enforcement), plan.on_engine_down)
}

/// The quotas that the fields say, with rows that have no number: number, period and offset of each.
pub(super) fn quotas(fields: &Fields) -> Vec<[String; 3]> {
    let [max, period, offset] = ["quota_max", "quota_period", "quota_offset"].map(|name| fields.each(name));
    let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
    (0..max.len()).map(|index| [at(&max, index), at(&period, index), at(&offset, index)]).collect()
}

/// The members that the fields mean. What has no sense stays as it was typed, for the document's own rules.
pub(super) fn members(fields: &Fields) -> Members {
    let words = |name: &str| fields.words(name).into_iter().map(|word| number(&word)).collect::<Vec<_>>();
    let quotas: Vec<Value> = quotas(fields).iter().filter(|[max, ..]| !max.is_empty()).map(quota).collect();
    let apis: Vec<Value> =
        fields.text("apis").lines().filter(|line| !line.trim().is_empty()).map(api).collect();
    let observes = fields.text("enforcement") == "observe";
    Members::new()
        .with("name", Some(fields.text("name")))
        .with("max_requests_per_second", Some(number(fields.text("max_requests_per_second"))))
        .with("burst", Some(number(fields.text("burst"))))
        .with("quotas", Some(Value::from(quotas)))
        .with("warn_at", Some(Value::from(words("warn_at"))))
        .with("counter_per", Some(Value::from(fields.all("counter_per"))))
        .with("apis", Some(Value::from(apis)))
        .with("enforcement", Some(if observes { "observe" } else { "" }))
        .with(engine_down::MEMBER, Some(engine_down::member(fields)))
        .with("region", Some(fields.text("region")))
        .with("remark", Some(fields.text("remark")))
}

/// A number, or the text that is none.
fn number(text: &str) -> Value {
    let text = text.replace([',', '_'], "");
    text.parse::<i64>().map_or_else(|_| Value::from(text.as_str()), Value::from)
}

fn quota([max, period, offset]: &[String; 3]) -> Value {
    let mut quota = json!({"max_requests": number(max), "period": period});
    if !offset.is_empty() {
        quota["utc_offset"] = offset.as_str().into();
    }
    quota
}

/// `GET,POST /orders/* 10/s 1000/day@+08:00`
fn api_line(api: &Api) -> String {
    let rate = api.max_requests_per_second.map(|rate| format!("{rate}/s"));
    let limits = rate.into_iter().chain(api.quotas.iter().map(limit_word));
    [api.label()].into_iter().chain(limits).collect::<Vec<_>>().join(" ")
}

fn limit_word(quota: &Quota) -> String {
    format_quota(quota).replace("unlimited", "-1")
}

/// What a line as `api_line` writes it means.
fn api(line: &str) -> Value {
    let mut api = json!({});
    let mut quotas = Vec::new();
    for word in line.split_whitespace() {
        if word.starts_with('/') {
            api["path"] = word.into();
        } else if let Some((max, period)) = word.split_once('/') {
            if period == "s" {
                api["max_requests_per_second"] = number(max);
            } else {
                let (period, offset) = period.split_once('@').unwrap_or((period, ""));
                quotas.push(quota(&[max.to_owned(), period.to_owned(), offset.to_owned()]));
            }
        } else {
            api["methods"] = word.split(',').map(str::to_uppercase).collect();
        }
    }
    if !quotas.is_empty() {
        api["quotas"] = quotas.into();
    }
    api
}

/// Every period by its word.
pub(super) fn periods() -> [&'static str; 7] {
    Period::ALL.map(Period::name)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;
    use usage_plan_manage::draft;

    use super::*;

    const PLAN: &str = r#"{"id": "gold", "name": "gold", "max_requests_per_second": 50, "burst": 20,
        "quotas": [{"max_requests": 1000, "period": "day", "utc_offset": "+08:00"},
                   {"max_requests": -1, "period": "year"}],
        "warn_at": [80, 95], "counter_per": ["key", "environment"],
        "apis": [{"methods": ["GET", "POST"], "path": "/orders/*", "max_requests_per_second": 10,
                  "quotas": [{"max_requests": 5, "period": "month", "utc_offset": "-03:30"}]},
                 {"path": "/", "max_requests_per_second": 1}],
        "enforcement": "observe", "region": "ap-guangzhou", "remark": "a <b> note",
        "on_engine_down": {"rate": "allow", "quota": "grace", "grace_percent": 5}}"#;

    fn plan(object: &str) -> UsagePlan {
        let document = draft::read(format!(r#"{{"usage_plans": [{object}]}}"#).as_bytes()).expect("valid");
        document.usage_plans.into_iter().next().expect("a plan")
    }

    #[test]
    fn every_field_of_a_plan_is_in_its_form_and_means_the_same() {
        let plan = plan(PLAN);
        let mut object = Map::new();
        members(&of(&plan)).apply(&mut object);
        object.insert("id".to_owned(), "gold".into());
        assert_eq!(self::plan(&Value::from(object).to_string()), plan);
    }

    #[test]
    fn every_policy_for_an_engine_that_is_down_is_in_the_form() {
        for down in [
            json!({}),
            json!({"rate": "local_share"}),
            json!({"rate": "deny", "quota": "deny"}),
            json!({"quota": "allow", "grace_percent": 100}),
        ] {
            let object = json!({"id": "gold", "on_engine_down": down.clone()});
            let mut edited = Map::new();
            members(&of(&plan(&object.to_string()))).apply(&mut edited);
            assert_eq!(edited.get("on_engine_down").unwrap_or(&json!({})), &down);
        }
    }

    #[test]
    fn what_is_left_empty_is_removed_and_what_has_no_sense_is_kept_for_the_rules() {
        let mut object: Map<String, Value> = serde_json::from_str(PLAN).expect("JSON");
        let fields = Fields::none().with("name", "g").with("burst", "lots").with("quota_max", "");
        members(&fields).apply(&mut object);
        assert_eq!(Value::from(object), json!({"id": "gold", "name": "g", "burst": "lots"}));
    }
}
