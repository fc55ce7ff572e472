//! `usage_plans[].resets`: moments from which quotas are counted anew (`docs/rules.md#resets`).

use serde_json::Value;

use super::quota::Period;
use super::reader::Node;
use super::schema::{array, described, object, one_of, reference, timestamp};
use super::writer::{Members, Writer};
use crate::timestamp::Timestamp;

/// A moment from which quotas are counted anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reset {
    /// What was counted before this moment is forgotten, in the period that the moment lies in.
    pub at: Timestamp,
    /// The `secret_id` of the only key that is concerned; `None` concerns every counter of the plan.
    pub key: Option<String>,
    /// The period of the only quotas that are concerned; `None` concerns every quota of the plan and of its
    /// APIs.
    pub limit: Option<Period>,
}

// === impl Reset ===

impl Reset {
    /// Reads a list of resets.
    pub(super) fn read_list(node: Node<'_>) -> Vec<Self> {
        node.items(Self::read).unwrap_or_default()
    }

    fn read(node: Node<'_>) -> Self {
        let periods = Period::ALL.map(|period| (period.name(), period));
        node.object(|fields| Self {
            at: fields.required("at").and_then(|node| node.timestamp()).unwrap_or_default(),
            key: fields.reference("key"),
            limit: fields.one_of("limit", &periods),
        })
    }

    /// Whether every counter and every quota that `other` concerns is concerned by this reset, too.
    pub fn covers(&self, other: &Self) -> bool {
        (self.key.is_none() || self.key == other.key) && (self.limit.is_none() || self.limit == other.limit)
    }

    /// The reset as a JSON object of the document.
    pub fn to_json(&self) -> Members {
        Writer::default()
            .member("at", self.at.to_rfc3339())
            .optional("key", self.key.as_deref())
            .optional("limit", self.limit.map(Period::name))
            .finish()
    }

    /// The schema of a list of resets.
    pub(super) fn schema() -> Value {
        let period = Period::ALL.map(|period| (period.name(), ()));
        let reset = object(
            &["at"],
            [
                (
                    "at",
                    described(timestamp(), "What was counted before this time in its period is forgotten"),
                ),
                (
                    "key",
                    described(
                        reference(),
                        "The secret_id of the only key that is concerned; none: every key",
                    ),
                ),
                (
                    "limit",
                    described(one_of(&period), "The period of the only quotas that are concerned; none: all"),
                ),
            ],
        );
        described(array(reset), "Moments from which quotas are counted anew")
    }
}
