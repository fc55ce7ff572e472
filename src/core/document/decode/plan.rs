//! Usage plans.

use super::super::reader::{Fields, Value};
use super::super::*;
use super::{instant, list, name, reference, string};
use crate::lookup::paths;

/// The largest Integer of Structured Fields (RFC 9651 section 3.3.1), which the `RateLimit` headers are made of.
pub const MAX_LIMIT: i64 = 999_999_999_999_999;

/// More APIs than this in a plan would make its counter large.
pub const MAX_APIS: usize = 16;

/// The words for `counter_per`.
pub const COUNTER_PER: [(&str, Per); 2] = [("key", Per::Key), ("environment", Per::Environment)];

/// The words for `enforcement`.
pub const ENFORCEMENT: [(&str, Enforcement); 2] =
    [("enforce", Enforcement::Enforce), ("observe", Enforcement::Observe)];

/// What has a counter of its own.
#[derive(Clone, Copy, PartialEq)]
pub enum Per {
    Key,
    Environment,
}

pub(super) fn usage_plan(value: Value<'_>) -> UsagePlan {
    value.object(|fields| UsagePlan {
        id: name(fields.required("id"), &names::ID),
        name: name(fields.optional("name"), &names::PLAN_NAME),
        max_requests_per_second: fields.optional("max_requests_per_second").and_then(limit),
        burst: burst(fields),
        quotas: list(fields, "quotas", quota),
        counter_per: fields.optional("counter_per").map(counter_per).unwrap_or_default(),
        apis: fields.optional("apis").map(apis).unwrap_or_default(),
        enforcement: fields.optional("enforcement").and_then(enforcement).unwrap_or_default(),
        region: fields.optional("region").and_then(string).unwrap_or_default(),
        remark: fields.optional("remark").and_then(string).unwrap_or_default(),
        keys: list(fields, "keys", |item| reference(item).unwrap_or_default()),
        environments: list(fields, "environments", |item| {
            item.object(|fields| EnvironmentRef {
                service: fields.required("service").and_then(reference).unwrap_or_default(),
                environment: fields.required("environment").and_then(reference).unwrap_or_default(),
            })
        }),
        created_at: fields.optional("created_at").and_then(instant),
    })
}

/// A limit on requests: whole and at least 1, or -1 for none.
fn limit(value: Value<'_>) -> Option<u64> {
    let number = value.integer()?;
    match number {
        -1 => None,
        1..=MAX_LIMIT => u64::try_from(number).ok(),
        _ => {
            value.error(format!("must be -1 (no limit) or 1 to {MAX_LIMIT}"));
            None
        }
    }
}

/// The size of a token bucket, which needs a rate to be refilled at.
fn burst(fields: &mut Fields<'_>) -> Option<u64> {
    let value = fields.optional("burst")?;
    let size = value.integer()?;
    if !(1..=MAX_LIMIT).contains(&size) {
        value.error(format!("must be 1 to {MAX_LIMIT}"));
        return None;
    }
    u64::try_from(size).ok()
}

fn quota(value: Value<'_>) -> Quota {
    value.object(|fields| Quota {
        max_requests: fields.required("max_requests").and_then(limit),
        period: fields
            .required("period")
            .and_then(|value| value.one_of(&Period::ALL.map(|period| (period.name(), period))))
            .unwrap_or_default(),
        utc_offset: fields.optional("utc_offset").and_then(utc_offset).unwrap_or_default(),
    })
}

fn utc_offset(value: Value<'_>) -> Option<UtcOffset> {
    let offset = offset(value.string()?);
    if offset.is_none() {
        value.error("must be an offset such as \"+08:00\", from -12:00 to +14:00");
    }
    offset
}

/// `+08:00`, `-03:30`: at most 14 hours ahead, 12 behind, as clocks on Earth are.
pub fn offset(text: &str) -> Option<UtcOffset> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |text: &str, max: i16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i16>().ok().filter(|number| digits && *number <= max)
    };
    let minutes = number(hours, 14)?.checked_mul(60)?.checked_add(number(minutes, 59)?)?;
    let minutes = match text.as_bytes().first()? {
        b'+' => minutes,
        b'-' => minutes.saturating_neg(),
        _ => return None,
    };
    (-720..=840).contains(&minutes).then_some(UtcOffset(minutes))
}

fn counter_per(value: Value<'_>) -> CounterPer {
    let per = value.items(|item| item.one_of(&COUNTER_PER));
    let per = per.unwrap_or_default();
    CounterPer { key: per.contains(&Some(Per::Key)), environment: per.contains(&Some(Per::Environment)) }
}

fn apis(value: Value<'_>) -> Vec<Api> {
    let apis = value.items(api).unwrap_or_default();
    if apis.len() > MAX_APIS {
        value.error(format!("must be at most {MAX_APIS}"));
    }
    apis
}

fn api(value: Value<'_>) -> Api {
    value.object(|fields| Api {
        methods: list(fields, "methods", |item| item.name(&names::METHOD).unwrap_or_default()),
        path: fields
            .required("path")
            .and_then(|value| value.text(paths::is_pattern, paths::PATTERN_RULE))
            .unwrap_or_default(),
        max_requests_per_second: fields.optional("max_requests_per_second").and_then(limit),
        quotas: list(fields, "quotas", quota),
    })
}

pub(super) fn enforcement(value: Value<'_>) -> Option<Enforcement> {
    value.one_of(&ENFORCEMENT)
}
