//! What was used and refused over time, from the samples of Envoys' metrics.
//!
//! | module | |
//! |---|---|
//! | `span` | which span of time is looked at, and its words |
//! | `requests` | requests by outcome: of all, or of one key |
//! | `plan`, `limits` | how the limits of a plan are used |
//! | `key` | what a key used, when it was seen last, why it was refused |
//! | `near`, `refused`, `attention` | what is near a limit, refused, or needs somebody |
//! | `per_key`, `unknown` | what is not known, and what to do about it |
//! | `drawn`, `words` | what the charts have in common; outcomes in words |

mod attention;
mod drawn;
mod key;
mod limits;
mod near;
mod per_key;
mod plan;
mod refused;
mod requests;
mod span;
mod unknown;
mod words;

pub(super) use self::attention::attention;
pub(super) use self::key::KeyUsage;
pub(super) use self::near::Near;
pub(super) use self::plan::PlanUsage;
pub(super) use self::refused::RefusedKeys;
pub(super) use self::requests::Requests;
pub(super) use self::span::{of_query, segments};
