//! What is timed: the gate's decision on a request that it refuses.

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usage_plan_core::auth::mac::{KeyedMac, mac};
use usage_plan_core::document::{Algorithm, Secret};
use usage_plan_core::gate::Gate;
use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::lookup::Config;
use usage_plan_core::request::Request;
use usage_plan_core::telemetry::Outcome;
use usage_plan_core::timestamp::Timestamp;

use crate::random::Random;

const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// What is signed.
const MESSAGE: &[u8] = b"x-date: Mon, 19 Mar 2018 12:08:40 GMT";

/// The time of [`DATE`].
const NOW: Timestamp = Timestamp::from_nanos(1_521_461_320_000_000_000);

const SECRET: &str = "acme-secret-key-0001";

/// The bytes of an HMAC-SHA1.
const MAC_LEN: usize = 20;

/// The characters of an HMAC-SHA1 in base64.
const BASE64_LEN: usize = 28;

/// A kind of credential, all of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No key has the id.
    UnknownKey,
    /// The key is disabled. Callers receive the answer for an unknown one.
    DisabledKey,
    /// Every byte of the signature is random.
    WrongSignature,
    /// The first half of the signature is right.
    RightFirstHalf,
    /// The signature is right but for its last byte.
    RightButLastByte,
}

/// A gate that refuses, and the right signature of the request that it is asked about.
pub struct Subject {
    gate: Gate,
    secret: Secret,
    mac: KeyedMac,
    right: [u8; MAC_LEN],
}

/// The value of `Authorization` of one request.
#[derive(Clone, Debug)]
pub struct Credential {
    text: Vec<u8>,
    right: [u8; MAC_LEN],
}

/// A host without a clock and a store: a request that is refused is not counted.
struct Nothing;

// === impl Nothing ===

impl Clock for Nothing {
    fn now(&self) -> Timestamp {
        unreachable!("a refused request is not counted")
    }
}

impl Store for Nothing {
    fn get(&self, _: &str) -> Option<(Vec<u8>, Version)> {
        unreachable!("a refused request is not counted")
    }

    fn set(&self, _: &str, _: &[u8], _: Version) -> Result<Version, Conflict> {
        unreachable!("a refused request is not counted")
    }
}

// === impl Kind ===

impl Kind {
    const fn id(self) -> &'static str {
        match self {
            Self::UnknownKey => "AKIDnone0001",
            Self::DisabledKey => "AKIDbeta0001",
            Self::WrongSignature | Self::RightFirstHalf | Self::RightButLastByte => "AKIDacme0001",
        }
    }

    /// How many bytes of the signature are right.
    const fn right_bytes(self) -> usize {
        match self {
            Self::UnknownKey | Self::DisabledKey | Self::WrongSignature => 0,
            Self::RightFirstHalf => MAC_LEN / 2,
            Self::RightButLastByte => MAC_LEN - 1,
        }
    }
}

// === impl Credential ===

impl Credential {
    const BEFORE_ID: &'static str = r#"hmac id=""#;
    const AFTER_ID: &'static str = r#"", algorithm="hmac-sha1", headers="x-date", signature=""#;
    const ID_LEN: usize = 12;

    /// The bytes of the signature, which is in base64 at the end of the text.
    fn signature(&self) -> [u8; MAC_LEN] {
        // The decoder wants room for whole groups of three.
        let mut signature = [0; MAC_LEN + 1];
        let end = self.text.len() - 1;
        STANDARD.decode_slice(&self.text[end - BASE64_LEN..end], &mut signature).expect("base64");
        signature[..MAC_LEN].try_into().expect("an HMAC-SHA1")
    }

    /// Makes this the same as `other`, in its own place.
    pub fn copy_from(&mut self, other: &Self) {
        self.text.copy_from_slice(&other.text);
    }

