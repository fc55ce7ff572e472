//! The names of the filter's metrics. Their form lets Envoy's `stats_tags` turn parts of a name into labels.
//!
//! The functions that read a name expect it without [`PREFIX`].

/// The prefix of every name.
pub const PREFIX: &str = "usage_plan_";

/// The name of the metric that counts the requests on `plan` with this `outcome`. The plan is empty when the
/// caller is unknown.
pub fn requests(plan: &str, outcome: &str) -> String {
    format!("usage_plan_requests.plan={plan}.outcome={outcome}")
}

/// Reads the plan and the outcome from a name that [`requests`] made.
pub fn read_requests(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("requests.plan=")?.split_once(".outcome=")
}

/// The name of the metric that counts the requests signed with this one of the two secrets of `key`.
pub fn secret_uses(key: &str, secret: &str) -> String {
    format!("usage_plan_secret_uses.key={key}.secret={secret}")
}

/// Reads the key and the secret from a name that [`secret_uses`] made.
pub fn read_secret_uses(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("secret_uses.key=")?.split_once(".secret=")
}

/// The name of the metric that counts how often a counter of `plan` could not be read and started afresh.
pub fn counter_restarts(plan: &str) -> String {
    format!("usage_plan_counter_restarts.plan={plan}")
}

/// The name of the metric that counts the requests on `plan` that went upstream with a `Date` that was not
/// compared with the clock.
pub fn unchecked_dates(plan: &str) -> String {
    format!("usage_plan_unchecked_dates.plan={plan}")
}

/// The name of the metric that counts the requests signed with the id of `key`, by the caller's plan and the
/// outcome. The plan is empty when the caller did not prove who it is.
pub fn key_requests(key: &str, plan: &str, outcome: &str) -> String {
    format!("usage_plan_key_requests.key={key}.plan={plan}.outcome={outcome}")
}

/// Reads the key, the plan and the outcome from a name that [`key_requests`] made.
pub fn read_key_requests(name: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = name.strip_prefix("key_requests.key=")?.split_once(".plan=")?;
    let (plan, outcome) = rest.split_once(".outcome=")?;
    Some((key, plan, outcome))
}

/// The name of the metric that counts how often `percent` of the quota `limit` of `plan` was reached. The
/// percentage comes last, because the name of an API's limit ends with a path.
pub fn quota_warnings(plan: &str, limit: &str, percent: u8) -> String {
    format!("usage_plan_quota_warnings.plan={plan}.limit={limit}.percent={percent}")
}

/// Reads the plan, the limit and the percent from a name that [`quota_warnings`] made.
pub fn read_quota_warnings(name: &str) -> Option<(&str, &str, u8)> {
    let (plan, rest) = name.strip_prefix("quota_warnings.plan=")?.split_once(".limit=")?;
    let (limit, percent) = rest.rsplit_once(".percent=")?;
    Some((plan, limit, percent.parse().ok()?))
}

/// The name of the gauge that shows the [digest](crate::document::Digest) of the document that was accepted
/// last.
pub fn document_digest() -> &'static str {
    "usage_plan_document_digest"
}

/// Whether `name` is that of [`document_digest`].
pub fn is_document_digest(name: &str) -> bool {
    name == "document_digest"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_the_parts_that_it_was_made_of() {
        for (subject, label) in [("a", "b"), ("", "b")] {
            let made = [
                (requests(subject, label), Some((subject, label)), None),
                (secret_uses(subject, label), None, Some((subject, label))),
                (counter_restarts(subject), None, None),
                (unchecked_dates(subject), None, None),
                (key_requests(label, subject, label), None, None),
                (quota_warnings(subject, "day", 80), None, None),
                (document_digest().to_owned(), None, None),
            ];
            for (name, as_requests, as_secret_uses) in made {
                let rest = name.strip_prefix(PREFIX).expect("the prefix");
                assert_eq!(
                    (read_requests(rest), read_secret_uses(rest)),
                    (as_requests, as_secret_uses),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_name_of_three_parts_is_read_back_and_no_other_name_is() {
        let rest = |name: String| name.strip_prefix(PREFIX).expect("the prefix").to_owned();
        let of_key = rest(key_requests("AKID-1", "", "rate_limited"));
        let warning = rest(quota_warnings("gold", "day+08:00 POST /a.limit=b/*", 100));
        assert_eq!(read_key_requests(&of_key), Some(("AKID-1", "", "rate_limited")));
        assert_eq!(read_quota_warnings(&warning), Some(("gold", "day+08:00 POST /a.limit=b/*", 100)));
        assert_eq!((read_key_requests(&warning), read_quota_warnings(&of_key)), (None, None));
        let digest = rest(document_digest().to_owned());
        assert_eq!([&digest, &of_key].map(|name| is_document_digest(name)), [true, false]);
    }
}
