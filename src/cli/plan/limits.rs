//! The members of a usage plan that flags set.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::draft::{list, set};
use crate::limits_text;
use usage_plan_core::document::UsagePlan;

/// What a usage plan allows, and notes on it. "" takes away what is there.
#[derive(Args, Debug)]
pub struct LimitArguments {
    /// Requests admitted in any second; -1 or "unlimited": no limit
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    max_requests_per_second: Option<Value>,
    /// Make the plan a token bucket of this size, refilled at its requests per second
    #[arg(long, value_name = "N", value_parser = number)]
    burst: Option<Value>,
    /// Requests admitted in a period: hour, day, week, month, year or total, in UTC or at an offset (100000/day@+08:00);
    /// all of a plan's quotas are given together
    #[arg(long, value_name = "N/PERIOD[@OFFSET]", value_parser = quota, allow_hyphen_values = true)]
    quota: Vec<Value>,
    /// What has a counter of its own: key, environment, or both
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    counter_per: Vec<String>,
    /// "observe": let pass what exceeds the plan, and count it; "enforce": refuse it
    #[arg(long, value_name = "HOW")]
    enforcement: Option<String>,
    /// A label, for people
    #[arg(long)]
    region: Option<String>,
    /// A note, for people
    #[arg(long)]
    remark: Option<String>,
}

// === impl LimitArguments ===

impl LimitArguments {
    /// Writes what was given into the plan's object.
    pub(super) fn apply(&self, plan: &mut Map<String, Value>) {
        let text = |given: &Option<String>| given.as_deref().map(Value::from);
        set(plan, "max_requests_per_second", self.max_requests_per_second.clone());
        set(plan, "burst", self.burst.clone());
        set(plan, "quotas", list(&self.quota));
        set(plan, "counter_per", list(&self.counter_per));
        set(plan, "enforcement", text(&self.enforcement));
        set(plan, "region", text(&self.region));
        set(plan, "remark", text(&self.remark));
    }
}

/// The limits of a plan as one line: `1000/s, 100000/day`.
pub(super) fn line(plan: &UsagePlan) -> String {
    let all = limits_text::line(plan.max_requests_per_second, plan.burst, &plan.quotas);
    let all = Some(all).filter(|all| !all.is_empty());
    let apis = (!plan.apis.is_empty()).then(|| format!("{} APIs", plan.apis.len()));
    let limits: Vec<String> = all.into_iter().chain(apis).collect();
    if limits.is_empty() { "unlimited".to_owned() } else { limits.join(", ") }
}

/// A number as the document has it; whether it is one that the document takes is the document's rule.
fn number(text: &str) -> Result<Value, String> {
    match text {
        "" => Ok("".into()),
        _ => text.parse::<i64>().map(Value::from).map_err(|_| "must be a whole number".to_owned()),
    }
}

fn rate(text: &str) -> Result<Value, String> {
    match text {
        "unlimited" => Ok((-1).into()),
        _ => number(text).map_err(|rule| format!("{rule} or \"unlimited\"")),
    }
}

/// `100000/day` or `100000/day@+08:00`; "" is none.
fn quota(text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Ok("".into());
    }
    let (limit, at) = text.split_once('@').map_or((text, None), |(limit, offset)| (limit, Some(offset)));
    let quota = limit.split_once('/').and_then(|(max, period)| Some((max.parse::<i64>().ok()?, period)));
    let (max, period) = quota.ok_or("must be a number, a slash and a period, such as 100000/day")?;
    Ok(match at {
        Some(offset) => json!({"max_requests": max, "period": period, "utc_offset": offset}),
        None => json!({"max_requests": max, "period": period}),
    })
}
