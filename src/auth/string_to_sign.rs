//! The text whose MAC is the signature: `name: value` for each signed header, joined by line feeds (SPEC section 5).

use super::Failure;
use super::headers::{Field, Headers, Occurrence};

/// A signed value longer than this is refused: 4 KiB.
const MAX_VALUE_LEN: usize = 4096;

/// The signed headers, in the order signed; each is there exactly once.
pub(super) struct SignedHeaders<'a>(Vec<Field<'a>>);

/// How the names of the signed headers are spelled in the string to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// In lower case, as documented.
    LowerCase,
    /// As the caller wrote them, as some clients do.
    AsWritten,
}

// === impl SignedHeaders ===

impl<'a> SignedHeaders<'a> {
    /// Finds the headers of these names in the request.
    pub(super) fn find(names: impl Iterator<Item = &'a [u8]>, headers: Headers<'a>) -> Result<Self, Failure> {
        let mut found = Vec::with_capacity(4);
        let mut repeated = false;
        for name in names {
            match occurrence(name, headers) {
                Occurrence::Once(value) if value.len() <= MAX_VALUE_LEN => found.push((name, value)),
                Occurrence::Once(_) | Occurrence::Absent => {
                    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                    return Err(Failure::HeaderMissing(name));
                }
                Occurrence::Repeated => repeated = true,
            }
        }
        // Told only when no signed header is absent: checks run in the order of SPEC's table.
        if repeated { Err(Failure::HeaderRepeated) } else { Ok(Self(found)) }
    }

    /// Whether the two spellings differ.
    pub(super) fn has_upper_case(&self) -> bool {
        self.0.iter().any(|(name, _)| name.iter().any(u8::is_ascii_uppercase))
    }

    /// The text to be signed.
    pub(super) fn string_to_sign(&self, spelling: Spelling) -> Vec<u8> {
        let line = |(name, value): &Field<'_>| name.len().saturating_add(value.len()).saturating_add(3);
        let mut text = Vec::with_capacity(self.0.iter().map(line).sum());
        for (i, (name, value)) in self.0.iter().enumerate() {
            if i > 0 {
                text.push(b'\n');
            }
            match spelling {
                Spelling::LowerCase => text.extend(name.iter().map(u8::to_ascii_lowercase)),
                Spelling::AsWritten => text.extend_from_slice(name),
            }
            text.extend_from_slice(b": ");
            text.extend_from_slice(value);
        }
        text
    }
}

/// The header that a signed name means: `host` is `:authority`.
fn occurrence<'a>(name: &[u8], headers: Headers<'a>) -> Occurrence<'a> {
    if name.eq_ignore_ascii_case(b"host") {
        headers.occurrence(b":authority")
    } else if name.iter().any(u8::is_ascii_uppercase) {
        headers.occurrence(&name.to_ascii_lowercase())
    } else {
        headers.occurrence(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_nothing_follows_the_last() {
        let fields: [Field<'_>; 4] =
            [(b":authority", b"a:80"), (b"x-date", b" now "), (b"source", b""), (b"x", b"a, b|c:\xff")];
        let headers = Headers::new(&fields);
        let text = |names: &[&'static str], spelling| {
            let names = names.iter().map(|name| name.as_bytes());
            SignedHeaders::find(names, headers).map(|signed| signed.string_to_sign(spelling))
        };
        assert_eq!(text(&["x-date"], Spelling::LowerCase), Ok(b"x-date: now".to_vec()));
        assert_eq!(
            text(&["X", "source", "Host"], Spelling::LowerCase),
            Ok(b"x: a, b|c:\xff\nsource: \nhost: a:80".to_vec())
        );
        assert_eq!(text(&["X", "Host"], Spelling::AsWritten), Ok(b"X: a, b|c:\xff\nHost: a:80".to_vec()));
    }

    #[test]
    fn an_absent_header_is_told_before_a_repeated_one() {
        let fields: [Field<'_>; 3] = [(b"a", b"1"), (b"a", b"2"), (b"b", b"1")];
        let find = |names: &[&'static str]| {
            let names = names.iter().map(|name| name.as_bytes());
            SignedHeaders::find(names, Headers::new(&fields)).map(|signed| signed.0.len())
        };
        assert_eq!(find(&["b"]), Ok(1));
        assert_eq!(find(&["a", "b"]), Err(Failure::HeaderRepeated));
        assert_eq!(find(&["a", "C"]), Err(Failure::HeaderMissing("c".to_owned())));
    }

    #[test]
    fn a_value_of_four_kibibytes_is_signed_and_a_longer_one_is_not() {
        let long = vec![b'x'; MAX_VALUE_LEN];
        let longer = vec![b'x'; MAX_VALUE_LEN + 1];
        let fields: [Field<'_>; 2] = [(b"a", &long), (b"b", &longer)];
        let find = |name: &'static str| {
            SignedHeaders::find([name.as_bytes()].into_iter(), Headers::new(&fields)).err()
        };
        assert_eq!(find("a"), None);
        assert_eq!(find("b"), Some(Failure::HeaderMissing("b".to_owned())));
    }
}
