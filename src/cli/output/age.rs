//! Ages: how long ago something was.

use usage_plan_core::timestamp::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// How long before `now` the time was, in the largest unit of which there are at least two: `90s`, `5m`,
/// `47h`, `3d`, `2y`. Empty when there is no time.
pub(crate) fn age(time: Option<Timestamp>, now: Timestamp) -> String {
    let Some(time) = time else { return String::new() };
    let seconds = now.saturating_since(time).as_secs();
    match seconds {
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if seconds < 2 * HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < 2 * DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ => format!("{}y", seconds / YEAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_rounded_down_and_the_future_has_none() {
        let now = Timestamp::from_rfc3339("2026-11-27T12:00:00Z").expect("a time");
        for (time, expected) in [
            ("2026-11-27T11:59:00Z", "60s"),
            ("2026-11-27T11:54:30Z", "5m"),
            ("2026-11-26T12:00:00Z", "24h"),
            ("2026-11-24T11:00:00Z", "3d"),
            ("2025-11-24T11:00:00Z", "368d"),
            ("2020-01-01T00:00:00Z", "6y"),
            ("2027-01-01T00:00:00Z", "0s"),
        ] {
            assert_eq!(age(Timestamp::from_rfc3339(time), now), expected, "{time}");
        }
        assert_eq!(age(None, now), "");
    }
}
