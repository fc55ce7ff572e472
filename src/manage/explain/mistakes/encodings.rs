//! The signature received, decoded in every way in which callers encode one.

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, engine::general_purpose};

use super::phrases;
use super::variants::Variants;

/// The MACs that `signature` may stand for, with the mistake in how each was written.
pub(super) fn decode(signature: &[u8]) -> Variants {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = |text: &[u8]| GeneralPurpose::new(&STANDARD, lenient).decode(text).ok();
    let url_safe = |text: &[u8]| GeneralPurpose::new(&URL_SAFE, lenient).decode(text).ok();
    let mut macs = Variants::new(general_purpose::STANDARD.decode(signature).ok());
    macs.add_any(unhex(signature), phrases::HEXADECIMAL);
    let inner = standard(signature).unwrap_or_default();
    macs.add_any(unhex(&inner), phrases::BASE64_OF_HEXADECIMAL);
    macs.add_any(standard(&inner), phrases::BASE64_TWICE);
    macs.add_any(standard(signature), phrases::NO_PADDING);
    macs.add_any(url_safe(signature), phrases::URL_SAFE);
    let spaces_as_plus: Vec<u8> =
        signature.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect();
    macs.add_any(standard(&spaces_as_plus), phrases::PLUS);
    macs.add_any(standard(&percent_decode(signature)), phrases::SIGNATURE_ENCODED);
    macs.add_any(standard(signature.trim_ascii()), phrases::SPACE_AROUND);
    let without_space: Vec<u8> =
        signature.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    macs.add_any(standard(&without_space), phrases::SPACE_IN);
    macs
}

/// Decodes `%2B` to `+`, and so on; what is not an escape stays as it is.
pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match after.split_at_checked(2) {
            Some((digits, after)) if *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit) => {
                decoded.extend(unhex(digits).unwrap_or_default());
                rest = after;
            }
            _ => decoded.push(*first),
        }
    }
    decoded
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2 && !pair.starts_with('+'))?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits.collect()
}
