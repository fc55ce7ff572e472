//! In which state a key is.

use std::time::Duration;

use maud::{Markup, html};
use usage_plan_core::document::{Key, KeyStatus, Validity};
use usage_plan_core::timestamp::Timestamp;

use crate::console::clock::Reader;
use crate::console::texts::keys as texts;

/// A key that ends within this time is shown as one that ends.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// In which state a key is. Its order is the one in which keys are sorted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::console) enum State {
    Enabled,
    Replaced(Timestamp),
    Expires(Duration),
    NotYet(Timestamp),
    Expired(Duration),
    Disabled,
}

// === impl State ===

impl State {
    /// The state of a key at `now`.
    pub(in crate::console) fn of(key: &Key, now: Timestamp) -> Self {
        if key.status == KeyStatus::Disabled {
            return Self::Disabled;
        }
        match key.validity_at(now) {
            Validity::NotYet => return Self::NotYet(key.not_before.unwrap_or(now)),
            Validity::Expired => return Self::Expired(now.saturating_since(key.not_after.unwrap_or(now))),
            Validity::Valid => {}
        }
        if let Some(previous) = key.previous.as_ref().filter(|previous| previous.verifies_at(now)) {
            return Self::Replaced(previous.not_after);
        }
        match key.not_after.map(|end| end.saturating_since(now)) {
            Some(left) if left <= SOON => Self::Expires(left),
            _ => Self::Enabled,
        }
    }

    /// The state in words, with its shape.
    pub(in crate::console) fn render(self, reader: Reader) -> Markup {
        let language = reader.language;
        let (class, text) = match self {
            Self::Enabled => ("state ok", language.say(texts::ENABLED).to_owned()),
            Self::Replaced(_) => ("state warn", language.say(texts::REPLACED).to_owned()),
            Self::Expires(left) => {
                ("state warn", language.fill(texts::EXPIRES_IN, &[("span", &reader.span(left))]))
            }
            Self::NotYet(_) => ("state off", language.say(texts::NOT_YET).to_owned()),
            Self::Expired(ago) => {
                ("state bad", language.fill(texts::EXPIRED_AGO, &[("span", &reader.span(ago))]))
            }
            Self::Disabled => ("state off", language.say(texts::DISABLED).to_owned()),
        };
        html! {
            span class=(class) { (text) }
            @match self {
                Self::Replaced(until) => span.sub {
                    (language.rich(texts::OLD_UNTIL, &[("time", reader.moment(until))]))
                },
                Self::NotYet(from) => span.sub {
                    (language.rich(texts::VALID_FROM, &[("time", reader.moment(from))]))
                },
                _ => {}
            }
        }
    }
}
