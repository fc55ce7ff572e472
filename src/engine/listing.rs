//! Counters as an operator sees them: which are wanted, and a row for each.

use serde_json::{Map, Value, json};
use usage_plan_core::limit::calendar::Span;
use usage_plan_core::timestamp::Timestamp;

use crate::call::Unit;
use crate::counter::{Counter, PART, PERIOD, PLAN, QuotaCounter, WINDOW};
use crate::rates::Window;
use crate::store::Spent;

/// Which counters are wanted: those that are as each member says, if it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Their domain.
    pub domain: Option<String>,
    /// The id of their plan.
    pub plan: Option<String>,
    /// The id of their key, if the plan counts it apart.
    pub key: Option<String>,
    /// Their part, all of it.
    pub part: Option<String>,
    /// The word of their window or period.
    pub period: Option<String>,
}

/// A counter and what is spent of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub counter: Counter,
    /// The word of its window or period.
    pub period: &'static str,
    /// From when to when it counts.
    pub span: Span,
    /// What is spent.
    pub spent: Spent,
}

// === impl Filter ===

impl Filter {
    /// The names of the members, which are those of the flags and of the query too.
    pub const MEMBERS: [&'static str; 5] = ["domain", "plan", "key", "part", "period"];

    /// The filter with these members.
    ///
    /// # Errors
    ///
    /// There is no such member.
    pub fn of<'m>(members: impl IntoIterator<Item = (&'m str, String)>) -> Result<Self, String> {
        let mut filter = Self::default();
        for (name, value) in members {
            let member = match name {
                "domain" => &mut filter.domain,
                "plan" => &mut filter.plan,
                "key" => &mut filter.key,
                "part" => &mut filter.part,
                "period" => &mut filter.period,
                _ => return Err(format!("there is no {name:?}; there is {}", Self::MEMBERS.join(", "))),
            };
            *member = Some(value);
        }
        Ok(filter)
    }

    /// Whether the counter is wanted.
    #[must_use]
    pub fn wants(&self, counter: &Counter) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == value)
        };
        is(&self.domain, Some(&counter.domain))
            && is(&self.plan, counter.get(PLAN))
            && is(&self.part, counter.get(PART))
            && is(&self.period, counter.get(WINDOW))
            && is(&self.key, counter.get(PART).and_then(key_of))
    }
}

/// The key of the part `key/<secret_id>`, which the part of an environment may follow.
fn key_of(part: &str) -> Option<&str> {
    part.strip_prefix("key/")?.split('/').next()
}

// === impl Row ===

impl Row {
    pub(crate) fn of_rate(counter: Counter, unit: Unit, window: Window) -> Self {
        let spent = Spent { granted: window.granted, carried: 0, limit: window.limit };
        Self { counter, period: unit.word(), span: window.span, spent }
    }

    /// The row of a quota's counter.
    #[must_use]
    pub fn of_quota(counter: QuotaCounter, spent: Spent) -> Self {
        Self { period: counter.period.name(), span: counter.span, counter: counter.counter, spent }
    }

    /// The row as the admin port and `--output json` write it. A limit that no call has said yet is null,
    /// and so is the end of what never renews.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Self { counter, period, span, spent } = self;
        let limit = (spent.limit > 0).then_some(spent.limit);
        let remaining = limit.map(|limit| u64::from(limit).saturating_sub(spent.total()));
        let renews_at = (span.end != Timestamp::NEVER).then(|| span.end.to_rfc3339());
        let entries: Map<String, Value> =
            counter.entries.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        json!({
            "kind": if counter.get(PERIOD).is_some() { "quota" } else { "rate" },
            "domain": counter.domain,
            "plan": counter.get(PLAN),
            "part": counter.get(PART),
            "period": period,
            "period_id": counter.get(PERIOD),
            "spent": spent.total(),
            "granted": spent.granted,
            "carried": spent.carried,
            "limit": limit,
            "remaining": remaining,
            "renews_at": renews_at,
            "entries": entries,
        })
    }
}
