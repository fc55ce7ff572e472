//! The texts whose signatures were verified last. Callers that sign nothing but a date sign the same text for
//! a second, and it need not be hashed again (`docs/rules.md#signature`).
//!
//! Only the MAC is spared, and only for the same bytes: what was verified has the same key, secret,
//! algorithm, text and signature. Everything else about a request is checked each time. A new document begins
//! with nothing.

use std::array;
use std::cell::RefCell;
use std::hint::black_box;

use super::caller::SecretUsed;
use crate::document::Algorithm;
use crate::lookup::KeyIndex;

/// How many texts are kept. A key has one place, which it shares with other keys of a large document.
const PLACES: usize = 8;

/// The largest length of a text that is kept, in bytes.
const MAX_TEXT: usize = 512;

/// The size in bytes of a buffer for a decoded signature: the 64 bytes of HMAC-SHA512, rounded up to base64's
/// groups of three and to words of eight.
pub(super) const MAX_MAC: usize = 72;

/// What is compared with what verified last. The text is apart.
#[derive(Clone, Copy)]
pub(super) struct Signed {
    /// The key, if the document has it and it may call.
    pub(super) key: Option<KeyIndex>,
    pub(super) algorithm: Algorithm,
    /// The decoded signature. What follows its length is part of the comparison, and the same for the same
    /// signature.
    pub(super) signature: [u8; MAX_MAC],
    pub(super) signature_len: usize,
}

/// The texts that verified last, each with its signature.
pub(super) struct LastVerified(RefCell<Box<[Verified; PLACES]>>);

struct Verified {
    signed: Signed,
    secret: SecretUsed,
    text: [u8; MAX_TEXT],
    text_len: usize,
}

// === impl LastVerified ===

impl LastVerified {
    /// The secret that made the signature, if it verified with this text the last time.
    ///
    /// What a comparison costs depends on the length of `text` alone, not on what is kept or on where it
    /// differs. So time tells nobody what another caller signed, or which keys were used.
    pub(super) fn find(&self, signed: &Signed, text: &[u8]) -> Option<SecretUsed> {
        let places = self.0.borrow();
        let kept = places.get(place_of(signed.key))?;
        let kept_text = kept.text.get(..text.len())?;
        let differs = difference(kept_text, text)
            | difference(&kept.signed.signature, &signed.signature)
            | distance(kept.text_len, text.len())
            | distance(kept.signed.signature_len, signed.signature_len)
            | distance(position(kept.signed.key), position(signed.key))
            | distance(kept.signed.algorithm as usize, signed.algorithm as usize);
        (black_box(differs) == 0 && signed.key.is_some()).then_some(kept.secret)
    }

    /// Keeps a text that was verified. A long one is not kept.
    pub(super) fn keep(&self, signed: &Signed, secret: SecretUsed, text: &[u8]) {
        let mut places = self.0.borrow_mut();
        let Some(kept) = places.get_mut(place_of(signed.key)) else { return };
        if let Some(kept_text) = kept.text.get_mut(..text.len()) {
            kept_text.copy_from_slice(text);
            (kept.signed, kept.secret, kept.text_len) = (*signed, secret, text.len());
        }
    }
}

impl Default for LastVerified {
    /// Nothing was verified: no key is kept, so nothing is found.
    fn default() -> Self {
        let signed =
            Signed { key: None, algorithm: Algorithm::HmacSha1, signature: [0; MAX_MAC], signature_len: 0 };
        let nothing = |_| Verified { signed, secret: SecretUsed::Current, text: [0; MAX_TEXT], text_len: 0 };
        Self(RefCell::new(Box::new(array::from_fn(nothing))))
    }
}

/// The index of the place of a key; without a key it is one of them as well, in which nothing is found.
fn place_of(key: Option<KeyIndex>) -> usize {
    position(key) % PLACES
}

