//! The header `Authorization` of a request: `TC3-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.

use std::collections::BTreeSet;

/// The algorithm, as the header and the string to sign name it.
pub(super) const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// The last part of every scope.
pub(super) const TERMINATOR: &str = "tc3_request";

/// How many headers may be signed.
const MAX_SIGNED: usize = 64;

/// What the header claims.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    /// The operator's id.
    pub(super) id: &'a str,
    /// The day of the scope, `YYYY-MM-DD`.
    pub(super) date: &'a str,
    /// The service of the scope: clients derive it from the host they call, so it is any word.
    pub(super) service: &'a str,
    /// The names of the signed headers, as they were written.
    pub(super) signed_headers: &'a str,
    /// The signature.
    pub(super) signature: [u8; 32],
}

// === impl Authorization ===

impl<'a> Authorization<'a> {
    /// Reads the header. The error is a sentence about what is wrong.
    pub(super) fn parse(header: &'a str) -> Result<Self, &'static str> {
        let fields = header.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(' '));
        let Some(fields) = fields else {
            return Err(
                "The header Authorization must begin with TC3-HMAC-SHA256: sign each request with it.",
            );
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field.trim().split_once('=').unwrap_or_default();
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(FIELDS),
            };
            if place.replace(value).is_some() {
                return Err(FIELDS);
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (credential, signed_headers, signature)
        else {
            return Err(FIELDS);
        };
        let parts: Vec<&str> = credential.split('/').collect();
        let [id, date, service, TERMINATOR] = parts[..] else {
            return Err("Credential must be SecretId/YYYY-MM-DD/service/tc3_request.");
        };
        let names = || signed_headers.split(';');
        if !["content-type", "host"].iter().all(|needed| names().any(|name| name == *needed)) {
            return Err("SignedHeaders must name content-type and host.");
        }
        // What is signed is as long as all of their values, and is put together before anybody is known.
        let mut once = BTreeSet::new();
        if !names().take(MAX_SIGNED + 1).all(|name| once.insert(name)) || once.len() > MAX_SIGNED {
            return Err("SignedHeaders must name each header once, and 64 headers at most.");
        }
        let signature = hex(signature).ok_or("Signature must be 64 hexadecimal digits.")?;
        Ok(Self { id, date, service, signed_headers, signature })
    }
}

const FIELDS: &str =
    "The header Authorization must have Credential, SignedHeaders and Signature, each of them once.";

/// The bytes that hexadecimal digits mean.
fn hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(credential: &str, signed: &str, signature: &str) -> String {
        format!("TC3-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}")
    }

    #[test]
    fn the_service_of_the_scope_is_any_word() {
        let signature = "ab".repeat(32);
        for service in ["apigateway", "127", "tag"] {
            let text =
                header(&format!("ada/2026-11-29/{service}/tc3_request"), "content-type;host", &signature);
            let read = Authorization::parse(&text).expect("read");
            assert_eq!((read.id, read.date, read.service), ("ada", "2026-11-29", service));
            assert_eq!((read.signed_headers, read.signature), ("content-type;host", [0xab; 32]));
        }
    }

    #[test]
    fn what_is_no_signature_of_this_kind_is_told_why() {
        let (credential, names) = ("ada/2026-11-29/apigateway/tc3_request", "content-type;host");
        let signature = "ab".repeat(32);
        let many = (0..63).fold(names.to_owned(), |names, number| format!("{names};x-{number}"));
        for (text, expected) in [
            ("SKIP".to_owned(), "must begin with TC3-HMAC-SHA256"),
            ("Basic YTpi".to_owned(), "must begin with"),
            (String::new(), "must begin with"),
            ("TC3-HMAC-SHA256 Credential=a".to_owned(), "each of them once"),
            (
                format!("{}, Signature={signature}", header(credential, names, &signature)),
                "each of them once",
            ),
            (header("ada/2026-11-29/tc3_request", names, &signature), "Credential must be"),
            (header(credential, "content-type", &signature), "must name content-type and host"),
            (header(credential, "content-type;host;a;a", &signature), "each header once"),
            (header(credential, &many, &signature), "64 headers at most"),
            (header(credential, names, "abc"), "64 hexadecimal digits"),
            (header(credential, names, &"xy".repeat(32)), "64 hexadecimal digits"),
        ] {
            let error = Authorization::parse(&text).expect_err(&text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
