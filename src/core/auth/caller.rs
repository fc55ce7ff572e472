//! A caller that proved who it is, and one that only claims to be somebody.

use super::failure::Failure;
use crate::lookup::{KeyIndex, PlanIndex};

/// A caller whose signature matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's key.
    pub key: KeyIndex,
    /// The plan that the key has in the environment called.
    pub usage_plan: PlanIndex,
    /// Which secret the caller signed with; `None` for a key that has only one.
    pub secret: Option<SecretUsed>,
    /// Whether the clock was compared with none of the signed dates.
    pub date_unchecked: bool,
}

/// A request that does not prove its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven {
    /// Why it does not.
    pub failure: Failure,
    /// The key that its credential names.
    pub claimed: Claimed,
}

/// The key that a credential names, which proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claimed {
    /// There is no credential that can be parsed, or it was not read.
    #[default]
    Nothing,
    /// No key has the id.
    Unknown,
    /// The key that has the id.
    Key(KeyIndex),
}

/// Which of a rotated key's two secrets made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUsed {
    /// The current secret.
    Current,
    /// The secret that the current one replaced.
    Previous,
}

// === impl SecretUsed ===

impl SecretUsed {
    /// The word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}
