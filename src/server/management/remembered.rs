//! Signatures that were used, remembered for as long as their time is taken.
//!
//! Clients do not sign the action, and there is no nonce. Whoever sees a request could send it again, or as
//! another action with the same parameters. So what changes something needs a signature that nobody used.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many signatures are remembered. Only operators can add one, 100 a second for as long as one is kept.
const MAX: usize = 1 << 16;

/// The signatures that were used.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Signatures>);

#[derive(Debug, Default)]
struct Signatures {
    /// Each signature, with the second after which it is no longer taken.
    until: HashMap<[u8; 32], u64>,
    /// The same in the order in which they came.
    order: VecDeque<[u8; 32]>,
}

/// Whether a signature may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Nobody used it, or it is used again for what changes nothing.
    Fresh,
    /// It was used.
    Again,
    /// There is no room to remember it.
    Full,
}

// === impl Remembered ===

impl Remembered {
    /// Uses a signature that is taken until the second `until`. One that was used is good for another request
    /// that only reads: clients repeat those within a second.
    pub(super) fn take(&self, signature: [u8; 32], reads: bool, until: u64, now: u64) -> Use {
        let mut signatures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if signatures.until.get(&signature).is_some_and(|until| *until >= now) {
            return if reads { Use::Fresh } else { Use::Again };
        }
        signatures.forget(now);
        if signatures.until.len() >= MAX {
            return Use::Full;
        }
        if signatures.until.insert(signature, until).is_none() {
            signatures.order.push_back(signature);
        }
        Use::Fresh
    }
}

// === impl Signatures ===

impl Signatures {
    /// Forgets the oldest ones that are no longer taken. One that is dated ahead keeps those behind it for up
    /// to as long again.
    fn forget(&mut self, now: u64) {
        while let Some(first) = self.order.front()
            && self.until.get(first).is_none_or(|until| *until < now)
        {
            self.until.remove(first);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_changes_something_once() {
        let remembered = Remembered::default();
        assert_eq!(remembered.take([1; 32], false, 300, 0), Use::Fresh);
        assert_eq!(remembered.take([1; 32], false, 300, 300), Use::Again);
        assert_eq!(remembered.take([1; 32], true, 300, 300), Use::Fresh, "a read may be repeated");
        assert_eq!(remembered.take([1; 32], false, 301, 301), Use::Fresh, "its time is over");
        assert_eq!(remembered.take([2; 32], true, 400, 301), Use::Fresh);
        assert_eq!(remembered.take([2; 32], false, 400, 301), Use::Again, "nor after a read");
    }

    #[test]
    fn the_memory_is_bounded_and_what_is_over_is_forgotten() {
        let remembered = Remembered::default();
        let signature = |number: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            bytes
        };
        for number in 0..MAX {
            assert_eq!(remembered.take(signature(number), false, 10, 0), Use::Fresh);
        }
        assert_eq!(remembered.take(signature(MAX), false, 10, 5), Use::Full);
        assert_eq!(remembered.take(signature(MAX), false, 20, 11), Use::Fresh);
        assert_eq!(remembered.0.lock().expect("a lock").until.len(), 1);
    }
}
