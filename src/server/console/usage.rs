//! What was used and refused over time, from the samples of Envoys' metrics.
//!
//! | module | |
//! |---|---|
//! | `span` | which span of time is looked at, and its words |
//! | `requests` | requests by outcome, on the overview |
//! | `drawn` | what the charts have in common |

mod drawn;
mod requests;
mod span;

pub(super) use self::requests::Requests;
pub(super) use self::span::{of_query, segments};
