//! Signs requests as the callers of the cloud product do, independently of the filter's code.

use std::time::SystemTime;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::http::Request;

/// The algorithm of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-sha1`, which every published client uses.
    Sha1,
    /// `hmac-sha256`
    Sha256,
    /// `hmac-sha384`
    Sha384,
    /// `hmac-sha512`
    Sha512,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in the `Authorization` header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "hmac-sha1",
            Self::Sha256 => "hmac-sha256",
            Self::Sha384 => "hmac-sha384",
            Self::Sha512 => "hmac-sha512",
        }
    }

    /// The MAC of `text` as padded base64.
    pub fn mac(self, secret_key: &str, text: &[u8]) -> String {
        fn mac<M: Mac + KeyInit>(secret_key: &str, text: &[u8]) -> String {
            let keyed = <M as KeyInit>::new_from_slice(secret_key.as_bytes());
            let keyed = keyed.expect("a key of any length is allowed");
            STANDARD.encode(keyed.chain_update(text).finalize().into_bytes())
        }
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(secret_key, text),
            Self::Sha256 => mac::<Hmac<Sha256>>(secret_key, text),
            Self::Sha384 => mac::<Hmac<Sha384>>(secret_key, text),
            Self::Sha512 => mac::<Hmac<Sha512>>(secret_key, text),
        }
    }
}

/// A caller with its key.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The id that the caller sends.
    pub secret_id: String,
    /// The key that it signs with.
    pub secret_key: String,
    /// The algorithm that it signs with.
    pub algorithm: Algorithm,
    /// The names of the signed headers, in the order and the spelling of `headers="…"`.
    pub headers: Vec<String>,
}

impl Signer {
    /// A caller that signs `x-date` with HMAC-SHA1.
    pub fn new(secret_id: &str, secret_key: &str) -> Self {
        Self {
            secret_id: secret_id.to_owned(),
            secret_key: secret_key.to_owned(),
            algorithm: Algorithm::Sha1,
            headers: vec!["x-date".to_owned()],
        }
    }

    /// The same caller with that algorithm.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The same caller, who signs these headers in this order.
    #[must_use]
    pub fn headers(mut self, names: &[&str]) -> Self {
        self.headers = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// The string to sign: a line for each of `headers`, with the first value that `request` has. A header
    /// that the request does not have is signed as empty.
    pub fn string_to_sign(&self, request: &Request) -> Vec<u8> {
        let line = |name: &String| {
            let value = request.value(name).unwrap_or_default().trim_ascii();
            [name.to_ascii_lowercase().as_bytes(), b": ", value].concat()
        };
        let lines: Vec<_> = self.headers.iter().map(line).collect();
        lines.join(b"\n".as_slice())
    }

    /// The value of `Authorization` for `request` as it is.
    pub fn authorization(&self, request: &Request) -> String {
        let signature = self.algorithm.mac(&self.secret_key, &self.string_to_sign(request));
        self.authorization_with(&signature)
    }

    /// The value of `Authorization` with `signature`, which may be wrong.
    pub fn authorization_with(&self, signature: &str) -> String {
        format!(
            r#"hmac id="{}", algorithm="{}", headers="{}", signature="{signature}""#,
            self.secret_id,
            self.algorithm.name(),
            self.headers.join(" "),
        )
    }

    /// `request` with `Authorization`, and with the present time as the signed date if it has none.
    pub fn sign(&self, mut request: Request) -> Request {
        for name in &self.headers {
            let a_date = ["x-date", "date"].iter().any(|date| name.eq_ignore_ascii_case(date));
            if a_date && request.value(name).is_none() {
                request = request.header(name, http_date(SystemTime::now()));
            }
        }
        let authorization = self.authorization(&request);
        request.header("authorization", authorization)
    }
}

/// `time` as HTTP writes dates (IMF-fixdate).
pub fn http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The published vectors; the wrong ones must differ.
    #[test]
    fn every_vector_is_reproduced() {
        let path = crate::repository().join("tests/vectors/key-pair.json");
        let text = std::fs::read_to_string(path).expect("the vectors are in the repository");
        let data: Value = serde_json::from_str(&text).expect("JSON");
        let string = |value: &Value| value.as_str().expect("a string").to_owned();
        let vectors = data["vectors"].as_array().expect("a list");
        assert!(!vectors.is_empty());
        for vector in vectors {
            let mut signer = Signer::new(&string(&data["secret_id"]), &string(&data["secret_key"]));
            let mut request = Request::bare("GET", "/");
            signer.headers.clear();
            for pair in vector["headers"].as_array().expect("a list") {
                signer.headers.push(string(&pair[0]));
                request = request.header(string(&pair[0]), string(&pair[1]));
            }
            let named = |a: &&Algorithm| a.name() == vector["algorithm"];
            signer.algorithm = *Algorithm::ALL.iter().find(named).expect("a known algorithm");
            let right = signer.authorization(&request);
            let given = signer.authorization_with(&string(&vector["signature"]));
            assert_eq!(right == given, vector["valid"] == true, "{}", vector["name"]);
        }
    }

    #[test]
    fn a_signed_request_has_a_date_and_its_signature() {
        let signer = Signer::new("AKIDacme0001", "acme-secret-key-0001").headers(&["X-Date", "host"]);
        let request = signer.sign(Request::get("a.example.com", "/"));
        let date = String::from_utf8(request.value("x-date").expect("added").to_vec()).expect("text");
        let signed = format!("x-date: {date}\nhost: a.example.com");
        let signature = Algorithm::Sha1.mac("acme-secret-key-0001", signed.as_bytes());
        let expected = signer.authorization_with(&signature);
        assert_eq!(request.value("Authorization"), Some(expected.as_bytes()));
        assert!(expected.contains(r#"headers="X-Date host""#));
    }

    #[test]
    fn a_value_keeps_its_bytes_but_the_space_around_it() {
        let signer = Signer::new("AKIDacme0001", "k").headers(&["x-a", "x-absent"]);
        let request = Request::bare("GET", "/").header("x-a", b" \xff, b|c: \t");
        assert_eq!(signer.string_to_sign(&request), b"x-a: \xff, b|c:\nx-absent: ");
    }
}
