//! The names of the filter's metrics. Their form lets Envoy's `stats_tags` turn parts of a name into labels.
//!
//! The functions that read a name expect it without [`PREFIX`]. They also read a name that Envoy made of a
//! metric with labels, as the native module defines them: `requests.plan.gold.outcome.allowed`.

/// The prefix of every name.
pub const PREFIX: &str = "usage_plan_";

/// The name of the metric that counts the requests on `plan` with this `outcome`. The plan is empty when the
/// caller is unknown.
pub fn requests(plan: &str, outcome: &str) -> String {
    format!("usage_plan_requests.plan={plan}.outcome={outcome}")
}

/// Reads the plan and the outcome from a name that [`requests`] made.
pub fn read_requests(name: &str) -> Option<(&str, &str)> {
    let (plan, labels) = Labels::after(name, "requests.plan")?;
    labels.split(plan, "outcome")
}

/// The name of the metric that counts the requests signed with this one of the two secrets of `key`.
pub fn secret_uses(key: &str, secret: &str) -> String {
    format!("usage_plan_secret_uses.key={key}.secret={secret}")
}

/// Reads the key and the secret from a name that [`secret_uses`] made.
pub fn read_secret_uses(name: &str) -> Option<(&str, &str)> {
    let (key, labels) = Labels::after(name, "secret_uses.key")?;
    labels.split(key, "secret")
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
    let (rest, labels) = Labels::after(name, "key_requests.key")?;
    let (key, rest) = labels.split(rest, "plan")?;
    let (plan, outcome) = labels.split(rest, "outcome")?;
    Some((key, plan, outcome))
}

/// The name of the metric that counts how often `percent` of the quota `limit` of `plan` was reached. The
/// percentage comes last, because the name of an API's limit ends with a path.
pub fn quota_warnings(plan: &str, limit: &str, percent: u8) -> String {
    format!("usage_plan_quota_warnings.plan={plan}.limit={limit}.percent={percent}")
}

/// Reads the plan, the limit and the percent from a name that [`quota_warnings`] made.
pub fn read_quota_warnings(name: &str) -> Option<(&str, &str, u8)> {
    let (rest, labels) = Labels::after(name, "quota_warnings.plan")?;
    let (plan, rest) = labels.split(rest, "limit")?;
    let (limit, percent) = rest.rsplit_once(&labels.mark("percent"))?;
    Some((plan, limit, percent.parse().ok()?))
}

/// The name of the metric that counts the calls to the engine for `limit` of `plan`: `granted`, `refused`,
/// `late` or `failed`.
pub fn engine_calls(plan: &str, limit: &str, result: &str) -> String {
    format!("usage_plan_engine_calls.plan={plan}.limit={limit}.result={result}")
}

/// The name of the metric that counts the tokens of `limit` of `plan` that came from the engine: `granted`,
/// `used` or `lost`.
pub fn engine_tokens(plan: &str, limit: &str, kind: &str) -> String {
    format!("usage_plan_engine_tokens.plan={plan}.limit={limit}.kind={kind}")
}

/// The name of the metric that counts the requests on `plan` that waited for the engine: `woken`, `refused`,
/// `left` or `policy`.
pub fn waits(plan: &str, result: &str) -> String {
    format!("usage_plan_waits.plan={plan}.result={result}")
}

/// The name of the metric that counts how often the engine was no longer asked, `open`, and asked again,
/// `close`.
pub fn engine_breaker(event: &str) -> String {
    format!("usage_plan_engine_breaker.event={event}")
}

/// The name of the metric that counts what `plan` had decided without the engine: `local_share`, `deny`,
/// `allow` or `grace`.
pub fn engine_policy(plan: &str, decision: &str) -> String {
    format!("usage_plan_engine_policy.plan={plan}.decision={decision}")
}

/// The name of the metric that counts what was admitted of quotas while the engine could not be asked:
/// `taken`, `reported` or `written_off`.
pub fn debt(kind: &str) -> String {
    format!("usage_plan_debt.kind={kind}")
}

/// What a metric of a fleet counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetMetric {
    /// [`engine_calls`]
    Calls,
    /// [`engine_tokens`]
    Tokens,
    /// [`waits`]
    Waits,
    /// [`engine_breaker`]
    Breaker,
    /// [`engine_policy`]
    Policy,
    /// [`debt`]
    Debt,
}

