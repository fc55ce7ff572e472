//! The grammar of the credential (SPEC section 5):
//!
//! ```text
//! Authorization = "hmac" 1*SP param 3*( *SP "," *SP param )
//! param         = name "=" DQUOTE *( any byte but DQUOTE ) DQUOTE
//! name          = "id" / "algorithm" / "headers" / "signature"
//! ```
//!
//! The scheme's case does not matter, nor does the order of the parameters; each is there once.

use super::Failure;

/// More signed headers than any caller sends.
const MAX_SIGNED_HEADERS: usize = 32;

/// A credential as it was sent: well formed, nothing of it verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Credential<'a> {
    pub(super) id: &'a str,
    pub(super) algorithm: &'a str,
    /// The names of the signed headers, as written and in their order; no name twice.
    pub(super) headers: Vec<&'a str>,
    pub(super) signature: &'a str,
}

/// Whether an `Authorization` value has the scheme `hmac`.
pub(super) fn has_scheme(value: &[u8]) -> bool {
    let scheme = value.split(|byte| is_space(*byte)).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"hmac")
}

// === impl Credential ===

impl<'a> Credential<'a> {
    /// Parses the value of an `Authorization` header that [has the scheme](has_scheme).
    pub(super) fn parse(value: &'a [u8]) -> Result<Self, Failure> {
        let value = std::str::from_utf8(value).map_err(|_| Failure::Malformed)?;
        let [mut id, mut algorithm, mut headers, mut signature] = [None; 4];
        let (_, mut rest) = value.split_once([' ', '\t']).ok_or(Failure::Malformed)?;
        loop {
            let (name, value, after) = parameter(skip_spaces(rest)).ok_or(Failure::Malformed)?;
            let slot = match name {
                "id" => &mut id,
                "algorithm" => &mut algorithm,
                "headers" => &mut headers,
                "signature" => &mut signature,
                _ => return Err(Failure::Malformed),
            };
            if slot.replace(value).is_some() {
                return Err(Failure::Malformed);
            }
            let after = skip_spaces(after);
            if after.is_empty() {
                break;
            }
            rest = after.strip_prefix(',').ok_or(Failure::Malformed)?;
        }
        let headers = headers.map(signed_headers).transpose()?;
        match (id, algorithm, headers, signature) {
            (Some(id), Some(algorithm), Some(headers), Some(signature)) => {
                if id.is_empty() || signature.is_empty() {
                    return Err(Failure::Empty);
                }
                Ok(Self { id, algorithm, headers, signature })
            }
            _ => Err(Failure::Incomplete),
        }
    }
}

/// `name="value"` at the start of `text`, and what follows it.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let (value, rest) = rest.strip_prefix('"')?.split_once('"')?;
    Some((name, value, rest))
}

fn signed_headers(list: &str) -> Result<Vec<&str>, Failure> {
    let names: Vec<&str> = list.split([' ', '\t']).filter(|name| !name.is_empty()).collect();
    let is_twice =
        |(i, name): (usize, &&str)| names.iter().take(i).any(|other| other.eq_ignore_ascii_case(name));
    let is_wrong = names.is_empty()
        || names.len() > MAX_SIGNED_HEADERS
        || names.iter().any(|name| name.starts_with(':'))
        || names.iter().enumerate().any(is_twice);
    if is_wrong { Err(Failure::Malformed) } else { Ok(names) }
}

fn skip_spaces(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(value: &str) -> Result<Credential<'_>, Failure> {
        Credential::parse(value.as_bytes())
    }

    const WHOLE: &str = r#"hmac id="AKID", algorithm="hmac-sha1", headers="x-date source", signature="c2ln""#;

    #[test]
    fn the_documented_form_is_parsed() {
        let credential = parse(WHOLE).expect("well formed");
        assert_eq!((credential.id, credential.algorithm), ("AKID", "hmac-sha1"));
        assert_eq!(credential.headers, ["x-date", "source"]);
        assert_eq!(credential.signature, "c2ln");
    }

    #[test]
    fn order_spaces_and_the_scheme_s_case_do_not_matter() {
        for same in [
            r#"HMAC signature="c2ln",headers="x-date source",algorithm="hmac-sha1",id="AKID""#,
            "Hmac \t id=\"AKID\"  ,  algorithm=\"hmac-sha1\",\theaders=\" x-date  source \", signature=\"c2ln\"  ",
        ] {
            assert!(has_scheme(same.as_bytes()));
            assert_eq!(parse(same), parse(WHOLE), "{same}");
        }
    }

    #[test]
    fn another_scheme_is_not_ours() {
        for other in ["", "Basic x", "hmacid=\"x\"", "hmac,id=\"x\"", "\u{fffd}"] {
            assert!(!has_scheme(other.as_bytes()), "{other}");
        }
        assert!(has_scheme(b"hmac"));
    }

    #[test]
    fn what_is_refused_as_malformed() {
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
        assert_eq!(Credential::parse(b"hmac id=\"\xff\""), Err(Failure::Malformed));
    }

    #[test]
    fn thirty_two_signed_headers_are_accepted() {
        let many = (0..32).map(|i| format!("h{i}")).collect::<Vec<_>>().join(" ");
        assert_eq!(parse(&WHOLE.replace("x-date source", &many)).map(|c| c.headers.len()), Ok(32));
    }

    #[test]
    fn a_missing_parameter_and_an_empty_one_have_their_own_refusals() {
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
        fn no_bytes_panic(value in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = has_scheme(&value);
            let _ = Credential::parse(&value);
        }

        #[test]
        fn nearly_right_text_does_not_panic_and_is_never_read_as_two(
            cut in 0..WHOLE.len(), insert in "[\"=, a-z:]{0,8}"
        ) {
            let text = format!("{}{insert}{}", &WHOLE[..cut], &WHOLE[cut..]);
            if let Ok(credential) = parse(&text) {
                for name in ["id", "algorithm", "headers", "signature"] {
                    let parameter = format!("{name}=\"");
                    prop_assert!(text.contains(&parameter));
                }
                prop_assert!(!credential.headers.is_empty());
            }
        }
    }
}
