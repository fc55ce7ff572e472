//! Whether a signature is that of a request: TC3-HMAC-SHA256, with the hosts that clients really sign.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Method};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use usage_plan_core::document::Secret;

use super::authorization::{ALGORITHM, Authorization, TERMINATOR};

/// The header with the action's name.
pub(super) const ACTION: &str = "x-tc-action";

/// What is signed of a request.
pub(super) struct Signed<'r> {
    pub(super) method: &'r Method,
    /// The query as it was sent.
    pub(super) query: &'r str,
    pub(super) headers: &'r HeaderMap,
    pub(super) body: &'r [u8],
    /// The header `X-TC-Timestamp` as it was sent.
    pub(super) timestamp: &'r str,
}

/// In which spelling the values of headers are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// As they are sent: the SDKs.
    AsSent,
    /// The action in lower case: the examples of the documentation.
    LowerAction,
    /// All of them in lower case: those who take the documentation at its word.
    Lower,
}

// === impl Signed ===

impl Signed<'_> {
    /// Whether `claim` is signed with `secret`. Clients sign their own idea of the host: with a scheme, and
    /// without a port. So the header counts as it was sent, never a parsed authority; then without its port.
    pub(super) fn is_signed(&self, claim: &Authorization<'_>, secret: &Secret) -> bool {
        let host = self.value(HOST.as_str());
        let bare = without_port(&host);
        let hosts = [Some(&host[..]), bare];
        let payload = hex(&Sha256::digest(if self.method == Method::GET { &[][..] } else { self.body }));
        let key = signing_key(secret, claim);
        hosts.into_iter().flatten().any(|host| {
            [Spelling::AsSent, Spelling::LowerAction, Spelling::Lower].into_iter().any(|spelling| {
                let canonical = self.canonical(claim, host, spelling, &payload);
                let scope = format!("{}/{}/{TERMINATOR}", claim.date, claim.service);
                let hash = hex(&Sha256::digest(&canonical));
                let to_sign = [ALGORITHM, self.timestamp, &scope, &hash].join("\n");
                keyed(&key).chain_update(to_sign).verify_slice(&claim.signature).is_ok()
            })
        })
    }

    /// The canonical request, with `host` as the value of the header `host`.
    fn canonical(
        &self,
        claim: &Authorization<'_>,
        host: &[u8],
        spelling: Spelling,
        payload: &str,
    ) -> Vec<u8> {
        let mut text = [self.method.as_str(), "\n/\n", self.query, "\n"].concat().into_bytes();
        for name in claim.signed_headers.split(';') {
            let sent = self.value(name);
            let value = if name == HOST.as_str() { host } else { &sent };
            let is_lower = match spelling {
                Spelling::AsSent => false,
                Spelling::LowerAction => name == ACTION,
                Spelling::Lower => true,
            };
            let value = if is_lower { value.to_ascii_lowercase() } else { value.to_owned() };
            text.extend([name.as_bytes(), b":", &value, b"\n"].concat());
        }
        text.extend(["\n", claim.signed_headers, "\n", payload].concat().into_bytes());
        text
    }

    /// The value of a header, without space around it; of one that was sent more than once, all of them.
    fn value(&self, name: &str) -> Vec<u8> {
        let values = self.headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii());
        values.collect::<Vec<_>>().join(&b","[..])
    }
}

/// The host without its port; `None` when it has none.
fn without_port(host: &[u8]) -> Option<&[u8]> {
    let colon = host.iter().rposition(|byte| *byte == b':')?;
    let (host, port) = host.split_at_checked(colon)?;
    let digits = port.get(1..).unwrap_or_default();
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some(host)
}

fn signing_key(secret: &Secret, claim: &Authorization<'_>) -> Vec<u8> {
    let first = ["TC3", secret.expose()].concat().into_bytes();
    let parts = [claim.date, claim.service, TERMINATOR];
    parts.iter().fold(first, |key, part| keyed(&key).chain_update(part).finalize().into_bytes().to_vec())
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC accepts a key of any length, so this does not fail. If it did, no signature would be right.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
