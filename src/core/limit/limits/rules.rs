//! What holds for the limits that an engine counts.

use crate::document::{EngineKind, OnEngineDown};

/// What holds for the limits that an engine counts.
#[derive(Clone, Copy, Debug)]
pub(in crate::limit) struct FleetRules {
    pub(in crate::limit) engine: EngineKind,
    /// How many Envoys share a rate while the engine cannot be asked.
    pub(in crate::limit) envoys: u32,
    /// What happens while the engine cannot be asked.
    pub(in crate::limit) down: OnEngineDown,
}
