//! The result of counting a request where an engine counts, too.

use crate::limit::Drawn;

/// The result of counting a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is decided.
    Drawn(Drawn),
    /// It waits at its counter, until the counter is [woken](crate::fleet::Answered::wakes).
    Waits,
}
