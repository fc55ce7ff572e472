//! What the filter's counters are called, so that Envoy's `stats_tags` can turn parts of a name into labels.
//!
//! Names are read without [`PREFIX`].

/// The beginning of every name.
pub const PREFIX: &str = "usage_plan_";

/// The name of the counter of requests on `plan` that ended as `outcome` says. The plan is empty when the
/// caller is unknown.
pub fn requests(plan: &str, outcome: &str) -> String {
    format!("usage_plan_requests.plan={plan}.outcome={outcome}")
}

/// Reads the plan and the outcome from a name of [`requests`].
pub fn read_requests(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("requests.plan=")?.split_once(".outcome=")
}

/// The name of the counter of requests that were signed with one of the two secrets of `key`.
pub fn secret_uses(key: &str, secret: &str) -> String {
    format!("usage_plan_secret_uses.key={key}.secret={secret}")
}

/// Reads the key and the secret from a name of [`secret_uses`].
pub fn read_secret_uses(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("secret_uses.key=")?.split_once(".secret=")
}

/// The name of the counter of times that a counter of `plan` could not be read and started afresh.
pub fn counter_restarts(plan: &str) -> String {
    format!("usage_plan_counter_restarts.plan={plan}")
}

/// The name of the counter of requests on `plan` that went upstream on a `Date` that was not compared with
/// the clock.
pub fn unchecked_dates(plan: &str) -> String {
    format!("usage_plan_unchecked_dates.plan={plan}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_from_a_name_is_what_it_was_made_of_and_from_other_names_nothing() {
        for (subject, label) in [("a", "b"), ("", "b")] {
            let made = [
                (requests(subject, label), Some((subject, label)), None),
                (secret_uses(subject, label), None, Some((subject, label))),
                (counter_restarts(subject), None, None),
                (unchecked_dates(subject), None, None),
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
}