/// The position of a key, from 1; 0 for no key.
fn position(key: Option<KeyIndex>) -> usize {
    key.map_or(0, |key| key.position().saturating_add(1))
}

/// 0 when two texts of one length are equal. It reads all of both, wherever they differ.
#[inline]
fn difference(a: &[u8], b: &[u8]) -> u64 {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let words = a_words
        .iter()
        .zip(b_words)
        .fold(0, |sum, (a, b)| sum | (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)));
    a_rest.iter().zip(b_rest).fold(words, |sum, (a, b)| sum | u64::from(a ^ b))
}

/// 0 when two numbers are equal.
fn distance(a: usize, b: usize) -> u64 {
    (a ^ b) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::Config;

    /// The first two keys of a document, and the ninth, which shares the place of the first.
    fn keys() -> [KeyIndex; 3] {
        let key = |i| format!(r#"{{"secret_id": "AKID{i}", "secret_key": "0123456789"}}"#);
        let text = format!(r#"{{"keys": [{}]}}"#, (0..9).map(key).collect::<Vec<_>>().join(","));
        let config = Config::parse(text.as_bytes(), &|_| None).expect("valid");
        [0, 1, 8].map(|i| config.keys().enumerate().nth(i).expect("nine keys").0)
    }

    fn signed(key: Option<KeyIndex>) -> Signed {
        let mut signature = [0; MAX_MAC];
        signature[..20].fill(7);
        Signed { key, algorithm: Algorithm::HmacSha1, signature, signature_len: 20 }
    }

    #[test]
    fn only_the_same_bytes_of_the_same_key_and_algorithm_are_found() {
        let [first, second, ninth] = keys();
        let (last, kept) = (LastVerified::default(), signed(Some(first)));
        let text = b"x-date: now\nsource: bench";
        assert_eq!(last.find(&kept, text), None);
        last.keep(&kept, SecretUsed::Previous, text);
        assert_eq!(last.find(&kept, text), Some(SecretUsed::Previous));
        for length in 0..text.len() {
            assert_eq!(last.find(&kept, &text[..length]), None);
            let mut other = text.to_vec();
            other[length] ^= 1;
            assert_eq!(last.find(&kept, &other), None);
        }
        assert_eq!(last.find(&kept, &[&text[..], b"\0"].concat()), None);
        for byte in 0..MAX_MAC {
            let mut other = kept;
            other.signature[byte] ^= 0x80;
            assert_eq!(last.find(&other, text), None);
        }
        assert_eq!(last.find(&Signed { signature_len: 19, ..kept }, text), None);
        assert_eq!(last.find(&Signed { algorithm: Algorithm::HmacSha256, ..kept }, text), None);
        for key in [None, Some(second), Some(ninth)] {
            assert_eq!(last.find(&Signed { key, ..kept }, text), None);
        }
        last.keep(&signed(Some(ninth)), SecretUsed::Current, text);
        assert_eq!(last.find(&kept, text), None);
        assert_eq!(last.find(&signed(Some(ninth)), text), Some(SecretUsed::Current));
    }

    #[test]
    fn without_a_key_nothing_is_found_even_where_nothing_was_kept() {
        let nothing = Signed { key: None, signature: [0; MAX_MAC], signature_len: 0, ..signed(None) };
        assert_eq!(LastVerified::default().find(&nothing, b""), None);
    }

    #[test]
    fn a_text_of_512_bytes_is_kept_and_a_longer_one_is_not() {
        let (last, key) = (LastVerified::default(), signed(Some(keys()[0])));
        let text = [b'x'; MAX_TEXT + 1];
        last.keep(&key, SecretUsed::Current, &text);
        assert_eq!(last.find(&key, &text), None);
        last.keep(&key, SecretUsed::Current, &text[1..]);
        assert_eq!(last.find(&key, &text[1..]), Some(SecretUsed::Current));
        assert_eq!(last.find(&key, &text), None);
    }
}
