//! Verifies the credential of a request: HMAC-SHA1 over the headers that it names.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const SECRET_ID: &str = "AKIDbench0000000";
const SECRET_KEY: &[u8] = b"bench-secret-key-0000000";

/// Whether the `authorization` of `headers` has the signature that the key gives.
pub fn verifies(headers: &HashMap<String, String>) -> bool {
    let credential = headers.get("authorization").and_then(|value| value.strip_prefix("hmac "));
    let Some(credential) = credential else { return false };
    let field = |name: &str| {
        let (_, rest) = credential.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    let (Some(id), Some(names), Some(signature)) = (field("id"), field("headers"), field("signature")) else {
        return false;
    };
    let lines = names.split(' ').map(|name| {
        let value = headers.get(name).map(String::as_str).unwrap_or_default();
        format!("{name}: {value}")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let (Ok(mac), Ok(signature)) = (Hmac::<Sha1>::new_from_slice(SECRET_KEY), STANDARD.decode(signature))
    else {
        return false;
    };
    id == SECRET_ID && mac.chain_update(text).verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_signature_verifies() {
        let signed = |signature: &str| {
            let value = format!(
                "hmac id=\"{SECRET_ID}\", algorithm=\"hmac-sha1\", headers=\"source\", signature=\"{signature}\""
            );
            HashMap::from(
                [("authorization", value), ("source", "bench".to_owned())].map(|(n, v)| (n.to_owned(), v)),
            )
        };
        let mac = Hmac::<Sha1>::new_from_slice(SECRET_KEY).expect("any key will do");
        let right = STANDARD.encode(mac.chain_update("source: bench").finalize().into_bytes());
        assert!(verifies(&signed(&right)));
        assert!(!verifies(&signed("eA==")));
        assert!(!verifies(&HashMap::new()));
    }
}
