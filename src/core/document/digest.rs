//! The digest of a document's text, by which an operator sees which document is in force.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The first 48 bits of the SHA-256 of a document's text, as Envoy gives it to the filter. It is printed as
/// 12 hexadecimal digits. A gauge of Envoy can hold it, and a reader whose numbers are floating point keeps
/// all its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

// === impl Digest ===

impl Digest {
    /// The digest of `text`.
    pub fn of(text: &[u8]) -> Self {
        let hash = Sha256::digest(text);
        Self(hash.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The digest that a gauge shows as `number`; `None` if it has more than 48 bits.
    pub fn from_gauge(number: u64) -> Option<Self> {
        (number >> 48 == 0).then_some(Self(number))
    }

    /// The number that a gauge shows.
    pub fn to_gauge(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:012x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_the_sha_256_as_hexadecimal_digits_and_as_a_number() {
        // What `printf '' | sha256sum` and `printf 286 | sha256sum` print begins so.
        for (text, printed, number) in
            [("", "e3b0c44298fc", 0xe3b0_c442_98fc), ("286", "00328ce57bbc", 0x0032_8ce5_7bbc)]
        {
            let digest = Digest::of(text.as_bytes());
            assert_eq!((digest.to_string().as_str(), digest.to_gauge()), (printed, number));
            assert_eq!(Digest::from_gauge(number), Some(digest));
        }
        assert_eq!(Digest::from_gauge(1 << 48), None);
    }
}