/// Reads the metric of a fleet and its last label, whatever plan and limit it is of.
pub fn read_fleet(name: &str) -> Option<(FleetMetric, &str)> {
    let metrics = [
        ("engine_calls.plan", "result", FleetMetric::Calls),
        ("engine_tokens.plan", "kind", FleetMetric::Tokens),
        ("waits.plan", "result", FleetMetric::Waits),
        ("engine_breaker.event", "", FleetMetric::Breaker),
        ("engine_policy.plan", "decision", FleetMetric::Policy),
        ("debt.kind", "", FleetMetric::Debt),
    ];
    metrics.into_iter().find_map(|(first, last, metric)| {
        let (rest, labels) = Labels::after(name, first)?;
        match last {
            "" => Some((metric, rest)),
            last => rest.rsplit_once(&labels.mark(last)).map(|(_, word)| (metric, word)),
        }
    })
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

/// The name of the metric that counts the requests which the native module answered with 503, because it
/// panicked.
pub fn panics() -> &'static str {
    "usage_plan_panics"
}

/// Whether `name` is that of [`panics`].
pub fn is_panics(name: &str) -> bool {
    name == "panics"
}

/// How the labels of a name stand in it: what is between a label and its value.
#[derive(Clone, Copy)]
struct Labels(char);

// === impl Labels ===

impl Labels {
    /// What comes after the name of a metric and of its first label.
    fn after<'n>(name: &'n str, first: &str) -> Option<(&'n str, Self)> {
        let mut rest = name.strip_prefix(first)?.chars();
        let between = rest.next().filter(|between| ['=', '.'].contains(between))?;
        Some((rest.as_str(), Self(between)))
    }

    /// The value that `rest` begins with, and what comes after the next label.
    fn split<'n>(self, rest: &'n str, next: &str) -> Option<(&'n str, &'n str)> {
        rest.split_once(&self.mark(next))
    }

    fn mark(self, label: &str) -> String {
        format!(".{label}{}", self.0)
    }
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
    fn a_name_that_envoy_made_of_labels_is_read_as_the_same_parts() {
        assert_eq!(read_requests("requests.plan.gold.outcome.allowed"), Some(("gold", "allowed")));
        assert_eq!(read_requests("requests.plan..outcome.no_plan"), Some(("", "no_plan")));
        assert_eq!(read_requests("requests.plan.outcome.outcome.x"), Some(("outcome", "x")));
        assert_eq!(read_secret_uses("secret_uses.key.AKID1.secret.current"), Some(("AKID1", "current")));
        assert_eq!(
            read_key_requests("key_requests.key.AKID-1.plan..outcome.key_disabled"),
            Some(("AKID-1", "", "key_disabled"))
        );
        assert_eq!(
            read_quota_warnings("quota_warnings.plan.gold.limit.day POST /a.limit=b/.percent.1.percent.80"),
            Some(("gold", "day POST /a.limit=b/.percent.1", 80))
        );
    }

    #[test]
    fn the_last_word_of_a_metric_of_a_fleet_is_read_whatever_its_plan_and_limit() {
        let limit = "day POST /a.result=b/.kind.c";
        for (name, metric, word) in [
            (engine_calls("gold", limit, "late"), FleetMetric::Calls, "late"),
            (engine_tokens("gold", limit, "lost"), FleetMetric::Tokens, "lost"),
            (waits("", "woken"), FleetMetric::Waits, "woken"),
            (engine_breaker("open"), FleetMetric::Breaker, "open"),
            (engine_policy("gold", "local_share"), FleetMetric::Policy, "local_share"),
            (debt("written_off"), FleetMetric::Debt, "written_off"),
        ] {
            let rest = name.strip_prefix(PREFIX).expect("the prefix");
            assert_eq!(read_fleet(rest), Some((metric, word)));
            assert_eq!((read_requests(rest), read_quota_warnings(rest)), (None, None));
        }
        assert_eq!(read_fleet("requests.plan=gold.outcome=allowed"), None);
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
        assert_eq!(read_requests("requests.plane.outcome.b"), None);
        assert_eq!([&digest, &of_key].map(|name| is_document_digest(name)), [true, false]);
    }
}
