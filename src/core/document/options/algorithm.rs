//! `allowed_algorithms`: the MAC algorithms that callers may use.

use serde_json::Value;

use crate::document::reader::Node;
use crate::document::schema::{array, not_empty, one_of, with_default};

/// A MAC algorithm, by the name that callers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-sha1`
    HmacSha1,
    /// `hmac-sha256`
    HmacSha256,
    /// `hmac-sha384`
    HmacSha384,
    /// `hmac-sha512`
    HmacSha512,
}

// === impl Algorithm ===

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::HmacSha1, Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name that callers send. It is case-sensitive.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    /// Reads a list of algorithms, which is not empty.
    pub(super) fn read_list(node: Node<'_>) -> Vec<Self> {
        let choices = Self::ALL.map(|algorithm| (algorithm.name(), algorithm));
        let algorithms = node.items(|item| item.one_of(&choices));
        node.not_empty(algorithms).into_iter().flatten().collect()
    }

    /// The schema of such a list that is `default` unless it is given.
    pub(super) fn schema_of_list(default: &[Self]) -> Value {
        let names = |algorithms: &[Self]| algorithms.iter().map(|one| one.name()).collect::<Vec<_>>();
        let list = array(one_of(&Self::ALL.map(|algorithm| (algorithm.name(), ()))));
        with_default(not_empty(list), names(default))
    }

    /// The algorithm with that name, if there is one.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().as_bytes() == name)
    }
}
