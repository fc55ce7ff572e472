//! Decides whether a request may proceed: the limits, the state of a counter, its encoding, and the
//! compare-and-swap that debits it (`docs/rules.md#counting`).

mod bucket;
pub mod calendar;
mod cell;
mod check;
mod counter;
mod decision;
mod drawn;
mod held;
mod lease;
mod limits;
pub mod period_id;
mod pool;
mod quota;
mod state;
mod versions;
mod window;

pub use self::counter::{Admission, Clock, Conflict, Counter, Debit, Store};
pub use self::decision::{Decision, Decisions};
pub use self::drawn::{Drawn, Taken};
pub use self::limits::{Balance, Limits, Pooled, Unit, Warning};
pub use self::pool::Pool;
pub use self::state::Violation;
pub use self::versions::{Version, VersionGuess};

#[cfg(test)]
mod tests;
