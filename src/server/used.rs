//! How much of its limit on all requests a usage plan has used up.

mod engine;
mod envoys;
mod recent;

use std::fmt;

use usage_plan_core::document::{Document, UsagePlan};

pub use self::engine::EngineHere;
pub use self::envoys::Envoys;

/// Knows how much of a usage plan is used.
pub trait Used: fmt::Debug + Send + Sync {
    /// The requests of `plan`, which `document` has, that were admitted; `None` if nobody knows. It may
    /// block.
    fn of(&self, plan: &UsagePlan, document: &Document) -> Option<u64>;
}

/// The engine in this process, where it counts the plan's quota for all Envoys, and otherwise the Envoys
/// themselves.
#[derive(Debug)]
pub struct Counted {
    /// The engine.
    pub engine: Option<EngineHere>,
    /// The Envoys that can be asked.
    pub envoys: Envoys,
}

// === impl Counted ===

impl Used for Counted {
    fn of(&self, plan: &UsagePlan, document: &Document) -> Option<u64> {
        let spent = self.engine.as_ref().and_then(|engine| engine.of(plan, document));
        spent.or_else(|| self.envoys.of(plan))
    }
}
