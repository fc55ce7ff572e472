//! May the call proceed: pure windows, their encoding, and the compare-and-swap that debits them (SPEC section 6).

mod cell;
mod counter;
mod window;

pub use self::counter::{Conflict, Counter, Debit, MAX_TRIES, Outcome, Store, Version};
pub use self::window::{Decision, MAX_RUNS, Window};
