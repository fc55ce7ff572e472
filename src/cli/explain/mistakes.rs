//! What explains a signature that does not match: each usual mistake is made, and named if its result is the signature
//! received.

mod encodings;
mod messages;

use super::Inquiry;
use crate::configured;
use crate::draft::Named;
use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::document::Algorithm;
use usage_plan_core::document::Secret;

/// A secret that the signature may have been made with.
pub(super) struct Suspect {
    secret: Secret,
    /// What is wrong with it; nothing is when it is empty.
    mistake: String,
}

/// Something that may have been done otherwise, and what is wrong with that: nothing when it is empty.
type Variant = (Vec<u8>, String);

// === impl Suspect ===

impl Suspect {
    /// A secret of the key that the credential names.
    pub(super) fn own(secret: Secret, mistake: &str) -> Self {
        Self { secret, mistake: mistake.to_owned() }
    }

    /// The secret as it is often mistaken for what it is.
    fn variants(&self) -> Vec<(Secret, String)> {
        let and = if self.mistake.is_empty() { "the secret key" } else { &self.mistake };
        let text = self.secret.expose();
        [
            ("", ""),
            ("\n", "a line feed after it"),
            ("\r\n", "a carriage return and a line feed after it"),
            (" ", "a space after it"),
        ]
        .into_iter()
        .map(|(after, mistake)| match mistake {
            "" => (self.secret.clone(), self.mistake.clone()),
            mistake => (Secret::new(format!("{text}{after}")), format!("{and} with {mistake}")),
        })
        .collect()
    }
}

/// The fewest mistakes that together make the signature received.
pub(super) fn find(
    inquiry: &Inquiry<'_>,
    credential: &Credential<'_>,
    algorithm: Algorithm,
    message: &[u8],
    own: Vec<Suspect>,
) -> Option<String> {
    let received = encodings::read(credential.signature);
    let messages = messages::variants(inquiry, credential, message);
    let mut secrets: Vec<(Secret, String)> = own.iter().flat_map(Suspect::variants).collect();
    let id = String::from_utf8_lossy(credential.id).into_owned();
    secrets.push((Secret::new(id), "the secret_id in place of the secret key".to_owned()));
    let algorithms =
        std::iter::once(algorithm).chain(Algorithm::ALL.into_iter().filter(|other| *other != algorithm));
    let mut best: Option<Vec<String>> = None;
    for used in algorithms {
        let algorithm_mistake = match used == algorithm {
            true => String::new(),
            false => format!("{}, not the {} that the credential says", used.name(), algorithm.name()),
        };
        for (secret, secret_mistake) in &secrets {
            for (message, message_mistake) in &messages {
                let mac = mac(secret, used, message);
                let Some((_, encoding_mistake)) = received.iter().find(|(bytes, _)| *bytes == mac) else {
                    continue;
                };
                let mistakes = [secret_mistake, &algorithm_mistake, message_mistake, encoding_mistake];
                let mistakes = mistakes.into_iter().filter(|mistake| !mistake.is_empty()).cloned();
                let mistakes: Vec<String> = mistakes.collect();
                if best.as_ref().is_none_or(|best| mistakes.len() < best.len()) {
                    best = Some(mistakes);
                }
            }
        }
    }
    best.map(|mistakes| mistakes.join(", and "))
        .or_else(|| others(inquiry, credential, algorithm, message, &received))
}

/// Whether another key's secret made the signature.
fn others(
    inquiry: &Inquiry<'_>,
    credential: &Credential<'_>,
    algorithm: Algorithm,
    message: &[u8],
    received: &[Variant],
) -> Option<String> {
    let keys = inquiry.configured.draft.document().keys.iter();
    let others = keys.filter(|key| key.secret_id.as_bytes() != credential.id);
    others
        .filter_map(|key| Some((key, configured::secret(key.secret.as_ref()?).ok()?)))
        .find(|(_, secret)| received.iter().any(|(bytes, _)| *bytes == mac(secret, algorithm, message)))
        .map(|(key, _)| format!("the secret of another key, {}", Named::new(&key.secret_id, &key.name)))
}
