//! A secret key that cannot be printed by accident.

use std::fmt;

use zeroize::Zeroizing;

/// A secret key. It is wiped from memory when it is dropped, and debug output shows `[redacted]` instead.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

// === impl Secret ===

impl Secret {
    /// Wraps the string of a secret key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The string of the secret key, for making a MAC or writing the document. It must not be logged.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("beta-secret-key-0001")), "[redacted]");
    }
}
