//! What explains a signature that does not match. Each usual mistake is made, and named if it makes the
//! signature received.

mod encodings;
mod messages;
mod variants;

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::document::{Algorithm, Secret};

use self::variants::Variants;
use super::inquiry::Inquiry;
use crate::draft::Named;

/// A secret that the signature may have been made with.
pub(super) struct Suspect {
    secret: Secret,
    /// Why it is not the right one; `None` if it is.
    mistake: Option<String>,
}

// === impl Suspect ===

impl Suspect {
    pub(super) fn new(secret: Secret, mistake: Option<String>) -> Self {
        Self { secret, mistake }
    }

    /// The secret, and the same with what files and shells often put after it.
    fn with_endings(self) -> Vec<Self> {
        let base = self.mistake.clone().unwrap_or_else(|| "the secret key".to_owned());
        let ending = |end: &str, what: &str| {
            let secret = Secret::new(format!("{}{end}", self.secret.expose()));
            Self::new(secret, Some(format!("{base} with {what} after it")))
        };
        let endings = [
            ending("\n", "a line feed"),
            ending("\r\n", "a carriage return and a line feed"),
            ending(" ", "a space"),
        ];
        [self].into_iter().chain(endings).collect()
    }
}

/// The fewest mistakes that together make the signature received. `suspects` are the key's own secrets.
pub(super) fn find(
    inquiry: Inquiry<'_>,
    credential: &Credential<'_>,
    algorithm: Algorithm,
    message: &[u8],
    suspects: Vec<Suspect>,
) -> Option<String> {
    let received = encodings::decode(credential.signature);
    let messages = messages::variants(inquiry.captured, credential, message);
    let mut secrets: Vec<Suspect> = suspects.into_iter().flat_map(Suspect::with_endings).collect();
    let id = String::from_utf8_lossy(credential.id).into_owned();
    secrets.push(Suspect::new(Secret::new(id), Some("the secret_id in place of the secret key".to_owned())));
    let mut algorithms = vec![(algorithm, None)];
    for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
        let mistake = format!("{}, not the {} that the credential names", other.name(), algorithm.name());
        algorithms.push((other, Some(mistake)));
    }
    let mut fewest: Option<Vec<&str>> = None;
    for (used, wrong_algorithm) in &algorithms {
        for secret in &secrets {
            for message in messages.iter() {
                let Some(encoding) = received.find(&mac(&secret.secret, *used, &message.bytes)) else {
                    continue;
                };
                let mistakes = [&secret.mistake, wrong_algorithm, &message.mistake, &encoding.mistake];
                let mistakes: Vec<&str> = mistakes.into_iter().flatten().map(String::as_str).collect();
                if fewest.as_ref().is_none_or(|fewest| mistakes.len() < fewest.len()) {
                    fewest = Some(mistakes);
                }
            }
        }
    }
    match fewest {
        Some(mistakes) => Some(mistakes.join(", and ")),
        None => other_key(inquiry, credential, algorithm, message, &received),
    }
}

/// The other key whose secret made the signature, if there is one.
fn other_key(
    inquiry: Inquiry<'_>,
    credential: &Credential<'_>,
    algorithm: Algorithm,
    message: &[u8],
    received: &Variants,
) -> Option<String> {
    let keys = inquiry.document().keys.iter();
    let mut others = keys.filter(|key| key.secret_id.as_bytes() != credential.id);
    let other = others.find(|key| {
        let secret = key.secret.as_ref().and_then(|source| inquiry.local.secret(source).ok());
        secret.is_some_and(|secret| received.find(&mac(&secret, algorithm, message)).is_some())
    });
    other.map(|key| format!("the secret of another key, {}", Named::new(&key.secret_id, &key.name)))
}
