//! Values of the flags of `usage-plan plan` as the document has them.

use serde_json::{Map, Value, json};
use usage_plan_core::document::Period;

/// Reads a number for the document, whose rules say which numbers it takes; "" is no number.
pub(super) fn number(text: &str) -> Result<Value, String> {
    match text {
        "" => Ok("".into()),
        _ => text.parse::<i64>().map(Value::from).map_err(|_| "must be a whole number".to_owned()),
    }
}

/// The same as [`number`]; "unlimited" is -1, the document's number for no limit.
pub(super) fn rate(text: &str) -> Result<Value, String> {
    match text {
        "unlimited" => Ok((-1).into()),
        _ => number(text).map_err(|rule| format!("{rule} or \"unlimited\"")),
    }
}

/// Reads the period of a quota, such as `day`.
pub(in crate::commands) fn period(text: &str) -> Result<Period, String> {
    let period = Period::ALL.into_iter().find(|period| period.name() == text);
    period.ok_or_else(|| format!("must be {}", Period::ALL.map(Period::name).join(" or ")))
}

/// Reads `100000/day` or `100000/day@+08:00`; "" is no quota.
pub(super) fn quota(text: &str) -> Result<Value, String> {
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

/// Reads what happens while the engine of the fleet cannot be asked: `deny`, say, or `local_share,grace=5`. A
/// word without the limits that it is for is for all that can have it. "" says nothing.
pub(super) fn on_engine_down(text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Ok("".into());
    }
    let mut policies = Map::new();
    for word in text.split(',').map(str::trim) {
        let members = match word.split_once('=') {
            Some(("grace", percent)) => vec![("quota", "grace".into()), ("grace_percent", number(percent)?)],
            Some((limits @ ("rate" | "quota"), policy)) => vec![(limits, policy.into())],
            None if matches!(word, "allow" | "deny") => vec![("rate", word.into()), ("quota", word.into())],
            None if word == "local_share" => vec![("rate", word.into())],
            None if word == "grace" => vec![("quota", word.into())],
            _ => return Err(ENGINE_DOWN_WORDS.to_owned()),
        };
        for (member, value) in members {
            if policies.insert(member.to_owned(), value).is_some() {
                return Err(format!("says {member} twice"));
            }
        }
    }
    Ok(policies.into())
}

const ENGINE_DOWN_WORDS: &str = "must be allow, deny, local_share, grace, grace=PERCENT, rate=POLICY or quota=POLICY, or several \
     of them with commas between";
