//! A request whose turn it is to be counted.

use super::ask::CounterId;
use crate::timestamp::Timestamp;

/// A request whose turn it is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The counter.
    pub counter: CounterId,
    /// The index of the request's API in the plan, if it has one.
    pub api: Option<usize>,
    /// The time of the request, or of its going on.
    pub now: Timestamp,
}
