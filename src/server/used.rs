//! How much of its limit on all requests a usage plan has used up.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use usage_plan_core::timestamp::{SECOND, Timestamp};
use usage_plan_manage::admin::Admin;
use usage_plan_manage::dates::now;
use usage_plan_manage::status::Snapshot;
use usage_plan_manage::usage::Counts;

/// Knows how many requests of a usage plan were admitted.
pub trait Used: fmt::Debug + Send + Sync {
    /// The requests of the plan with this id that were admitted; `None` if nobody knows. It may block.
    fn of(&self, plan: &str) -> Option<u64>;
}

/// Envoys count for themselves, each since it started, and are added up.
#[derive(Debug)]
pub struct Envoys {
    admins: Vec<Admin>,
    /// What they counted, and when that was: a page of a list asks once.
    last: Mutex<Option<(Timestamp, HashMap<String, u64>)>>,
}

// === impl Envoys ===

impl Envoys {
    /// The Envoys with these admin interfaces.
    pub fn new(admins: Vec<Admin>) -> Self {
        Self { admins, last: Mutex::default() }
    }

    fn ask(&self) -> HashMap<String, u64> {
        let mut counts = Counts::default();
        for (_, answer) in Snapshot::all(&self.admins) {
            // One that does not answer now has counted what it tells later.
            if let Ok(snapshot) = answer {
                counts.merge(&snapshot.counts);
            }
        }
        counts.admitted().map(|(plan, calls)| (plan.to_owned(), calls)).collect()
    }
}

impl Used for Envoys {
    fn of(&self, plan: &str) -> Option<u64> {
        if self.admins.is_empty() {
            return None;
        }
        let now = now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(asked, _)| now.saturating_since(*asked) >= SECOND) {
            *last = Some((now, self.ask()));
        }
        let (_, counts) = last.as_ref()?;
        Some(counts.get(plan).copied().unwrap_or_default())
    }
}
