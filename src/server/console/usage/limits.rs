//! How much of a limit is used up, and when it renews or runs out.

use std::time::Duration;

use maud::{Markup, html};
use usage_plan_core::document::{CountedBy, Document, Fleet, UsagePlan};
use usage_plan_core::timestamp::Timestamp;

use crate::console::chart::meter;
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::Used;

/// Of a plan that warns of nothing, a limit is near from this percentage on.
const NEAR: u8 = 80;

/// The first percentage at which a plan warns.
pub(super) fn threshold(plan: &UsagePlan) -> u8 {
    plan.warn_at.iter().copied().min().unwrap_or(NEAR)
}

/// Whether each key or environment has the plan's limits for itself, so that sums say nothing about them.
pub(super) fn is_counted_apart(plan: &UsagePlan) -> bool {
    plan.counter_per.key || plan.counter_per.environment
}

/// On how many Envoys a limit counts for itself, so that all of them together admit so many times as much.
pub(super) fn times(document: &Document, envoys: usize, counted_by: impl Fn(&Fleet) -> CountedBy) -> u64 {
    match &document.options.fleet {
        Some(fleet) if counted_by(fleet) == CountedBy::Fleet => 1,
        _ => envoys.max(1) as u64,
    }
}

/// What was used of a quota, as a bar and in words.
pub(super) fn used_cell(visit: &Visit, used: &Used, max: u64, threshold: u8) -> Markup {
    let language = visit.language;
    let left = max.saturating_sub(used.calls);
    let numbers = (language.number(used.calls), language.number(left));
    let text = if used.is_whole { texts::USED_AND_LEFT } else { texts::USED_SINCE };
    let since = used.since.map_or_else(|| html! {}, |since| visit.reader.moment(since));
    html! {
        (meter(used.calls, max, threshold))
        span.sub {
            (language.rich(text, &[
                ("used", html! { (numbers.0) }), ("left", html! { (numbers.1) }), ("since", since),
            ]))
        }
    }
}

/// When a quota renews.
pub(super) fn renews(visit: &Visit, used: &Used) -> String {
    match used.span.end {
        Timestamp::NEVER => visit.say(texts::NEVER_RENEWS).to_owned(),
        end => {
            let span = visit.reader.span(end.saturating_since(visit.now));
            visit.language.fill(texts::RENEWS_IN, &[("span", &span)])
        }
    }
}

/// Whether what is left lasts until the quota renews, if so many requests an hour go on.
pub(super) fn outlook(visit: &Visit, used: &Used, max: u64, hourly: u64) -> Option<String> {
    let left = max.checked_sub(used.calls).filter(|left| *left > 0)?;
    if hourly == 0 {
        return None;
    }
    let seconds = u128::from(left) * 3600 / u128::from(hourly);
    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
    let end = visit.now.saturating_add(Duration::from_secs(seconds));
    if end >= used.span.end {
        return Some(visit.say(texts::WILL_LAST).to_owned());
    }
    let span = visit.reader.span(Duration::from_secs(seconds));
    Some(visit.language.fill(texts::RUNS_OUT, &[("span", &span)]))
}
