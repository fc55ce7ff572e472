//! The APIs of a service, and whether all of them are called without a signature.

use std::collections::{BTreeMap, BTreeSet};

use crate::tencent::{KEY_PAIR_AUTH, OPEN_AUTH};

/// The APIs of a service that answers name.
#[derive(Default)]
pub(super) struct Apis {
    /// How many it has; no list of some of them says that.
    total: Option<i64>,
    /// By id: how it is called, and its method and path.
    seen: BTreeMap<String, (String, String)>,
}

// === impl Apis ===

impl Apis {
    /// Takes in how many APIs the service has.
    pub(super) fn count(&mut self, total: Option<i64>) {
        self.total = self.total.max(total);
    }

    /// Takes in an API, its way to be called, and its method and path.
    pub(super) fn add(&mut self, id: &str, kind: &str, name: String) {
        self.seen.insert(id.to_owned(), (kind.to_owned(), name));
    }

    /// Whether no call of the service is signed: each of its APIs is known, and is open to everybody.
    pub(super) fn are_open(&self) -> bool {
        let are_all_known =
            i64::try_from(self.seen.len()).is_ok_and(|seen| seen > 0 && Some(seen) == self.total);
        are_all_known && self.seen.values().all(|(kind, _)| kind == OPEN_AUTH)
    }

    /// The APIs that are called without a key pair, by the way in which they are.
    pub(super) fn unsigned(&self) -> BTreeMap<&str, BTreeSet<String>> {
        let mut unsigned: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (kind, name) in self.seen.values().filter(|(kind, _)| !["", KEY_PAIR_AUTH].contains(&&**kind)) {
            unsigned.entry(kind).or_default().insert(name.clone());
        }
        unsigned
    }
}