    /// Makes this a credential of that kind, with random bytes where the signature is wrong. Every kind takes
    /// the same steps.
    pub fn become_a(&mut self, kind: Kind, random: &mut Random) {
        let mut signature = [0; MAC_LEN];
        random.fill(&mut signature);
        // A last byte that is random would be the right one now and then.
        signature[MAC_LEN - 1] = self.right[MAC_LEN - 1] ^ (1 + signature[MAC_LEN - 1] % 255);
        signature[..kind.right_bytes()].copy_from_slice(&self.right[..kind.right_bytes()]);
        let at = Self::BEFORE_ID.len();
        self.text[at..at + Self::ID_LEN].copy_from_slice(kind.id().as_bytes());
        let end = self.text.len() - 1;
        STANDARD.encode_slice(signature, &mut self.text[end - BASE64_LEN..end]).expect("28 characters");
    }
}

// === impl Subject ===

impl Subject {
    /// A gate with a key that can call and a disabled one.
    ///
    /// # Panics
    ///
    /// When its document is not valid.
    pub fn new() -> Self {
        let document = format!(
            r#"{{
              "services": [{{"id": "s", "domains": ["orders.example.com"]}}],
              "keys": [{{"secret_id": "AKIDacme0001", "secret_key": "{SECRET}"}},
                {{"secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled"}}],
              "usage_plans": [{{"id": "p", "keys": ["AKIDacme0001", "AKIDbeta0001"],
                "environments": [{{"service": "s", "environment": "release"}}]}}]}}"#
        );
        let config = Config::parse(document.as_bytes(), &|_| None).expect("valid");
        let secret = Secret::new(SECRET);
        let right = mac(&secret, Algorithm::HmacSha1, MESSAGE).try_into().expect("an HMAC-SHA1");
        Self { gate: Gate::new(config), secret, mac: KeyedMac::default(), right }
    }

    /// A credential in the making.
    pub fn credential(&self) -> Credential {
        let signature = STANDARD.encode([0; MAC_LEN]);
        let text = [Credential::BEFORE_ID, "AKIDxxxx0001", Credential::AFTER_ID, &signature, "\""].concat();
        Credential { text: text.into_bytes(), right: self.right }
    }

    /// The gate's decision on a request with that credential.
    pub fn decide(&self, credential: &Credential) -> Outcome {
        let fields: [(&[u8], &[u8]); 5] = [
            (b":authority", b"orders.example.com"),
            (b":path", b"/release/orders"),
            (b":method", b"GET"),
            (b"x-date", DATE.as_bytes()),
            (b"authorization", &credential.text),
        ];
        self.gate.decide(&Request::new(&fields), NOW, &Nothing).outcome
    }

    /// Whether the right signature is that of the request, made once more.
    pub fn mac(&self) -> bool {
        self.mac.verify(&self.secret, Algorithm::HmacSha1, black_box(MESSAGE), &self.right)
    }

    /// Compares the credential's signature with the right one, byte by byte up to the first wrong one: what
    /// no product should do.
    pub fn compare(&self, credential: &Credential) -> bool {
        let is_right = |(a, b): (&u8, &u8)| black_box(*a) == *b;
        credential.signature().iter().zip(&self.right).all(is_right)
    }
}

impl Default for Subject {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_of_each_kind_is_what_its_name_says() {
        let (subject, mut random) = (Subject::new(), Random::new(1));
        let mut credential = subject.credential();
        for (kind, outcome, right_bytes) in [
            (Kind::UnknownKey, Outcome::KeyUnknown, 0..3),
            (Kind::DisabledKey, Outcome::KeyDisabled, 0..3),
            (Kind::WrongSignature, Outcome::SignatureMismatch, 0..3),
            (Kind::RightFirstHalf, Outcome::SignatureMismatch, 10..13),
            (Kind::RightButLastByte, Outcome::SignatureMismatch, 19..20),
        ] {
            for _ in 0..100 {
                credential.become_a(kind, &mut random);
                assert_eq!(subject.decide(&credential), outcome);
                let signature = credential.signature();
                let right = signature.iter().zip(&subject.right).take_while(|(a, b)| a == b).count();
                assert!(right_bytes.contains(&right), "{kind:?}: {right}");
                assert!(!subject.compare(&credential));
            }
        }
        assert!(subject.mac(), "the right signature is right");
    }
}
