//! The string whose MAC is the signature: `name: value` for each signed header, joined by line feeds
//! (`docs/rules.md#signature`).

use super::failure::{Failure, quoted};
use super::signed_names::SignedNames;
use crate::request::{Headers, Occurrence};

/// The largest length of a signed header's value, in bytes. A longer value is refused like an absent one.
const MAX_VALUE_LEN: usize = 4096;

/// How the names of the signed headers are spelled in the string to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// In lower case, as documented.
    LowerCase,
    /// As the caller wrote them, which some clients sign.
    AsWritten,
}

/// The string to sign: a line for each of `names`, in their order.
///
/// # Errors
///
/// A signed header is absent or too long ([`Failure::HeaderMissing`]) or present more than once
/// ([`Failure::HeaderRepeated`]).
#[inline(never)]
pub fn string_to_sign(
    names: &SignedNames<'_>,
    headers: Headers<'_>,
    spelling: Spelling,
) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::with_capacity(128);
    let mut repeated = false;
    for (name, occurrence) in names.find(headers) {
        let value = match occurrence {
            Occurrence::Once(value) if value.len() <= MAX_VALUE_LEN => value,
            Occurrence::Once(_) | Occurrence::Absent => {
                return Err(Failure::HeaderMissing(quoted(name).to_ascii_lowercase()));
            }
            Occurrence::Repeated => {
                repeated = true;
                continue;
            }
        };
        if !text.is_empty() {
            text.push(b'\n');
        }
        if spelling == Spelling::LowerCase && names.has_upper_case() {
            text.extend(name.iter().map(u8::to_ascii_lowercase));
        } else {
            text.extend_from_slice(name);
        }
        text.extend_from_slice(b": ");
        text.extend_from_slice(value);
    }
    // An absent header is reported before a repeated one: the order of `docs/rules.md#refusals`.
    if repeated { Err(Failure::HeaderRepeated) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Field;

    fn sign(names: &str, fields: &[Field<'_>], spelling: Spelling) -> Result<Vec<u8>, Failure> {
        let names = SignedNames::parse(names.as_bytes()).expect("well formed");
        string_to_sign(&names, Headers::new(fields), spelling)
    }

    #[test]
    fn lines_are_joined_and_nothing_follows_the_last_line() {
        let fields: [Field<'_>; 4] =
            [(b":authority", b"a:80"), (b"x-date", b" now "), (b"source", b""), (b"x", b"a, b|c:\xff")];
        let text = |names: &str, spelling| sign(names, &fields, spelling);
        assert_eq!(text("x-date", Spelling::LowerCase), Ok(b"x-date: now".to_vec()));
        assert_eq!(
            text("X source Host", Spelling::LowerCase),
            Ok(b"x: a, b|c:\xff\nsource: \nhost: a:80".to_vec())
        );
        assert_eq!(text("X Host", Spelling::AsWritten), Ok(b"X: a, b|c:\xff\nHost: a:80".to_vec()));
    }

    #[test]
    fn an_absent_header_is_reported_before_a_repeated_one() {
        let fields: [Field<'_>; 3] = [(b"a", b"1"), (b"a", b"2"), (b"b", b"1")];
        let sign = |names: &str| sign(names, &fields, Spelling::LowerCase);
        assert_eq!(sign("b"), Ok(b"b: 1".to_vec()));
        assert_eq!(sign("a b"), Err(Failure::HeaderRepeated));
        assert_eq!(sign("a C"), Err(Failure::HeaderMissing("c".to_owned())));
    }

    #[test]
    fn a_value_of_four_kibibytes_is_signed_and_a_longer_one_is_not() {
        let long = vec![b'x'; MAX_VALUE_LEN + 1];
        let fields: [Field<'_>; 2] = [(b"a", &long[1..]), (b"b", &long)];
        assert_eq!(sign("a", &fields, Spelling::LowerCase).map(|text| text.len()), Ok(3 + MAX_VALUE_LEN));
        let missing = Failure::HeaderMissing("b".to_owned());
        assert_eq!(sign("b", &fields, Spelling::LowerCase), Err(missing));
    }
}
