//! From Kong's rate-limiting plugin to the limits of a usage plan.

use serde_json::{Value, json};

use super::{Members, Notes, Object, settle};
use crate::error::Result;

/// Kong's periods that are the document's too, with a letter or two for each.
const PERIODS: [(&str, &str); 4] = [("hour", "h"), ("day", "d"), ("month", "mo"), ("year", "y")];

/// What a consumer may call.
#[derive(Default)]
pub(super) struct Limits {
    second: Option<Value>,
    /// Each with its period, and the letters for that.
    quotas: Vec<(&'static str, &'static str, Value)>,
    /// Each credential is counted alone; else all of a consumer together.
    per_credential: bool,
}

// === impl Limits ===

impl Limits {
    pub(super) fn read(plugin: &Members<'_>, named: &str, notes: &mut Notes) -> Result<Self> {
        let Some(config) = plugin.object("config")? else { return Ok(Self::default()) };
        let mut note = |reason: String| notes.add(named, format!("rate-limiting: {reason}"));
        let per_credential = match config.text("limit_by")? {
            None | Some("consumer") => false,
            Some("credential") => true,
            Some(by) => {
                note(format!("counts by {by}, which is not carried over: it has no limits here"));
                return Ok(Self::default());
            }
        };
        if config.value("minute").is_some() {
            note("the limit per minute is not carried over: a quota is per hour, day, week, month, year or for ever".to_owned());
        }
        let quotas = PERIODS.into_iter();
        let quotas = quotas.filter_map(|(period, unit)| Some((period, unit, config.value(period)?.clone())));
        Ok(Self { second: config.value("second").cloned(), quotas: quotas.collect(), per_credential })
    }

    /// The plan that has these limits. Its id says them, so that those who have the same share it, also the next time.
    pub(super) fn plan(self, consumer: &str, has_many: bool) -> Object {
        let is_limited = self.second.is_some() || !self.quotas.is_empty();
        let is_own = is_limited && has_many && !self.per_credential;
        let limits = self.second.iter().map(|limit| ("s", limit));
        let limits = limits.chain(self.quotas.iter().map(|(_, unit, limit)| (*unit, limit)));
        let limits: Vec<String> = limits.map(|(unit, limit)| format!("{}{unit}", plain(limit))).collect();
        let id = match (is_own, limits.is_empty()) {
            (true, _) => format!("consumer_{consumer}"),
            (false, true) => "unlimited".to_owned(),
            (false, false) => limits.join("_"),
        };
        let id = settle::tame(&format!("kong_{id}")).unwrap_or_default();
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

/// A number as it is; what is none is for the filter's rules to refuse, and is not shown.
fn plain(limit: &Value) -> String {
    limit.as_number().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}
