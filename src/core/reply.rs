//! What the caller is told, what the upstream is told of the caller, and what the operator is told of the outcome (SPEC
//! sections 7 and 8).

mod identity;
mod limit_headers;
mod refusal;

pub use self::identity::Identity;
pub use self::limit_headers::{Header, limit_headers};
pub use self::refusal::{Refusal, Reply, Spent};
