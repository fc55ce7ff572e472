//! The request of a case, made for a moment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::case::{Case, DateForm, Sign, SignatureForm};
use crate::http::Request;
use crate::sign::{Algorithm, http_date};

impl Case {
    /// The request at `now`, which the keys of `document` sign.
    ///
    /// # Panics
    /// An edit of the case does not apply.
    pub fn request(&self, document: &Value, now: SystemTime) -> Request {
        let sent = &self.request;
        let mut request = Request::bare(&sent.method.text(), sent.path.bytes());
        request = request.header("host", sent.authority.bytes()).body(sent.body.bytes());
        for (name, value) in &sent.headers {
            request = request.header(name.bytes(), value.bytes());
        }
        if let Some(sign) = &sent.sign {
            request = sign.sign(request, document, now);
        }
        for (name, value) in &sent.then {
            request = request.header(name.bytes(), value.bytes());
        }
        for (name, value) in &sent.replace {
            let found = request.headers.iter_mut().find(|(other, _)| *other == name.bytes());
            found.unwrap_or_else(|| panic!("{}: no {}", self.name, name.text())).1 = value.bytes();
        }
        let trailers = sent.trailers.iter().map(|(name, value)| (name.bytes(), value.bytes()));
        Request { trailers: trailers.collect(), ..request }
    }
}

// === impl Sign ===

impl Sign {
    fn sign(&self, mut request: Request, document: &Value, now: SystemTime) -> Request {
        if !self.date_header.is_empty() {
            request = request.header(&self.date_header, self.date_form.write(now, self.date));
        }
        let secret = self.secret.clone().unwrap_or_else(|| {
            let mut keys = document["keys"].as_array().expect("keys").iter();
            let key = keys.find(|key| key["secret_id"] == self.id.as_str());
            let key = key.unwrap_or_else(|| panic!("the document has no key {}", self.id));
            key["secret_key"].as_str().expect("a secret").to_owned()
        });
        // Only some signatures have a character that URL-safe base64 writes in another way. A case that
        // needs one signs x-nonce.
        let mut attempt = 0;
        loop {
            let mut request = request.clone();
            if self.headers.contains("x-nonce") {
                request = request.header("x-nonce", attempt.to_string());
            }
            let signature = self.signature(&secret, &self.string_to_sign(&request));
            let credential = self.credential(&signature);
            match self.signature.apply(&signature) {
                Some(form) => {
                    let credential = replaced(&credential, &signature, form.as_bytes());
                    return request.header("authorization", credential);
                }
                None => attempt += 1,
            }
        }
    }

    fn signature(&self, secret: &str, text: &[u8]) -> String {
        let known = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == self.algorithm);
        known.unwrap_or(Algorithm::Sha1).mac(secret, text)
    }

    fn string_to_sign(&self, request: &Request) -> Vec<u8> {
        let names = self.headers.split([' ', '\t']).filter(|name| !name.is_empty());
        let lines = names.map(|name| {
            let value = request.value(name).unwrap_or_default().trim_ascii();
            [name.to_ascii_lowercase().as_bytes(), b": ", value].concat()
        });
        lines.collect::<Vec<_>>().join(b"\n".as_slice())
    }

    fn credential(&self, signature: &str) -> Vec<u8> {
        let Self { id, algorithm, headers, .. } = self;
        let whole = format!(
            r#"hmac id="{id}", algorithm="{algorithm}", headers="{headers}", signature="{signature}""#
        );
        self.edit.iter().fold(whole.into_bytes(), |text, (from, to)| replaced(&text, from, &to.bytes()))
    }
}

/// `text` with the first `from` replaced by `to`.
fn replaced(text: &[u8], from: &str, to: &[u8]) -> Vec<u8> {
    let at = text.windows(from.len()).position(|part| part == from.as_bytes());
    let Some(at) = at else { return text.to_vec() };
    [&text[..at], to, &text[at + from.len()..]].concat()
}

// === impl SignatureForm ===

impl SignatureForm {
    /// The signature in this form; `None` when it is the same in both.
    fn apply(self, signature: &str) -> Option<String> {
        let mut bytes = STANDARD.decode(signature).expect("base64");
        let is_hex = self == Self::Hex;
        let text = match self {
            Self::Right => return Some(signature.to_owned()),
            Self::Unpadded => signature.trim_end_matches('=').to_owned(),
            Self::MorePadding => format!("{signature}="),
            Self::UrlSafe => signature.replace('+', "-").replace('/', "_"),
            Self::OtherCase => signature.chars().map(other_case).collect(),
            Self::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::TrailingBits => {
                let end = signature.trim_end_matches('=').len();
                let (before, last) = signature[..end].split_at(end - 1);
                // The next letter of the alphabet differs in the lowest bit, which padding leaves unused.
                let next = last.bytes().map(|byte| char::from(byte + 1));
                format!("{before}{}{}", next.collect::<String>(), &signature[end..])
            }
            Self::Half | Self::Longer | Self::FirstByte | Self::LastByte => {
                match self {
                    Self::Half => bytes.truncate(bytes.len() / 2),
                    Self::Longer => bytes.push(0),
                    Self::FirstByte => bytes[0] ^= 1,
                    _ => *bytes.last_mut().expect("a byte") ^= 0x80,
                }
                STANDARD.encode(&bytes)
            }
        };
        (is_hex || text != signature).then_some(text)
    }
}

fn other_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

// === impl DateForm ===

impl DateForm {
    /// `now` and that many seconds.
    fn write(self, now: SystemTime, seconds: i64) -> String {
        let now = now.duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let time = now.saturating_add_signed(seconds);
        let imf = |time: u64| http_date(UNIX_EPOCH + Duration::from_secs(time));
        let text = imf(time);
        let (weekday, rest) = text.split_at(3);
        let [day, month, year, clock] = ["5..7", "8..11", "12..16", "17..25"].map(|range| {
            let (from, to) = range.split_once("..").expect("a range");
            &text[from.parse().expect("a number")..to.parse().expect("a number")]
        });
        match self {
            Self::Imf => text,
            Self::Rfc850 => {
                let long = match weekday {
                    "Tue" => "Tues",
                    "Wed" => "Wednes",
                    "Thu" => "Thurs",
                    "Sat" => "Satur",
                    short => short,
                };
                format!("{long}day, {day}-{month}-{} {clock} GMT", &year[2..])
            }
            Self::Asctime => {
                let day = day.strip_prefix('0').map_or(day.to_owned(), |day| format!(" {day}"));
                format!("{weekday} {month} {day} {clock} {year}")
            }
            Self::Utc => text.replace("GMT", "UTC"),
            Self::Offset => text.replace("GMT", "+0000"),
            Self::Zone => text.replace("GMT", "PST"),
            Self::LowerCase => text.replace("GMT", "gmt"),
            Self::WrongWeekday => format!("{}{rest}", &imf(time + 86_400)[..3]),
            Self::NoWeekday => format!("XYZ{rest}"),
            Self::Rfc3339 => {
                let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
                let month = months.find(month).expect("a month") / 3 + 1;
                format!("{year}-{month:02}-{day}T{clock}Z")
            }
            Self::Unix => time.to_string(),
            Self::Twice => format!("{text} {text}"),
        }
    }
}
