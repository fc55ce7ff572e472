//! What a lease takes from the limits in force, and what it gives back.

use super::super::held::{Held, SpanOf};
use super::super::limits::{LimitKind, Limits};
use super::super::quota::QuotaUsage;
use super::super::window::Window;
use super::{CounterState, Usage};
use crate::timestamp::Timestamp;

// === impl CounterState ===

impl CounterState {
    /// How many admissions a worker may reserve at `now`, and until when it may then use them: of each window
    /// what it has to give, and of each quota what is far from its end, its next reset and its next warning.
    #[inline(never)]
    pub(in crate::limit) fn most(
        &self,
        limits: &Limits,
        api: Option<usize>,
        now: Timestamp,
    ) -> (u64, Timestamp) {
        let (mut most, mut until) = (u64::MAX, Timestamp::NEVER);
        let unused = Window::default();
        for (scope, limit) in limits.in_force(api) {
            most = most.min(match (limit.kind, self.entry(scope, limit.kind)) {
                (LimitKind::Window(max), entry) => {
                    let window = if let Some(Usage::Window(window)) = entry { window } else { &unused };
                    window.most(max, now)
                }
                (LimitKind::Bucket(_), _) => 1,
                (LimitKind::Quota(quota), entry) => {
                    let quota = limit.since_reset(quota, now);
                    let usage = match entry {
                        Some(Usage::Quota(_, _, usage)) => usage.at(quota, now),
                        _ => QuotaUsage::new(quota, now),
                    };
                    until = until.min(usage.span.end).min(limit.next_reset(now));
                    usage.most(quota, limits.warn_at(), now)
                }
            });
        }
        (most, until)
    }

    /// Takes what a worker holds out of every limit that it was taken from, and counts what was used of it.
    /// With a request and its time, windows forget what is a second old, if the request then debits them.
    #[inline(never)]
    pub(in crate::limit) fn close(
        &mut self,
        limits: &Limits,
        held: &Held,
        request: Option<(Option<usize>, Timestamp)>,
    ) {
        for (scope, limit) in limits.in_force(held.api) {
            let Some(entry) = self.entries.iter_mut().find(|entry| entry.is_of(scope, limit.kind)) else {
                continue;
            };
            match (&mut entry.usage, limit.kind) {
                (Usage::Window(window), LimitKind::Window(max)) => {
                    let is_debited = |(api, _): &(Option<usize>, _)| scope == 0 || *api == held.api;
                    let forgets_at = request.filter(is_debited).map(|(_, now)| now);
                    window.close(max, held.lease, (held.used, held.last), forgets_at);
                }
                (Usage::Quota(period, offset, usage), _) => {
                    if let Some(start) = held.span_start(scope, *period, *offset) {
                        usage.give_back(held.unused(), start);
                    }
                }
                _ => {}
            }
        }
    }

    /// The spans in which the quotas in force count, by which what is given back is found.
    #[inline(never)]
    pub(in crate::limit) fn spans(&self, limits: &Limits, api: Option<usize>) -> Box<[SpanOf]> {
        let spans = limits.in_force(api).filter_map(|(scope, limit)| match self.entry(scope, limit.kind) {
            Some(Usage::Quota(period, offset, usage)) => Some((scope, *period, *offset, usage.span.start)),
            _ => None,
        });
        spans.collect()
    }
}
