//! The headers and bodies that the caller and the upstream see: refusals, limit headers, and the caller's
//! identity.

mod identity;
mod joined;
mod limit_headers;
mod refusal;
mod usage;

pub use self::identity::Identity;
pub use self::joined::JoinedHeaders;
pub use self::limit_headers::{Header, limit_headers};
pub use self::refusal::{Exhausted, Refusal, Reply};
pub use self::usage::usage_reply;
