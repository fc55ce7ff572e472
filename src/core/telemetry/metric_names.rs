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
