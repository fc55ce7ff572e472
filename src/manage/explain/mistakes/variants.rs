//! What a caller may have used instead of the right bytes.

use usage_plan_core::sentence::{Phrase, Sentence};

/// The right bytes and others that a mistake makes of them, each once: the first mistake that makes them
/// names them.
pub(super) struct Variants(Vec<Variant>);

/// Bytes, and the mistake that makes them; none if they are right.
pub(super) struct Variant {
    pub(super) bytes: Vec<u8>,
    pub(super) mistake: Option<Sentence>,
}

// === impl Variants ===

impl Variants {
    pub(super) fn new(right: Option<Vec<u8>>) -> Self {
        Self(right.into_iter().map(|bytes| Variant { bytes, mistake: None }).collect())
    }

    /// Adds `bytes` unless they are known.
    pub(super) fn add(&mut self, bytes: Vec<u8>, mistake: impl Into<Sentence>) {
        if self.find(&bytes).is_none() {
            self.0.push(Variant { bytes, mistake: Some(mistake.into()) });
        }
    }

    /// Adds `bytes` if there are any and they are not known.
    pub(super) fn add_any(&mut self, bytes: Option<Vec<u8>>, mistake: Phrase) {
        if let Some(bytes) = bytes {
            self.add(bytes, mistake);
        }
    }

    pub(super) fn find(&self, bytes: &[u8]) -> Option<&Variant> {
        self.0.iter().find(|variant| variant.bytes == bytes)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Variant> {
        self.0.iter()
    }
}
