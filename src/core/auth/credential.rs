//! The grammar of the credential (`docs/rules.md#signature`):
//!
//! ```text
//! Authorization = "hmac" 1*SP param 3*( *SP "," *SP param )
//! param         = name "=" DQUOTE *( any byte but DQUOTE ) DQUOTE
//! name          = "id" / "algorithm" / "headers" / "signature"
//! ```
//!
//! The scheme is case-insensitive, and the parameters may be in any order. Each parameter is present exactly
//! once.

use memchr::{memchr, memchr2};

use super::failure::Failure;
use super::signed_names::{SignedNames, skip_space};

/// A credential as it was sent. Its form is checked; its signature is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// The `secret_id` of the caller's key.
    pub id: &'a [u8],
    /// The name of the MAC algorithm.
    pub algorithm: &'a [u8],
    /// The names of the signed headers.
    pub headers: SignedNames<'a>,
    /// The MAC in base64.
    pub signature: &'a [u8],
}

/// Whether an `Authorization` value has the scheme `hmac`.
pub fn has_scheme(value: &[u8]) -> bool {
    let scheme = split_once(value, memchr2(b' ', b'\t', value)).map_or(value, |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case(b"hmac")
}

// === impl Credential ===

impl<'a> Credential<'a> {
    /// Parses the value of an `Authorization` header that [has the scheme](has_scheme).
    ///
    /// # Errors
    ///
    /// The value does not follow the grammar ([`Failure::Malformed`]), a parameter is missing
    /// ([`Failure::Incomplete`]), or `id` or `signature` is empty ([`Failure::Empty`]).
    pub fn parse(value: &'a [u8]) -> Result<Self, Failure> {
        let [mut id, mut algorithm, mut headers, mut signature] = [None; 4];
        let (_, mut rest) = split_once(value, memchr2(b' ', b'\t', value)).ok_or(Failure::Malformed)?;
        loop {
            let (name, value, after) = parameter(skip_space(rest)).ok_or(Failure::Malformed)?;
            let slot = match name {
                b"id" => &mut id,
                b"algorithm" => &mut algorithm,
                b"headers" => &mut headers,
                b"signature" => &mut signature,
                _ => return Err(Failure::Malformed),
            };
            if slot.replace(value).is_some() {
                return Err(Failure::Malformed);
            }
            rest = match skip_space(after) {
                [] => break,
                [b',', rest @ ..] => rest,
                _ => return Err(Failure::Malformed),
            };
        }
        let headers = headers.map(SignedNames::parse).transpose()?;
        match (id, algorithm, headers, signature) {
            (Some([]), Some(_), Some(_), Some(_)) | (Some(_), Some(_), Some(_), Some([])) => {
                Err(Failure::Empty)
            }
            (Some(id), Some(algorithm), Some(headers), Some(signature)) => {
                Ok(Self { id, algorithm, headers, signature })
            }
            _ => Err(Failure::Incomplete),
        }
    }
}

/// Splits `name="value"` off the start of `text`: the name, the value, and the rest of the text.
fn parameter(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = split_once(text, memchr(b'=', text))?;
    let quoted = rest.strip_prefix(b"\"")?;
    let (value, rest) = split_once(quoted, memchr(b'"', quoted))?;
    Some((name, value, rest))
}

/// What is before the separator at an index of `text`, and what is after it.
fn split_once(text: &[u8], separator: Option<usize>) -> Option<(&[u8], &[u8])> {
    let (before, from) = text.split_at_checked(separator?)?;
    Some((before, from.get(1..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(value: &str) -> Result<Credential<'_>, Failure> {
        Credential::parse(value.as_bytes())
    }

    fn names(credential: &Credential<'_>) -> Vec<String> {
        credential.headers.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    const WHOLE: &str = r#"hmac id="AKID", algorithm="hmac-sha1", headers="x-date source", signature="c2ln""#;

    #[test]
    fn the_documented_form_is_parsed() {
        let credential = parse(WHOLE).expect("well formed");
        assert_eq!((credential.id, credential.algorithm), (&b"AKID"[..], &b"hmac-sha1"[..]));
        assert_eq!(names(&credential), ["x-date", "source"]);
        assert_eq!(credential.signature, b"c2ln");
    }

    #[test]
    fn order_spaces_and_case_of_the_scheme_do_not_matter() {
        for same in [
            r#"HMAC signature="c2ln",headers="x-date source",algorithm="hmac-sha1",id="AKID""#,
            "Hmac \t id=\"AKID\"  ,  algorithm=\"hmac-sha1\",\theaders=\" x-date  source \", signature=\"c2ln\"  ",
        ] {
            assert!(has_scheme(same.as_bytes()));
            let (same, whole) = (parse(same).expect(same), parse(WHOLE).expect("well formed"));
            assert_eq!(names(&same), names(&whole));
            assert_eq!(Credential { headers: whole.headers.clone(), ..same }, whole);
        }
    }

    #[test]
    fn a_different_scheme_is_not_hmac() {
        for other in ["", "Basic x", "hmacid=\"x\"", "hmac,id=\"x\"", "\u{fffd}"] {
            assert!(!has_scheme(other.as_bytes()), "{other}");
        }
        assert!(has_scheme(b"hmac"));
    }

    #[test]
    fn a_credential_outside_the_grammar_is_malformed() {
        let many = (0..33).map(|i| format!("h{i}")).collect::<Vec<_>>().join(" ");
        for (from, to) in [
            (WHOLE, "hmac"),
            (WHOLE, "hmac "),
            ("id=\"AKID\"", "id=\"AKID\", id=\"AKID\""),
            ("id=\"AKID\"", "id=AKID"),
            ("id=\"AKID\"", "id='AKID'"),
            ("id=\"AKID\"", "id = \"AKID\""),
            ("id=\"AKID\"", "username=\"AKID\""),
            ("id=\"AKID\"", "id=\"AKID\", realm=\"x\""),
            ("id=\"AKID\", ", "id=\"AKID\" "),
            ("id=\"AKID\", ", ", id=\"AKID\", "),
            ("id=\"AKID\", ", "id=\"AKID\",, "),
            ("c2ln\"", "c2ln\","),
            ("c2ln\"", "c2ln\" x"),
            ("c2ln\"", "c2ln\", hmac id=\"AKID\""),
            ("c2ln\"", "c2ln"),
            ("x-date source", ""),
            ("x-date source", "  "),
            ("x-date source", "x-date X-Date"),
            ("x-date source", "x-date :path"),
            ("x-date source", many.as_str()),
        ] {
            let value = WHOLE.replace(from, to);
            assert_eq!(parse(&value), Err(Failure::Malformed), "{value}");
        }
    }

    #[test]
    fn thirty_two_signed_headers_are_accepted() {
        let many = (0..32).map(|i| format!("h{i}")).collect::<Vec<_>>().join(" ");
        assert_eq!(parse(&WHOLE.replace("x-date source", &many)).map(|c| names(&c).len()), Ok(32));
    }

    #[test]
    fn a_missing_parameter_and_an_empty_one_have_different_refusals() {
        for missing in [
            "id=\"AKID\", ",
            "algorithm=\"hmac-sha1\", ",
            "headers=\"x-date source\", ",
            ", signature=\"c2ln\"",
        ] {
            assert_eq!(parse(&WHOLE.replace(missing, "")), Err(Failure::Incomplete), "{missing}");
        }
        for empty in ["AKID", "c2ln"] {
            assert_eq!(parse(&WHOLE.replace(empty, "")), Err(Failure::Empty), "{empty}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_bytes_does_not_panic(value in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = has_scheme(&value);
            let _ = Credential::parse(&value);
        }

        #[test]
        fn an_almost_correct_string_does_not_panic_and_is_read_only_when_it_has_every_parameter(
            cut in 0..WHOLE.len(), insert in "[\"=, a-z:]{0,8}"
        ) {
            let text = format!("{}{insert}{}", &WHOLE[..cut], &WHOLE[cut..]);
            if let Ok(credential) = parse(&text) {
                for name in ["id", "algorithm", "headers", "signature"] {
                    let parameter = format!("{name}=\"");
                    prop_assert!(text.contains(&parameter));
                }
                prop_assert!(!names(&credential).is_empty());
            }
        }
    }
}
