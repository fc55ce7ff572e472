//! The entries of a descriptor, by which the engine knows which counter is meant (`docs/engine.md`).

use crate::limit::calendar::Span;
use crate::limit::{Pooled, period_id};

/// The entries for a limit of `plan` in a second or a period. `part` says which of the plan's counters is
/// meant, and is empty where it has one.
///
/// A rate has no period: the engine's clock alone divides it into seconds, whatever the clocks of Envoys
/// show. A reset begins a counter of its own.
pub(super) fn entries(plan: &str, part: &str, limit: Pooled<'_>, span: Span) -> Vec<(&'static str, String)> {
    let mut part = part.to_owned();
    if limit.scope != 0 {
        let separator = if part.is_empty() { "" } else { "/" };
        part = format!("{part}{separator}api/{:016x}", limit.scope);
    }
    let mut entries = vec![("plan", plan.to_owned())];
    if !part.is_empty() {
        entries.push(("part", part));
    }
    match limit.period() {
        None => entries.push(("w", "second".to_owned())),
        Some((period, offset)) => {
            entries.push(("w", period.name().to_owned()));
            entries.push(("p", period_id::write(period, offset, span.start)));
            entries.extend(limit.reset_of(span).map(|at| ("reset", at.to_rfc3339())));
        }
    }
    entries
}
