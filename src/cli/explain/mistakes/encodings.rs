//! The signature received, read in every way that it may have been written.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, engine::general_purpose};

use super::Variant;

/// The MACs that `signature` may stand for, with what is wrong with how it is written.
pub(super) fn read(signature: &[u8]) -> Vec<Variant> {
    let mut read: Vec<Variant> = Vec::new();
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = GeneralPurpose::new(&STANDARD, lenient);
    let url_safe = GeneralPurpose::new(&URL_SAFE, lenient);
    let mut add = |bytes: Option<Vec<u8>>, mistake: &str| {
        if let Some(bytes) = bytes.filter(|bytes| read.iter().all(|(known, _)| known != bytes)) {
            read.push((bytes, mistake.to_owned()));
        }
    };
    add(general_purpose::STANDARD.decode(signature).ok(), "");
    add(unhex(signature), "a signature in hexadecimal digits, not base64");
    let inner = standard.decode(signature).ok();
    add(
        inner.as_deref().and_then(unhex),
        "a signature that is the base64 of hexadecimal digits, not of the bytes",
    );
    add(inner.as_deref().and_then(|inner| standard.decode(inner).ok()), "a signature in base64 twice");
    add(standard.decode(signature).ok(), "a signature in base64 without its padding");
    add(
        url_safe.decode(signature).ok(),
        "a signature in the URL-safe alphabet of base64, not the standard one",
    );
    let spaced: Vec<u8> = signature.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
    add(standard.decode(spaced).ok(), "a signature whose + has become a space");
    let unescaped = unescape(signature);
    add(standard.decode(&unescaped).ok(), "a signature that is percent-encoded");
    add(standard.decode(signature.trim_ascii()).ok(), "a signature with white space around it");
    let joined: Vec<u8> = signature.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    add(standard.decode(joined).ok(), "a signature with white space in it");
    read
}

/// `%2B` → `+`
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        match escaped.and_then(|(digits, after)| Some((unhex(digits)?, after))) {
            Some((byte, after)) => {
                plain.extend(byte);
                rest = after;
            }
            None => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2 && !pair.starts_with('+'))?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits.collect()
}
