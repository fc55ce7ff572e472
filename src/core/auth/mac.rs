//! HMAC (RFC 2104) whose key states are made once per key and algorithm.

use std::cell::OnceCell;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::document::{Algorithm, Secret};

/// A secret's HMAC state in each algorithm. A state is made at its first use and kept: hashing the secret
/// again for every request would double the cost of a short string to sign.
#[derive(Default)]
pub struct KeyedMac {
    sha1: OnceCell<Box<Hmac<Sha1>>>,
    sha256: OnceCell<Box<Hmac<Sha256>>>,
    sha384: OnceCell<Box<Hmac<Sha384>>>,
    sha512: OnceCell<Box<Hmac<Sha512>>>,
}

// === impl KeyedMac ===

impl KeyedMac {
    /// Whether `signature` is the MAC of `message`. They are compared in constant time. Every call passes the
    /// same `secret`.
    pub fn verify(&self, secret: &Secret, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match algorithm {
            Algorithm::HmacSha1 => verify(&self.sha1, secret, message, signature),
            Algorithm::HmacSha256 => verify(&self.sha256, secret, message, signature),
            Algorithm::HmacSha384 => verify(&self.sha384, secret, message, signature),
            Algorithm::HmacSha512 => verify(&self.sha512, secret, message, signature),
        }
    }
}

/// The MAC of `message`, for signing a request. The filter only verifies.
pub fn mac(secret: &Secret, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    fn mac<M: Mac + KeyInit>(secret: &Secret, message: &[u8]) -> Vec<u8> {
        // HMAC accepts a key of any length, so this does not fail.
        let keyed = <M as KeyInit>::new_from_slice(secret.expose().as_bytes());
        keyed.map(|keyed| keyed.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
    }
    match algorithm {
        Algorithm::HmacSha1 => mac::<Hmac<Sha1>>(secret, message),
        Algorithm::HmacSha256 => mac::<Hmac<Sha256>>(secret, message),
        Algorithm::HmacSha384 => mac::<Hmac<Sha384>>(secret, message),
        Algorithm::HmacSha512 => mac::<Hmac<Sha512>>(secret, message),
    }
}

fn verify<M: Mac + KeyInit + Clone>(
    state: &OnceCell<Box<M>>,
    secret: &Secret,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let keyed = match state.get() {
        Some(keyed) => keyed,
        None => {
            // HMAC accepts a key of any length, so this does not fail. If it did, no signature would verify.
            let Ok(keyed) = <M as KeyInit>::new_from_slice(secret.expose().as_bytes()) else { return false };
            state.get_or_init(|| Box::new(keyed))
        }
    };
    let mut mac = M::clone(keyed);
    mac.update(message);
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 section 3 and RFC 4231 section 4.3: key "Jefe", data "what do ya want for nothing?".
    #[test]
    fn the_vectors_of_the_rfcs_verify() {
        let vectors = [
            (Algorithm::HmacSha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Algorithm::HmacSha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                Algorithm::HmacSha384,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            ),
            (
                Algorithm::HmacSha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ];
        let (mac, secret) = (KeyedMac::default(), Secret::new("Jefe"));
        for (algorithm, hex) in vectors {
            let digit = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).expect("hexadecimal");
            let mut signature: Vec<u8> = (0..hex.len()).step_by(2).map(digit).collect();
            let message = b"what do ya want for nothing?";
            assert_eq!(super::mac(&secret, algorithm, message), signature, "{algorithm:?}");
            assert!(mac.verify(&secret, algorithm, message, &signature), "{algorithm:?}");
            assert!(!mac.verify(&secret, algorithm, b"what do ya want for nothing!", &signature));
            assert!(!mac.verify(&secret, algorithm, message, &signature[1..]));
            assert!(!mac.verify(&secret, algorithm, message, &[]));
            signature[0] ^= 1;
            assert!(!mac.verify(&secret, algorithm, message, &signature));
        }
    }
}
