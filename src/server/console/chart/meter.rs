//! How much of a limit is used up: a bar, and its percentage.

use maud::{Markup, html};

/// How near a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Far enough.
    Calm,
    /// The first threshold has been passed.
    Near,
    /// Nothing is left.
    Spent,
}

// === impl Level ===

impl Level {
    /// The level of `used` requests of `limit`, with the first threshold at this percentage.
    fn of(used: u64, limit: u64, threshold: u8) -> Self {
        if used >= limit {
            Self::Spent
        } else if u128::from(used) * 100 >= u128::from(limit) * u128::from(threshold) {
            Self::Near
        } else {
            Self::Calm
        }
    }
}

/// The whole percentage that `used` is of `limit`, at most 100, and 100 only when nothing is left.
fn percent(used: u64, limit: u64) -> u8 {
    if used >= limit {
        return 100;
    }
    let percent = u128::from(used) * 100 / u128::from(limit.max(1));
    u8::try_from(percent).unwrap_or(100)
}

/// A bar of `used` requests of `limit`, with a notch at the threshold until it has been passed.
pub(in crate::console) fn meter(used: u64, limit: u64, threshold: u8) -> Markup {
    let (class, text) = match Level::of(used, limit, threshold) {
        Level::Calm => ("meter", ""),
        Level::Near => ("meter warn", "near"),
        Level::Spent => ("meter bad", "over"),
    };
    let percent = percent(used, limit);
    html! {
        div.metered {
            svg class=(class) aria-hidden="true" {
                rect.track width="100%" height="100%" {}
                rect.fill width={ (percent) "%" } height="100%" rx="4" {}
                @if text.is_empty() {
                    line.mark x1={ (threshold) "%" } x2={ (threshold) "%" } y2="100%" {}
                }
            }
            span class=[(!text.is_empty()).then_some(text)] { (percent) "\u{a0}%" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_warns_from_the_threshold_on_and_is_full_only_when_nothing_is_left() {
        for (used, limit, level, shown) in [
            (0, 1000, Level::Calm, 0),
            (799, 1000, Level::Calm, 79),
            (800, 1000, Level::Near, 80),
            (999, 1000, Level::Near, 99),
            (1000, 1000, Level::Spent, 100),
            (1500, 1000, Level::Spent, 100),
            (0, 0, Level::Spent, 100),
            (u64::MAX - 1, u64::MAX, Level::Near, 99),
        ] {
            assert_eq!(
                (Level::of(used, limit, 80), percent(used, limit)),
                (level, shown),
                "{used} of {limit}"
            );
        }
        let drawn = meter(10, 100, 80).0;
        assert!(drawn.contains("width=\"10%\"") && drawn.contains("x1=\"80%\""), "{drawn}");
        assert!(meter(90, 100, 80).0.contains("meter warn"));
    }
}
