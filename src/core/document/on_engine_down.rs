//! `on_engine_down`: what happens to requests while the fleet's engine cannot be asked
//! (`docs/rules.md#engine-down`). The options say it for all plans, and a plan can say something else.

use serde_json::{Value, json};

use super::reader::Node;
use super::rules;
use super::schema::{choice, described, object, one_of, with, with_default};
use super::words::{Words, word};
use super::writer::{Members, Writer};

/// The words for `rate`.
const RATE: Words<RateDown, 3> =
    [("local_share", RateDown::LocalShare), ("deny", RateDown::Deny), ("allow", RateDown::Allow)];

/// The words for `quota`.
const QUOTA: Words<QuotaDown, 3> =
    [("grace", QuotaDown::Grace), ("deny", QuotaDown::Deny), ("allow", QuotaDown::Allow)];

/// The percents of a quota that `grace_percent` can be.
const PERCENTS: std::ops::RangeInclusive<u8> = 1..=100;

/// What happens while the engine cannot be asked, as far as it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnEngineDown {
    /// What holds in place of a rate.
    pub rate: Option<RateDown>,
    /// What holds in place of a quota.
    pub quota: Option<QuotaDown>,
    /// How much of a quota each Envoy lets through, in percent.
    pub grace_percent: Option<u8>,
}

/// What holds in place of a rate of the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateDown {
    /// Each Envoy admits its share of the rate.
    #[default]
    LocalShare,
    /// Nothing is admitted.
    Deny,
    /// Each Envoy admits the whole rate.
    Allow,
}

/// What holds in place of a quota of the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuotaDown {
    /// Each Envoy admits a part of the quota more, and reports it later.
    #[default]
    Grace,
    /// Nothing is admitted.
    Deny,
    /// Everything is admitted, and reported later.
    Allow,
}

// === impl OnEngineDown ===

impl OnEngineDown {
    /// What is said here, and else what `base` says.
    #[must_use]
    pub fn or(self, base: Self) -> Self {
        Self {
            rate: self.rate.or(base.rate),
            quota: self.quota.or(base.quota),
            grace_percent: self.grace_percent.or(base.grace_percent),
        }
    }

    /// How many requests an Envoy may let through that the quota may not have: a percent without more.
    pub fn grace_of(self, max_requests: u64) -> u64 {
        let percent = u128::from(self.grace_percent.unwrap_or(1));
        u64::try_from(u128::from(max_requests).saturating_mul(percent) / 100).unwrap_or(u64::MAX)
    }

    pub(super) fn read(node: Node<'_>) -> Self {
        node.object(|fields| Self {
            rate: fields.one_of("rate", &RATE),
            quota: fields.one_of("quota", &QUOTA),
            grace_percent: fields.optional("grace_percent").and_then(percent),
        })
    }

    /// What is said, as the document has it.
    pub fn to_json(self) -> Members {
        Writer::default()
            .optional("rate", self.rate.map(|rate| word(&RATE, rate)))
            .optional("quota", self.quota.map(|quota| word(&QUOTA, quota)))
            .optional("grace_percent", self.grace_percent)
            .finish()
    }

    /// The schema of what the options say.
    pub(super) fn schema() -> Value {
        Self::schema_of([choice(&RATE), choice(&QUOTA), with_default(percents(), 1)])
    }

    /// The schema of what a plan says: without a member, the options hold.
    pub(super) fn schema_of_plan() -> Value {
        Self::schema_of([one_of(&RATE), one_of(&QUOTA), percents()])
    }

    fn schema_of([rate, quota, percent]: [Value; 3]) -> Value {
        let schema = object(
            &[],
            [
                (
                    "rate",
                    described(
                        rate,
                        "local_share: each Envoy admits the rate divided by expected_envoys; allow: all of it",
                    ),
                ),
                (
                    "quota",
                    described(
                        quota,
                        "grace: each Envoy admits grace_percent of the quota more; allow: everything",
                    ),
                ),
                ("grace_percent", described(percent, "Percent of a quota; needed by grace alone")),
            ],
        );
        with(json!({"description": "What happens to requests while the engine cannot be asked"}), schema)
    }
}

fn percent(node: Node<'_>) -> Option<u8> {
    let percent = u8::try_from(node.integer()?).ok().filter(|percent| PERCENTS.contains(percent));
    if percent.is_none() {
        node.error(rules::RANGE.put(100_usize));
    }
    percent
}

fn percents() -> Value {
    json!({"type": "integer", "minimum": PERCENTS.start(), "maximum": PERCENTS.end()})
}
