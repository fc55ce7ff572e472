//! What a valid document has, and its operator should know of.

use usage_plan_core::document::{CountedBy, Document, EngineKind, Fleet, UsagePlan};

/// The warnings about a document, each with its place.
pub fn of(document: &Document) -> Vec<String> {
    let Some(fleet) = &document.options.fleet else { return Vec::new() };
    let plans = document.usage_plans.iter().enumerate();
    plans.filter(|(_, plan)| grows(fleet, plan)).map(|(index, _)| of_counters(index)).collect()
}

/// Whether the engine makes a counter for each key or environment of a plan, and never forgets one.
fn grows(fleet: &Fleet, plan: &UsagePlan) -> bool {
    let is_apart = plan.counter_per.key || plan.counter_per.environment;
    let rates = plan.apis.iter().map(|api| api.max_requests_per_second).chain([plan.max_requests_per_second]);
    let has_rate = fleet.rates == CountedBy::Fleet && rates.flatten().next().is_some();
    let mut quotas = plan.all_quotas().filter(|quota| quota.max_requests.is_some());
    let has_quota = fleet.quotas == CountedBy::Fleet && quotas.next().is_some();
    fleet.engine == EngineKind::Envoyproxy && is_apart && (has_rate || has_quota)
}

fn of_counters(index: usize) -> String {
    format!(
        "usage_plans[{index}].counter_per: envoyproxy/ratelimit keeps 2.9 KiB for each counter until it is restarted, and a quota \
         has new ones in each period: 10,000 keys with a quota of a day are 29 MB more each day; `usage-plan \
         engine` keeps none that is over"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::draft;

    fn warned(fleet: Value, plan: Value) -> Vec<String> {
        let fleet = [json!({"cluster": "engine", "engine": "envoyproxy", "expected_envoys": 2}), fleet];
        let [mut options, more] = fleet.map(|value| value.as_object().cloned().expect("an object"));
        options.extend(more);
        let plans = json!([{"id": "plain", "max_requests_per_second": 5}, plan]);
        let document = json!({"options": {"fleet": options}, "usage_plans": plans});
        of(&draft::read(document.to_string().as_bytes()).expect("valid"))
    }

    #[test]
    fn counters_apart_are_warned_of_where_the_engine_never_forgets_one() {
        let plan = |per: &str| json!({"id": "gold", "max_requests_per_second": 5, "counter_per": [per]});
        for per in ["key", "environment"] {
            let warnings = warned(json!({}), plan(per));
            assert_eq!(warnings.len(), 1, "{per}");
            assert!(warnings[0].starts_with("usage_plans[1].counter_per: "), "{warnings:?}");
        }
        let quota = json!([{"max_requests": 5, "period": "day"}]);
        let of_quota = json!({"id": "gold", "quotas": quota, "counter_per": ["key"]});
        let of_api = json!({"id": "gold", "apis": [{"path": "/", "quotas": quota}], "counter_per": ["key"]});
        for plan in [of_quota.clone(), of_api] {
            assert_eq!(warned(json!({"rates": "local"}), plan).len(), 1);
        }
        for (fleet, plan) in [
            (json!({"engine": "usage-plan"}), plan("key")),
            (json!({"rates": "local"}), plan("key")),
            (json!({"quotas": "local"}), of_quota),
            (json!({}), json!({"id": "gold", "counter_per": ["key"]})),
        ] {
            assert_eq!(warned(fleet.clone(), plan.clone()), [""; 0], "{fleet} {plan}");
        }
        assert_eq!(of(&draft::read(b"{}").expect("valid")), [""; 0]);
    }
}
