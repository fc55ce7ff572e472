//! Values of the flags of `usage-plan plan` as the document has them.

use serde_json::{Value, json};
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
