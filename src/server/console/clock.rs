//! Times in the reader's zone, as people read them.

use std::time::Duration;

use maud::{Markup, html};
use time::{OffsetDateTime, UtcOffset};
use usage_plan_core::timestamp::Timestamp;

use super::text::{Language, Text};
use super::texts::frame;

/// How far the reader's clock is ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone(UtcOffset);

/// Who reads: in which language, and by which clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) language: Language,
    pub(super) zone: Zone,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

// === impl Zone ===

impl Zone {
    /// UTC
    pub(super) const UTC: Self = Self(UtcOffset::UTC);

    /// The zone that is this many minutes ahead of UTC.
    pub(super) fn of_minutes(text: &str) -> Option<Self> {
        let minutes: i32 = text.parse().ok()?;
        UtcOffset::from_whole_seconds(minutes.checked_mul(60)?).ok().map(Self)
    }
}

// === impl Reader ===

impl Reader {
    /// The date of a time.
    pub(super) fn date(self, time: Timestamp) -> Markup {
        self.time(time, |local| self.written_date(local))
    }

    /// The date and the minute of a time.
    pub(super) fn moment(self, time: Timestamp) -> Markup {
        self.time(time, |local| {
            format!("{} {:02}:{:02}", self.written_date(local), local.hour(), local.minute())
        })
    }

    /// The date and the minute of a second of Unix time.
    pub(super) fn moment_of(self, second: u64) -> Markup {
        self.moment(Timestamp::from_nanos(second.saturating_mul(1_000_000_000)))
    }

    /// The hour and the minute of a second of Unix time.
    pub(super) fn clock(self, second: u64) -> String {
        let local = self.local(second);
        local.map_or_else(String::new, |local| format!("{:02}:{:02}", local.hour(), local.minute()))
    }

    /// The day of a second of Unix time, without its year.
    pub(super) fn day(self, second: u64) -> String {
        let Some(local) = self.local(second) else { return String::new() };
        match self.language {
            Language::English => format!("{} {}", local.day(), short_month(local)),
            Language::Chinese => format!("{:02}-{:02}", u8::from(local.month()), local.day()),
        }
    }

    /// How many seconds the reader's clock is ahead of UTC.
    pub(super) fn offset(self) -> i32 {
        self.zone.0.whole_seconds()
    }

    /// How long a span is, in its largest unit.
    pub(super) fn span(self, span: Duration) -> String {
        let seconds = span.as_secs();
        let (text, n): (Text, u64) = match seconds {
            ..MINUTE => (frame::SECONDS, seconds),
            MINUTE..HOUR => (frame::MINUTES, seconds / MINUTE),
            HOUR..DAY => (frame::HOURS, seconds / HOUR),
            DAY.. => (frame::DAYS, seconds / DAY),
        };
        self.language.count(text, usize::try_from(n).unwrap_or(usize::MAX))
    }

    fn written_date(self, local: OffsetDateTime) -> String {
        let (year, month, day) = (local.year(), local.month(), local.day());
        match self.language {
            Language::English => {
                format!("{day} {} {year}", short_month(local))
            }
            Language::Chinese => format!("{year}-{:02}-{day:02}", u8::from(month)),
        }
    }

    fn time(self, time: Timestamp, written: impl FnOnce(OffsetDateTime) -> String) -> Markup {
        let exact = time.to_rfc3339();
        let text = self.local(time.as_secs()).map_or_else(|| exact.clone(), written);
        html! { time datetime=(exact) title=(exact) { (text) } }
    }

    /// A second of Unix time by the reader's clock.
    fn local(self, second: u64) -> Option<OffsetDateTime> {
        let utc = OffsetDateTime::from_unix_timestamp(i64::try_from(second).ok()?).ok()?;
        utc.checked_to_offset(self.zone.0)
    }
}

/// The first three letters of a month.
fn short_month(local: OffsetDateTime) -> String {
    local.month().to_string().chars().take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_readers_zone_and_form() {
        let time = Timestamp::from_rfc3339("2026-11-24T23:31:07Z").expect("a time");
        let zone = Zone::of_minutes("480").expect("a zone");
        let [english, chinese] = Language::ALL.map(|language| Reader { language, zone });
        assert!(english.moment(time).0.ends_with(">25 Nov 2026 07:31</time>"), "{:?}", english.moment(time));
        assert!(chinese.date(time).0.ends_with(">2026-11-25</time>"));
        let second = time.as_secs();
        assert_eq!((english.clock(second), english.day(second)), ("07:31".to_owned(), "25 Nov".to_owned()));
        assert_eq!((chinese.day(second), chinese.offset()), ("11-25".to_owned(), 28_800));
        assert!(english.date(time).0.contains("datetime=\"2026-11-24T23:31:07Z\""));
        for wrong in ["", "x", "99999999", "1500000000000"] {
            assert_eq!(Zone::of_minutes(wrong), None);
        }
    }

    #[test]
    fn a_span_has_its_largest_unit() {
        let reader = Reader { language: Language::English, zone: Zone::UTC };
        let spans = [1, 59, 60, 7199, 7200, 86_400, 400_000].map(|s| reader.span(Duration::from_secs(s)));
        assert_eq!(spans, ["1 second", "59 seconds", "1 minute", "1 hour", "2 hours", "1 day", "4 days"]);
    }
}
