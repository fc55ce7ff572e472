//! Wrong rules, so that tests can show that they are found. Each changes what a worker reads, writes or
//! holds, so that the real counter does what the wrong rule would do.

use crate::limit::cell;
use crate::limit::held::Held;
use crate::limit::lease::{HOLD, Lease};
use crate::limit::state::{CounterState, Usage};
use crate::limit::window::Window;
use crate::timestamp::{SECOND, Timestamp};

/// A wrong rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// None: the rules are right.
    Nothing,
    /// A reservation is stamped with the end of its time, in the log.
    StampedAhead,
    /// The next VM of a worker closes the lease of the last one, as if it had been used once.
    NextVmCloses,
    /// The next VM of a worker takes the lease of the last one out.
    NextVmDrops,
    /// Any worker takes out what its owner no longer uses.
    AnyoneGivesBack,
    /// A lease leaves a second after it was opened.
    LeavesEarly,
    /// The time is not settled by the opening of leases.
    OpenedIsNoTime,
    /// A lease is used after the renewal of a quota.
    OutlivesRenewal,
}

// === impl Wrong ===

impl Wrong {
    /// Changes what a worker holds, before its next request.
    pub(super) fn before(self, held: &mut Held) {
        if self == Self::OutlivesRenewal {
            held.until = held.lease.ends_at();
        }
    }

    /// What a worker reads: `own` is its lease and the latest reading that used it, and `dead` that of its
    /// last VM.
    pub(super) fn read(
        self,
        cell: Vec<u8>,
        own: Option<(Lease, Timestamp)>,
        dead: Option<Lease>,
        now: Timestamp,
    ) -> Vec<u8> {
        let is_own = |lease: &Lease| own.is_some_and(|(own, _)| own.is(lease));
        changed(cell, |window| match (self, dead) {
            (Self::NextVmCloses, Some(dead)) => window.close_any(dead, 1),
            (Self::NextVmDrops, Some(dead)) => window.retain_leases(|lease| !lease.is(&dead)),
            (Self::AnyoneGivesBack, _) => {
                window.retain_leases(|lease| is_own(lease) || lease.ends_at() > now);
            }
            (Self::LeavesEarly, _) => {
                window.retain_leases(|lease| is_own(lease) || lease.opened.saturating_add(SECOND) > now);
            }
            _ => {}
        })
    }

    /// What is written in place of `cell` at a reading, where `before` was.
    pub(super) fn written(self, before: &[u8], cell: &[u8], now: Timestamp) -> Vec<u8> {
        let before = cell::decode(before);
        changed(cell.to_vec(), |window| match self {
            Self::StampedAhead => window.log_leases(HOLD),
            Self::OpenedIsNoTime => {
                let runs = before.iter().flat_map(|before| &before.entries);
                let newest = runs.filter_map(|entry| match &entry.usage {
                    Usage::Window(window) => window.newest_stamp(),
                    _ => None,
                });
                window.restamp(newest.max().unwrap_or_default().max(now));
            }
            _ => {}
        })
    }
}

/// A cell with its windows changed.
fn changed(cell: Vec<u8>, change: impl Fn(&mut Window)) -> Vec<u8> {
    let Some(mut state) = cell::decode(&cell) else { return cell };
    let windows = |state: &mut CounterState| {
        for entry in &mut state.entries {
            if let Usage::Window(window) = &mut entry.usage {
                change(window);
            }
        }
    };
    windows(&mut state);
    let mut bytes = Vec::new();
    cell::encode(&state, &mut bytes);
    bytes
}
