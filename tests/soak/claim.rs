//! What a request claims: which key signed it, and whether rightly.

use std::time::{Duration, SystemTime};

use testbed::sign::http_date;
use testbed::{Request, Signer};

/// The host that all requests call.
pub const HOST: &str = "orders.example.com";

/// How long ago a [`Claim::Stale`] was signed: much more than the allowed 900 seconds.
const LONG_AGO: Duration = Duration::from_secs(3600);

/// What a request claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Signed with a secret of a key. A rotation makes the next generation.
    Signed {
        /// The id of the key.
        key: &'static str,
        /// Which of its secrets.
        generation: u32,
    },
    /// Signed in the name of a key with a secret that it never had.
    Forged(&'static str),
    /// Signed with a key that no document has.
    Unknown,
    /// Signed rightly, too long ago.
    Stale(&'static str),
    /// Without a credential.
    Unsigned,
}

/// The secret of a key in that generation.
pub fn secret(key: &str, generation: u32) -> String {
    format!("secret-of-{key}-{generation:08}")
}

impl Claim {
    /// The request of that path that makes this claim.
    pub fn request(self, path: &str) -> Request {
        let request = Request::get(HOST, path);
        match self {
            Self::Signed { key, generation } => Signer::new(key, &secret(key, generation)).sign(request),
            Self::Forged(key) => Signer::new(key, "another-secret-key").sign(request),
            Self::Unknown => Signer::new("AKIDunknown", "another-secret-key").sign(request),
            Self::Stale(key) => {
                let date = http_date(SystemTime::now() - LONG_AGO);
                Signer::new(key, &secret(key, 0)).sign(request.header("x-date", date))
            }
            Self::Unsigned => request,
        }
    }
}
