//! Options.

use serde_json::{Value, json};

use super::kinds::{array, choice, described, flag, not_empty, object, one_of, with_default};
use usage_plan_core::document::decode::options::{
    AUTH_STATUS, DATE_HEADER, ERROR_FORMAT, Family, RATE_LIMIT_HEADERS,
};
use usage_plan_core::document::decode::plan::ENFORCEMENT;
use usage_plan_core::document::{Algorithm, Options};

pub(super) fn options() -> Value {
    let default = Options::default();
    let is_default = |family: &Family| match family {
        Family::Tencent => default.rate_limit_headers.tencent,
        Family::Ietf => default.rate_limit_headers.ietf,
    };
    let families = RATE_LIMIT_HEADERS.iter().filter(|(_, family)| is_default(family));
    let families: Vec<&str> = families.map(|(word, _)| *word).collect();
    let statuses = AUTH_STATUS.map(|(number, _)| number);
    let status =
        AUTH_STATUS.iter().find(|(_, status)| *status == default.auth_status).map(|(number, _)| *number);
    let algorithms: Vec<&str> = default.allowed_algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let skew = json!({"type": "integer", "minimum": 0, "maximum": i64::MAX});
    object(
        &[],
        [
            (
                "clock_skew_seconds",
                described(
                    with_default(skew, default.clock_skew.as_secs()),
                    "How far a signed date may be from now, either side, in seconds",
                ),
            ),
            (
                "date_header",
                described(
                    choice(&DATE_HEADER),
                    "unchecked: a signed Date need only be present; a captured request can then be replayed for ever",
                ),
            ),
            (
                "allowed_algorithms",
                described(
                    with_default(
                        not_empty(array(one_of(&Algorithm::ALL.map(|algorithm| (algorithm.name(), ()))))),
                        algorithms,
                    ),
                    "The algorithms that callers may sign with",
                ),
            ),
            (
                "legacy_auth_status",
                described(
                    with_default(json!({"enum": statuses}), status),
                    "403: all authentication refusals but a missing credential are 403",
                ),
            ),
            (
                "rate_limit_headers",
                described(
                    with_default(array(one_of(&RATE_LIMIT_HEADERS)), families),
                    "tencent: X-UsagePlan-RateLimit and X-UsagePlan-Quota; ietf: RateLimit-Policy and RateLimit",
                ),
            ),
            (
                "error_format",
                described(choice(&ERROR_FORMAT), "problem: refusals as application/problem+json (RFC 9457)"),
            ),
            (
                "enforcement",
                described(
                    choice(&ENFORCEMENT),
                    "observe: whatever would be refused passes and is counted as that",
                ),
            ),
            (
                "forward_authorization",
                described(flag(), "Leave Authorization on the request that goes upstream"),
            ),
            (
                "forward_environment_prefix",
                described(flag(), "Leave the environment on the path that goes upstream"),
            ),
        ],
    )
}
