//! Envoys count for themselves, each since it started, and are added up.

use std::collections::HashMap;

use usage_plan_core::document::UsagePlan;
use usage_plan_manage::admin::Admin;
use usage_plan_manage::status::Snapshot;
use usage_plan_manage::usage::Counts;

use super::recent::Recent;

/// The Envoys whose admin interfaces are known.
#[derive(Debug)]
pub struct Envoys {
    admins: Vec<Admin>,
    /// What they counted, by the ids of plans.
    counted: Recent<HashMap<String, u64>>,
}

// === impl Envoys ===

impl Envoys {
    /// The Envoys with these admin interfaces.
    pub fn new(admins: Vec<Admin>) -> Self {
        Self { admins, counted: Recent::default() }
    }

    /// The requests of `plan` that they admitted since they started; `None` when there are none to ask.
    pub(super) fn of(&self, plan: &UsagePlan) -> Option<u64> {
        if self.admins.is_empty() {
            return None;
        }
        Some(self.counted.look(|| self.ask(), |counts| counts.get(&plan.id).copied().unwrap_or_default()))
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
