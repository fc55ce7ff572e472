//! What explains a signature that does not match. Each usual mistake is made, and named if it makes the
//! signature received.

mod encodings;
mod messages;
pub mod phrases;
mod variants;

use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::document::{Algorithm, Secret};
use usage_plan_core::sentence::{Phrase, Sentence, Value};

use self::variants::Variants;
use super::inquiry::Inquiry;
use crate::draft::Named;

/// A secret that the signature may have been made with.
pub(super) struct Suspect {
    secret: Secret,
    /// Why it is not the right one; `None` if it is.
    mistake: Option<Sentence>,
}

// === impl Suspect ===

impl Suspect {
    pub(super) fn new(secret: Secret, mistake: Option<Sentence>) -> Self {
        Self { secret, mistake }
    }

    /// The secret, and the same with what files and shells often put after it.
    fn with_endings(self) -> Vec<Self> {
        let base = self.mistake.clone().unwrap_or_else(|| phrases::SECRET.into());
        let ending = |end: &str, what: Phrase| {
            let secret = Secret::new(format!("{}{end}", self.secret.expose()));
            Self::new(secret, Some(phrases::ENDING.put(base.clone()).put(what)))
        };
        let endings = [
            ending("\n", phrases::LINE_FEED),
            ending("\r\n", phrases::CARRIAGE_RETURN),
            ending(" ", phrases::SPACE),
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
) -> Option<Value> {
    let received = encodings::decode(credential.signature);
    let messages = messages::variants(inquiry.captured, credential, message);
    let mut secrets: Vec<Suspect> = suspects.into_iter().flat_map(Suspect::with_endings).collect();
    let id = String::from_utf8_lossy(credential.id).into_owned();
    secrets.push(Suspect::new(Secret::new(id), Some(phrases::SECRET_ID.into())));
    let mut algorithms = vec![(algorithm, None)];
    for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
        let mistake = phrases::OTHER_ALGORITHM.put(other.name()).put(algorithm.name());
        algorithms.push((other, Some(mistake)));
    }
    let mut fewest: Option<Vec<&Sentence>> = None;
    for (used, wrong_algorithm) in &algorithms {
        for secret in &secrets {
            for message in messages.iter() {
                let Some(encoding) = received.find(&mac(&secret.secret, *used, &message.bytes)) else {
                    continue;
                };
                let mistakes = [&secret.mistake, wrong_algorithm, &message.mistake, &encoding.mistake];
                let mistakes: Vec<&Sentence> = mistakes.into_iter().flatten().collect();
                if fewest.as_ref().is_none_or(|fewest| mistakes.len() < fewest.len()) {
                    fewest = Some(mistakes);
                }
            }
        }
    }
    match fewest {
        Some(mistakes) => Some(Value::joined(mistakes.into_iter().cloned(), phrases::AND)),
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
) -> Option<Value> {
    let keys = inquiry.document().keys.iter();
    let mut others = keys.filter(|key| key.secret_id.as_bytes() != credential.id);
    let other = others.find(|key| {
        let secret = key.secret.as_ref().and_then(|source| inquiry.local.secret(source).ok());
        secret.is_some_and(|secret| received.find(&mac(&secret, algorithm, message)).is_some())
    });
    other.map(|key| phrases::OTHER_KEY.put(Named::new(&key.secret_id, &key.name).to_string()).into())
}
