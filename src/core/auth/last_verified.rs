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

/// The largest length of a signature, in bytes: that of HMAC-SHA512 in base64.
const MAX_SIGNATURE: usize = 88;

/// What is compared with what verified last.
#[derive(Clone, Copy)]
pub(super) struct Signed<'r> {
    /// The key, if the document has it and it may call.
    pub(super) key: Option<KeyIndex>,
    pub(super) algorithm: Algorithm,
    pub(super) text: &'r [u8],
    /// The signature as it was sent, which need not be decoded for this.
    pub(super) signature: &'r [u8],
}

/// The texts that verified last, each with its signature.
pub(super) struct LastVerified(RefCell<Box<[Verified; PLACES]>>);

struct Verified {
    key: Option<KeyIndex>,
    algorithm: Algorithm,
    secret: SecretUsed,
    text: [u8; MAX_TEXT],
    text_len: usize,
    signature: [u8; MAX_SIGNATURE],
    signature_len: usize,
}

// === impl LastVerified ===

impl LastVerified {
    /// The secret that made the signature, if it verified with this text the last time.
    ///
    /// What a comparison costs depends on the lengths of what was sent alone, not on what is kept or on where
    /// it differs. So time tells nobody what another caller signed, or which keys were used.
    pub(super) fn find(&self, signed: &Signed<'_>) -> Option<SecretUsed> {
        let places = self.0.borrow();
        let kept = places.get(place_of(signed.key))?;
        let kept_text = kept.text.get(..signed.text.len())?;
        let kept_signature = kept.signature.get(..signed.signature.len())?;
        let differs = difference(kept_text, signed.text)
            | difference(kept_signature, signed.signature)
            | distance(kept.text_len, signed.text.len())
            | distance(kept.signature_len, signed.signature.len())
            | distance(position(kept.key), position(signed.key))
            | distance(kept.algorithm as usize, signed.algorithm as usize);
        (black_box(differs) == 0 && signed.key.is_some()).then_some(kept.secret)
    }

    /// Keeps a text that was verified. A long one is not kept.
    pub(super) fn keep(&self, signed: &Signed<'_>, secret: SecretUsed) {
        let mut places = self.0.borrow_mut();
        let Some(kept) = places.get_mut(place_of(signed.key)) else { return };
        let Some(text) = kept.text.get_mut(..signed.text.len()) else { return };
        let Some(signature) = kept.signature.get_mut(..signed.signature.len()) else { return };
        text.copy_from_slice(signed.text);
        signature.copy_from_slice(signed.signature);
        (kept.text_len, kept.signature_len) = (signed.text.len(), signed.signature.len());
        (kept.key, kept.algorithm, kept.secret) = (signed.key, signed.algorithm, secret);
    }
}

impl Default for LastVerified {
    /// Nothing was verified: no key is kept, so nothing is found.
    fn default() -> Self {
        let nothing = |_| Verified {
            key: None,
            algorithm: Algorithm::HmacSha1,
            secret: SecretUsed::Current,
            text: [0; MAX_TEXT],
            text_len: 0,
            signature: [0; MAX_SIGNATURE],
            signature_len: 0,
        };
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

    const SIGNATURE: &[u8] = b"BwcHBwcHBwcHBwcHBwcHBwcHBwc=";

    fn signed(key: Option<KeyIndex>, text: &[u8]) -> Signed<'_> {
        Signed { key, algorithm: Algorithm::HmacSha1, text, signature: SIGNATURE }
    }

    #[test]
    fn only_the_same_bytes_of_the_same_key_and_algorithm_are_found() {
        let [first, second, ninth] = keys();
        let text = b"x-date: now\nsource: bench";
        let (last, kept) = (LastVerified::default(), signed(Some(first), text));
        assert_eq!(last.find(&kept), None);
        last.keep(&kept, SecretUsed::Previous);
        assert_eq!(last.find(&kept), Some(SecretUsed::Previous));
        for length in 0..text.len() {
            assert_eq!(last.find(&Signed { text: &text[..length], ..kept }), None);
            let mut other = text.to_vec();
            other[length] ^= 1;
            assert_eq!(last.find(&Signed { text: &other, ..kept }), None);
        }
        assert_eq!(last.find(&Signed { text: &[&text[..], b"\0"].concat(), ..kept }), None);
        for length in 0..SIGNATURE.len() {
            assert_eq!(last.find(&Signed { signature: &SIGNATURE[..length], ..kept }), None);
            let mut other = SIGNATURE.to_vec();
            other[length] ^= 0x80;
            assert_eq!(last.find(&Signed { signature: &other, ..kept }), None);
        }
        assert_eq!(last.find(&Signed { signature: &[SIGNATURE, b"\0"].concat(), ..kept }), None);
        assert_eq!(last.find(&Signed { algorithm: Algorithm::HmacSha256, ..kept }), None);
        for key in [None, Some(second), Some(ninth)] {
            assert_eq!(last.find(&Signed { key, ..kept }), None);
        }
        last.keep(&signed(Some(ninth), text), SecretUsed::Current);
        assert_eq!(last.find(&kept), None);
        assert_eq!(last.find(&signed(Some(ninth), text)), Some(SecretUsed::Current));
    }

    #[test]
    fn without_a_key_nothing_is_found_even_where_nothing_was_kept() {
        let nothing = Signed { signature: b"", ..signed(None, b"") };
        assert_eq!(LastVerified::default().find(&nothing), None);
    }

    #[test]
    fn a_text_of_512_bytes_is_kept_and_a_longer_one_is_not() {
        let (last, key) = (LastVerified::default(), Some(keys()[0]));
        let text = [b'x'; MAX_TEXT + 1];
        last.keep(&signed(key, &text), SecretUsed::Current);
        assert_eq!(last.find(&signed(key, &text)), None);
        last.keep(&signed(key, &text[1..]), SecretUsed::Current);
        assert_eq!(last.find(&signed(key, &text[1..])), Some(SecretUsed::Current));
        assert_eq!(last.find(&signed(key, &text)), None);
    }

    #[test]
    fn the_longest_signature_is_kept_and_one_that_can_be_none_is_not() {
        let (last, key, signature) = (LastVerified::default(), Some(keys()[0]), [b'x'; MAX_SIGNATURE + 1]);
        let of_length = |length| Signed { signature: &signature[..length], ..signed(key, b"x-date: now") };
        for (length, found) in [(MAX_SIGNATURE + 1, None), (MAX_SIGNATURE, Some(SecretUsed::Current))] {
            last.keep(&of_length(length), SecretUsed::Current);
            assert_eq!(last.find(&of_length(length)), found, "{length}");
        }
    }
}
