//! The headers that show a caller what is left of its plan (`docs/rules.md#limit-headers`).

use crate::document::RateLimitHeaders;
use crate::limit::Balance;
use crate::timestamp::{Timestamp, ceil_seconds};

/// A header's name, in lower case, and its value.
pub type Header = (&'static str, String);

/// The headers for a plan with these balances of the limits in force.
///
/// - `x-usageplan-ratelimit` and `x-usageplan-quota` show remaining/limit of the rate and of the quota with
///   the least remaining. Without a rate the first is `unlimited`; without a quota the second is absent.
/// - `ratelimit-policy` and `ratelimit` (draft-ietf-httpapi-ratelimit-headers-10) have an item for each
///   limit. The limit admits `q` requests in `w` seconds, `r` are left, and in `t` seconds it is unused
///   again. Both are absent for a plan without a limit.
pub fn limit_headers(which: RateLimitHeaders, balances: &[Balance<'_>], now: Timestamp) -> Vec<Header> {
    let mut headers = Vec::new();
    if which.tencent || which.ietf {
        headers.reserve_exact(4);
    }
    if which.tencent {
        let tightest = |is_quota| {
            let of_kind = balances.iter().filter(move |balance| balance.is_quota == is_quota);
            let tightest = of_kind.min_by_key(|balance| balance.remaining)?;
            let mut value = String::with_capacity(24);
            number(&mut value, "", tightest.remaining);
            number(&mut value, "/", tightest.limit);
            Some(value)
        };
        headers.push(("x-usageplan-ratelimit", tightest(false).unwrap_or_else(|| "unlimited".to_owned())));
        headers.extend(tightest(true).map(|quota| ("x-usageplan-quota", quota)));
    }
    if which.ietf && !balances.is_empty() {
        headers.push((
            "ratelimit-policy",
            list(balances, |item, balance| {
                number(item, "\";q=", balance.limit);
                if let Some(window) = balance.window {
                    number(item, ";w=", ceil_seconds(window));
                }
            }),
        ));
        headers.push((
            "ratelimit",
            list(balances, |item, balance| {
                number(item, "\";r=", balance.remaining);
                if let Some(renewed_at) = balance.renewed_at {
                    number(item, ";t=", ceil_seconds(renewed_at.saturating_since(now)));
                }
            }),
        ));
    }
    headers
}

/// A List of Strings with parameters (RFC 9651): the name of each limit, and the parameters that `parameters`
/// writes for it.
fn list(balances: &[Balance<'_>], parameters: impl Fn(&mut String, &Balance<'_>)) -> String {
    // 48 bytes have room for a name of a dozen bytes and two parameters with numbers of six digits.
    let mut list = String::with_capacity(balances.len().saturating_mul(48));
    for (i, balance) in balances.iter().enumerate() {
        list.push_str(if i == 0 { "\"" } else { ", \"" });
        list.push_str(balance.name);
        parameters(&mut list, balance);
    }
    list
}

/// Writes `before` and `number` to `text`. `format!` would cost a request several times as much.
fn number(text: &mut String, before: &str, number: u64) {
    text.push_str(before);
    text.push_str(itoa::Buffer::new().format(number));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BOTH: RateLimitHeaders = RateLimitHeaders { tencent: true, ietf: true };
    const NOW: Timestamp = Timestamp::from_nanos(1_700_000_000_000_000_000);
    const SECOND: Duration = Duration::from_secs(1);
    const DAY: Duration = Duration::from_secs(86_400);

    fn rate(name: &str, remaining: u64) -> Balance<'_> {
        Balance {
            name,
            is_quota: false,
            limit: 1000,
            window: Some(SECOND),
            remaining,
            renewed_at: Some(NOW.saturating_add(SECOND)),
        }
    }

    fn quota(name: &str, window: Option<Duration>, remaining: u64) -> Balance<'_> {
        let renewed_at = window.map(|_| NOW.saturating_add(SECOND / 2 * 3));
        Balance { name, is_quota: true, limit: 5000, window, remaining, renewed_at }
    }

    #[test]
    fn a_plan_with_a_rate_shows_its_limit_and_what_is_left_in_both_families() {
        assert_eq!(
            limit_headers(BOTH, &[rate("second", 999)], NOW),
            [
                ("x-usageplan-ratelimit", "999/1000".to_owned()),
                ("ratelimit-policy", "\"second\";q=1000;w=1".to_owned()),
                ("ratelimit", "\"second\";r=999;t=1".to_owned()),
            ]
        );
    }

    #[test]
    fn every_limit_has_an_item_and_the_tightest_of_each_kind_has_a_tencent_header() {
        let balances =
            [rate("second", 9), quota("day", Some(DAY), 70), quota("total", None, 80), rate("second /a", 3)];
        assert_eq!(
            limit_headers(BOTH, &balances, NOW),
            [
                ("x-usageplan-ratelimit", "3/1000".to_owned()),
                ("x-usageplan-quota", "70/5000".to_owned()),
                (
                    "ratelimit-policy",
                    "\"second\";q=1000;w=1, \"day\";q=5000;w=86400, \"total\";q=5000, \"second /a\";q=1000;w=1"
                        .to_owned()
                ),
                (
                    "ratelimit",
                    "\"second\";r=9;t=1, \"day\";r=70;t=2, \"total\";r=80, \"second /a\";r=3;t=1".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn the_ietf_headers_parse_as_structured_fields() {
        let balances =
            [rate("second", 9), quota("day+08:00", Some(DAY), 70), quota("total POST /a/*", None, 80)];
        let headers = limit_headers(RateLimitHeaders { tencent: false, ietf: true }, &balances, NOW);
        let read = |value: &str| -> Vec<(String, Vec<(String, i64)>)> {
            let list = sfv::Parser::new(value).parse::<sfv::List>().expect("a List");
            let item = |entry: &sfv::ListEntry| {
                let sfv::ListEntry::Item(item) = entry else { panic!("an Item: {entry:?}") };
                let name = item.bare_item.as_string().expect("a String").as_str().to_owned();
                let parameter = |(key, value): (&sfv::Key, &sfv::BareItem)| {
                    (key.as_str().to_owned(), i64::from(value.as_integer().expect("an Integer")))
                };
                (name, item.params.iter().map(parameter).collect())
            };
            list.iter().map(item).collect()
        };
        let named = |name: &str, parameters: &[(&str, i64)]| {
            let parameters = parameters.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
            (name.to_owned(), parameters)
        };
        assert_eq!(
            read(&headers[0].1),
            [
                named("second", &[("q", 1000), ("w", 1)]),
                named("day+08:00", &[("q", 5000), ("w", 86_400)]),
                named("total POST /a/*", &[("q", 5000)]),
            ]
        );
        assert_eq!(
            read(&headers[1].1),
            [
                named("second", &[("r", 9), ("t", 1)]),
                named("day+08:00", &[("r", 70), ("t", 2)]),
                named("total POST /a/*", &[("r", 80)]),
            ]
        );
    }

    #[test]
    fn a_plan_without_a_limit_is_unlimited_and_has_no_policy() {
        let unlimited = [("x-usageplan-ratelimit", "unlimited".to_owned())];
        assert_eq!(limit_headers(BOTH, &[], NOW), unlimited);
    }

    #[test]
    fn each_family_can_be_left_out() {
        let names = |tencent, ietf| {
            let which = RateLimitHeaders { tencent, ietf };
            let headers = limit_headers(which, &[rate("second", 0)], NOW);
            headers.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(true, false), ["x-usageplan-ratelimit"]);
        assert_eq!(names(false, true), ["ratelimit-policy", "ratelimit"]);
        assert!(names(false, false).is_empty());
    }
}
