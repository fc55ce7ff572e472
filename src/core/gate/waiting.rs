//! The result of counting where an engine counts for several Envoys: a request may wait.

use super::call::Call;
use super::verdict::Verdict;
use crate::fleet::CounterId;

/// The result of counting.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all requests are decided at once, and boxes cost them")]
pub enum Counted {
    /// The request is decided.
    Decided(Verdict),
    /// The request waits for the engine.
    Waits(Waiting),
}

/// A request that waits for the engine. Whoever has it gives it back: to
/// [`Gate::count_again`](crate::gate::Gate::count_again), [`Gate::give_up`](crate::gate::Gate::give_up) or
/// [`Gate::left`](crate::gate::Gate::left).
#[derive(Debug)]
pub struct Waiting {
    pub(super) call: Call,
    pub(super) counter: CounterId,
}

// === impl Waiting ===

impl Waiting {
    /// The counter at which it waits.
    pub fn counter(&self) -> CounterId {
        self.counter
    }
}
