//! The headers that tell a caller what is left of its plan (SPEC section 8).

use std::time::Duration;

use crate::config::document::RateLimitHeaders;
use crate::time::ceil_seconds;

/// A header's name, in lower case, and its value.
pub type Header = (&'static str, String);

/// The headers for a plan of `limit` requests per second (`None`: no limit) with `remaining` left, which can be admitted
/// again after `reset`.
///
/// - `x-usageplan-ratelimit`: remaining/limit, or `unlimited`;
/// - `ratelimit-policy` and `ratelimit`: draft-ietf-httpapi-ratelimit-headers-10, a policy named `second`; `w` and `t` in
///   seconds. A plan without a limit has no policy to tell.
pub fn limit_headers(
    which: RateLimitHeaders,
    limit: Option<u64>,
    remaining: u64,
    reset: Duration,
) -> Vec<Header> {
    let mut headers = Vec::new();
    if which.tencent {
        let value = limit.map_or_else(|| "unlimited".to_owned(), |limit| format!("{remaining}/{limit}"));
        headers.push(("x-usageplan-ratelimit", value));
    }
    if let Some(limit) = limit.filter(|_| which.ietf) {
        headers.push(("ratelimit-policy", format!("\"second\";q={limit};w=1")));
        headers.push(("ratelimit", format!("\"second\";r={remaining};t={}", ceil_seconds(reset))));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: RateLimitHeaders = RateLimitHeaders { tencent: true, ietf: true };
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_limited_plan_tells_limit_and_rest_in_both_families() {
        assert_eq!(
            limit_headers(BOTH, Some(1000), 999, SECOND),
            [
                ("x-usageplan-ratelimit", "999/1000".to_owned()),
                ("ratelimit-policy", "\"second\";q=1000;w=1".to_owned()),
                ("ratelimit", "\"second\";r=999;t=1".to_owned()),
            ]
        );
    }

    #[test]
    fn a_plan_without_a_limit_says_so_and_has_no_policy() {
        let unlimited = [("x-usageplan-ratelimit", "unlimited".to_owned())];
        assert_eq!(limit_headers(BOTH, None, 0, SECOND), unlimited);
    }

    #[test]
    fn each_family_can_be_left_out() {
        let names = |tencent, ietf| {
            let which = RateLimitHeaders { tencent, ietf };
            limit_headers(which, Some(1), 0, SECOND).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(true, false), ["x-usageplan-ratelimit"]);
        assert_eq!(names(false, true), ["ratelimit-policy", "ratelimit"]);
        assert!(names(false, false).is_empty());
    }
}
