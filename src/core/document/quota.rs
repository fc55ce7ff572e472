//! `usage_plans[].quotas`: limits on the requests in a period of the calendar (`docs/rules.md#quotas`).

use std::fmt;

use serde_json::{Value, json};

use super::reader::Node;
use super::rules;
use super::schema::{self, array, described, object, one_of, patterns, with, with_default};
use super::writer::{Members, Writer};

/// A limit on the requests in a period of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// The largest number of requests admitted in a period; `None` is no limit.
    pub max_requests: Option<u64>,
    /// The period, at whose end the quota renews.
    pub period: Period,
    /// The offset from UTC at which the period begins.
    pub utc_offset: UtcOffset,
}

/// The period after which a quota renews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// A minute of the clock.
    Minute,
    /// A calendar hour.
    Hour,
    /// A day, from midnight to midnight.
    Day,
    /// A week, which begins on Monday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// All time: the quota never renews.
    #[default]
    Total,
}

/// How far local time is ahead of UTC, in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UtcOffset(pub i16);

// === impl Quota ===

impl Quota {
    /// Reads a list of quotas.
    pub(super) fn read_list(node: Node<'_>) -> Vec<Self> {
        let quotas = node.items(Self::read).unwrap_or_default();
        let renewal = |quota: &Self| (quota.period, quota.utc_offset);
        node.distinct(&quotas, renewal, rules::SAME_QUOTA);
        quotas
    }

    fn read(node: Node<'_>) -> Self {
        let periods = Period::ALL.map(|period| (period.name(), period));
        node.object(|fields| Self {
            max_requests: fields.required("max_requests").and_then(|node| node.limit()),
            period: fields.required("period").and_then(|node| node.one_of(&periods)).unwrap_or_default(),
            utc_offset: fields.optional("utc_offset").and_then(UtcOffset::read).unwrap_or_default(),
        })
    }

    /// The quota as a JSON object of the document.
    pub fn to_json(&self) -> Members {
        let offset = (self.utc_offset != UtcOffset::default()).then(|| self.utc_offset.to_string());
        Writer::default()
            .member("max_requests", self.max_requests.map_or(json!(-1), Value::from))
            .member("period", self.period.name())
            .optional("utc_offset", offset)
            .finish()
    }

    /// The schema of a list of quotas.
    pub(super) fn schema() -> Value {
        let period = Period::ALL.map(|period| (period.name(), ()));
        let offset = json!({"type": "string", "pattern": patterns::UTC_OFFSET});
        let quota = object(
            &["max_requests", "period"],
            [
                ("max_requests", described(schema::limit(), "Requests admitted in a period; -1: no limit")),
                (
                    "period",
                    described(
                        one_of(&period),
                        "A period of the calendar; a week begins on Monday, total never renews",
                    ),
                ),
                (
                    "utc_offset",
                    described(
                        with_default(offset, UtcOffset::default().to_string()),
                        "Hours and minutes that local time is ahead of UTC: the period begins at local time",
                    ),
                ),
            ],
        );
        described(array(quota), "Requests admitted in periods of the calendar")
    }
}

/// Reads `warn_at`: the percents of each quota at which the operator is warned.
pub(super) fn read_warn_at(node: Node<'_>) -> Vec<u8> {
    let percents = node.items(|item| {
        let percent = item.integer()?;
        let percent = u8::try_from(percent).ok().filter(|percent| (1..=100).contains(percent));
        if percent.is_none() {
            item.error(rules::RANGE.put(100_usize));
        }
        percent
    });
    let Some(percents) = percents.and_then(|percents| percents.into_iter().collect::<Option<Vec<u8>>>())
    else {
        return Vec::new();
    };
    node.distinct(&percents, |percent| *percent, rules::THERE_ALREADY);
    percents
}

/// The schema of `warn_at`.
pub(super) fn warn_at_schema() -> Value {
    let percents = array(json!({"type": "integer", "minimum": 1, "maximum": 100}));
    let percents = with(percents, json!({"uniqueItems": true}));
    described(percents, "Percents of each quota that are counted in a metric when they are reached")
}

// === impl Period ===

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Self; 7] =
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year, Self::Total];

    /// The word in the document and in limit headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::Total => "total",
        }
    }
}

// === impl UtcOffset ===

impl UtcOffset {
    fn read(node: Node<'_>) -> Option<Self> {
        let offset = Self::parse(node.string()?);
        if offset.is_none() {
            node.error(rules::OFFSET);
        }
        offset
    }

    /// Parses an offset such as `+08:00` or `-03:30`, from -12:00 to +14:00: the offsets in use on Earth.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let number = |text: &str, max: i16| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i16>().ok().filter(|number| digits && *number <= max)
        };
        let minutes = number(hours, 14)?.checked_mul(60)?.checked_add(number(minutes, 59)?)?;
        let minutes = match text.as_bytes().first()? {
            b'+' => minutes,
            b'-' => minutes.saturating_neg(),
            _ => return None,
        };
        (-720..=840).contains(&minutes).then_some(Self(minutes))
    }
}

impl fmt::Display for UtcOffset {
    /// Writes the offset as in the document: `+08:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}
