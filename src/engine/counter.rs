//! The names of counters: a domain and entries, in any order; and the period that a quota's name says.

use std::collections::BTreeMap;
use std::time::Duration;

use usage_plan_core::document::Period;
use usage_plan_core::limit::calendar::Span;
use usage_plan_core::limit::period_id;
use usage_plan_core::timestamp::Timestamp;

/// The entry with the word of the period.
pub const WINDOW: &str = "w";
/// The entry with the id of the period, which only quotas have.
pub const PERIOD: &str = "p";
/// The entry with the plan's id.
pub const PLAN: &str = "plan";
/// The entry that tells the counters of one plan apart.
pub const PART: &str = "part";

/// How many entries a name may have.
const MAX_ENTRIES: usize = 16;
/// How many bytes a name may have, with its domain.
const MAX_BYTES: usize = 2048;
/// The word of the window that is no period.
const SECOND_WORD: &str = "second";

/// The name of a counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counter {
    /// Whose counter it is.
    pub domain: String,
    /// The rest of the name. Their order does not matter, so it makes no second counter.
    pub entries: BTreeMap<String, String>,
}

/// The counter of a quota in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaCounter {
    /// Its name.
    pub counter: Counter,
    /// The word of the period.
    pub period: Period,
    /// The period.
    pub span: Span,
}

// === impl Counter ===

impl Counter {
    /// The name with these entries.
    ///
    /// # Errors
    ///
    /// A rule that they break.
    pub fn new(domain: &str, entries: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut counter = Self { domain: domain.to_owned(), entries: BTreeMap::new() };
        let mut bytes = domain.len();
        for (key, value) in entries {
            if key.is_empty() {
                return Err("an entry has an empty key".to_owned());
            }
            bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
            if counter.entries.len() == MAX_ENTRIES || bytes > MAX_BYTES {
                return Err(format!("a name has at most {MAX_ENTRIES} entries and {MAX_BYTES} bytes"));
            }
            if counter.entries.insert(key.clone(), value).is_some() {
                return Err(format!("two entries have the key {key:?}"));
            }
        }
        if counter.entries.is_empty() {
            return Err("there are no entries".to_owned());
        }
        Ok(counter)
    }

    /// The value of an entry.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The quota's counter that the name means; `None` for a rate's, which names no period.
    ///
    /// # Errors
    ///
    /// It names a period that does not exist, or not which one of its kind.
    pub fn quota(self) -> Result<Result<QuotaCounter, Self>, String> {
        let word = self.get(WINDOW);
        let period = Period::ALL.into_iter().find(|period| Some(period.name()) == word);
        let Some(id) = self.get(PERIOD) else {
            return match (period, word) {
                (Some(Period::Week | Period::Total), Some(word)) => {
                    Err(format!("{WINDOW} {word:?} is of a quota, which needs {PERIOD}"))
                }
                (None, Some(word)) if word != SECOND_WORD => Err(format!("there is no {WINDOW} {word:?}")),
                _ => Ok(Err(self)),
            };
        };
        let Some(period) = period else {
            let words = Period::ALL.map(Period::name).join(", ");
            return Err(format!("{PERIOD} {id:?} needs a {WINDOW} that is one of {words}"));
        };
        let Some(span) = period_id::read(period, id) else {
            let example = period_id::write(period, Default::default(), Timestamp::default());
            return Err(format!(
                "no {} has the id {PERIOD} {id:?}: it is such as {example:?}",
                period.name()
            ));
        };
        Ok(Ok(QuotaCounter { counter: self, period, span }))
    }
}

// === impl QuotaCounter ===

impl QuotaCounter {
    /// When the counter is forgotten: one period after its end.
    #[must_use]
    pub fn forgotten_at(&self) -> Timestamp {
        let Span { start, end } = self.span;
        end.saturating_add(end.saturating_since(start))
    }

    /// The counter's key in the store: when it is forgotten comes first, so that what is forgotten next is at
    /// the front.
    #[must_use]
    pub fn to_key(&self) -> Vec<u8> {
        let mut key = key_from(self.forgotten_at());
        let mut push = |text: &str| {
            key.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
            key.extend(text.as_bytes());
        };
        push(&self.counter.domain);
        for (name, value) in &self.counter.entries {
            push(name);
            push(value);
        }
        key
    }

    /// The counter of a key in the store; `None` if it is not such a key.
    #[must_use]
    pub fn of_key(key: &[u8]) -> Option<Self> {
        let (_, mut rest) = key.split_first_chunk::<8>()?;
        let mut texts = Vec::new();
        while let Some((length, text)) = rest.split_first_chunk::<2>() {
            let (text, others) = text.split_at_checked(u16::from_be_bytes(*length).into())?;
            texts.push(std::str::from_utf8(text).ok()?.to_owned());
            rest = others;
        }
        let (domain, entries) = texts.split_first()?;
        let (pairs, []) = entries.as_chunks::<2>() else { return None };
        let pairs = pairs.iter().map(|[name, value]| (name.clone(), value.clone()));
        Counter::new(domain, pairs).ok()?.quota().ok()?.ok()
    }

    /// How long it is from `now` until the quota renews; `None` for never.
    #[must_use]
    pub fn renews_in(&self, now: Timestamp) -> Option<Duration> {
        (self.span.end != Timestamp::NEVER).then(|| self.span.end.saturating_since(now))
    }
}

/// Before this key are the keys of all counters that are forgotten before `time`.
#[must_use]
pub fn key_from(time: Timestamp) -> Vec<u8> {
    time.as_nanos().to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests;
