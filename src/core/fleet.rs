//! Limits that an engine counts for several Envoys: what to ask it, and what its answers mean
//! (`docs/rules.md#fleet`).
//!
//! Each worker takes tokens ahead of need, and puts them into the pool of their limit, which is in the cell
//! of the counter. A request takes one token of every such limit, or none.

mod ask;
mod asker;
mod breaker;
mod demand;
mod entries;
mod event;
mod outcome;
mod supply;
mod terms;
mod turn;

pub use self::ask::{Answer, Answered, Ask, CounterId, Ticket, Wake};
pub use self::asker::{Asker, Description};
pub use self::event::{Event, What};
pub use self::outcome::Outcome;
pub use self::turn::Turn;
pub use crate::limit::Unit;

#[cfg(test)]
mod tests;
