//! May the call proceed: pure limits, the state of a counter, its encoding, and the compare-and-swap that debits it
//! (SPEC section 6).

mod bucket;
mod calendar;
mod cell;
mod counter;
mod limits;
mod quota;
mod state;
mod window;

pub use self::counter::{Conflict, Counter, Debit, MAX_TRIES, Outcome, Store, Version};
pub use self::limits::{Balance, Limits};
pub use self::state::Violation;
pub use self::window::MAX_RUNS;
