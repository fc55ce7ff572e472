//! Turns the limits of Kong's rate-limiting plugin into those of a usage plan.

use serde_json::{Value, json};

use super::{Members, Notes, Object, Result, sanitize_name};

/// Kong's periods that the document has too, each with its abbreviation in ids.
const PERIODS: [(&str, &str); 5] =
    [("minute", "m"), ("hour", "h"), ("day", "d"), ("month", "mo"), ("year", "y")];

/// A consumer's limits.
#[derive(Default)]
pub(super) struct ConsumerLimits {
    second: Option<Value>,
    /// Each with its period and the period's abbreviation.
    quotas: Vec<(&'static str, &'static str, Value)>,
    /// Whether each credential is counted alone; otherwise all of a consumer together.
    per_credential: bool,
}

// === impl ConsumerLimits ===

impl ConsumerLimits {
    pub(super) fn read(plugin: &Members<'_>, label: &str, notes: &mut Notes) -> Result<Self> {
        let Some(config) = plugin.object("config")? else { return Ok(Self::default()) };
        let mut note = |reason: String| notes.add(label, format!("rate-limiting: {reason}"));
        let per_credential = match config.text("limit_by")? {
            None | Some("consumer") => false,
            Some("credential") => true,
            Some(by) => {
                note(format!("a count by {by} is not carried over: the consumer has no limits here"));
                return Ok(Self::default());
            }
        };
        let quotas = PERIODS.into_iter();
        let quotas = quotas.filter_map(|(period, unit)| Some((period, unit, config.value(period)?.clone())));
        Ok(Self { second: config.value("second").cloned(), quotas: quotas.collect(), per_credential })
    }

    /// The plan with these limits. Its id is made of them, so that consumers with equal limits share the
    /// plan, also in a later import.
    pub(super) fn plan(self, consumer: &str, has_many_credentials: bool) -> Object {
        let is_limited = self.second.is_some() || !self.quotas.is_empty();
        let is_own = is_limited && has_many_credentials && !self.per_credential;
        let limits = self.second.iter().map(|limit| ("s", limit));
        let limits = limits.chain(self.quotas.iter().map(|(_, unit, limit)| (*unit, limit)));
        let limits: Vec<String> = limits.map(|(unit, limit)| format!("{}{unit}", plain(limit))).collect();
        let id = if is_own {
            format!("consumer_{consumer}")
        } else if limits.is_empty() {
            "unlimited".to_owned()
        } else {
            limits.join("_")
        };
        let id = sanitize_name(&format!("kong_{id}")).unwrap_or_default();
        let mut plan = Object::new();
        plan.insert("id".to_owned(), id.into());
        if let Some(second) = self.second {
            plan.insert("max_requests_per_second".to_owned(), second);
        }
        let quotas = self.quotas.into_iter();
        let quotas: Vec<Value> =
            quotas.map(|(period, _, limit)| json!({"max_requests": limit, "period": period})).collect();
        if !quotas.is_empty() {
            plan.insert("quotas".to_owned(), quotas.into());
        }
        if is_limited && !is_own {
            plan.insert("counter_per".to_owned(), json!(["key"]));
        }
        plan
    }
}

/// Whether a plan has limits.
pub(super) fn is_limited(plan: &Object) -> bool {
    plan.contains_key("max_requests_per_second") || plan.contains_key("quotas")
}

/// A number as it is written. Any other value is not shown, and the filter's rules refuse it later.
fn plain(limit: &Value) -> String {
    limit.as_number().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}
