//! The string to sign as the filter builds it, and whether the signature is its MAC.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::document::{Algorithm, Key, Secret};
use usage_plan_core::timestamp::Timestamp;

use super::inquiry::Inquiry;
use super::mistakes::{self, Suspect, phrases as mistake_phrases};
use super::phrases;
use super::step::{Step, escape_bytes, quote_bytes};
use crate::secrets::MissingSecret;

/// The secrets of a key that this process has, and the first one that it does not have.
struct Secrets {
    current: Option<Secret>,
    /// The previous secret while it verifies.
    previous: Option<Secret>,
    /// The previous secret when it no longer verifies, and until when it did.
    ended: Option<(Secret, Timestamp)>,
    /// Why a secret that the filter would try is missing.
    missing: Option<MissingSecret>,
}

/// The steps, and the secret that is missing to tell whether the signature matches.
pub(super) fn steps(
    inquiry: Inquiry<'_>,
    credential: &Credential<'_>,
    key: Option<&Key>,
) -> (Vec<Step>, Option<MissingSecret>) {
    let Ok(message) = string_to_sign(&credential.headers, inquiry.request.headers, Spelling::LowerCase)
    else {
        return (vec![Step::info("string to sign", phrases::NOT_BUILT)], None);
    };
    let mut steps = vec![show_message(&message)];
    let algorithm = Algorithm::from_name(credential.algorithm);
    let secrets = key.and_then(|key| Secrets::of(key, inquiry));
    let (Some(algorithm), Some(secrets)) = (algorithm, secrets) else { return (steps, None) };
    let received = STANDARD.decode(credential.signature).unwrap_or_default();
    let mut messages = vec![(message.clone(), false)];
    if credential.headers.has_upper_case() {
        let as_written = string_to_sign(&credential.headers, inquiry.request.headers, Spelling::AsWritten);
        messages.extend(as_written.map(|message| (message, true)));
    }
    for (secret, which) in [(&secrets.current, phrases::SECRET), (&secrets.previous, phrases::PREVIOUS)] {
        let Some(secret) = secret else { continue };
        for (message, is_as_written) in &messages {
            if mac(secret, algorithm, message) == received {
                let made = phrases::MADE_WITH.put(which);
                let made = if *is_as_written { phrases::AS_WRITTEN.put(made) } else { made };
                steps.push(Step::passed("signature", made));
                return (steps, None);
            }
        }
    }
    if let Some(missing) = secrets.missing {
        steps.push(Step::info("signature", phrases::NOT_CHECKED.put(missing.sentence())));
        return (steps, Some(missing));
    }
    let mut step = Step::refused("signature", phrases::OTHER_SIGNATURE);
    if let Some(current) = &secrets.current {
        step = step.with("expected", STANDARD.encode(mac(current, algorithm, &message)));
    }
    step = step.with("received", quote_bytes(credential.signature));
    steps.push(match mistakes::find(inquiry, credential, algorithm, &message, secrets.into_suspects()) {
        Some(mistake) => step.with("because", phrases::BECAUSE.put(mistake)),
        None => step.with("", phrases::NO_MISTAKE),
    });
    (steps, None)
}

fn show_message(message: &[u8]) -> Step {
    let mut step = Step::info("string to sign", phrases::SIGNED_TEXT);
    let mut lines = message.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let end = if lines.peek().is_some() { "\\n" } else { "" };
        step = step.with("", format!("{}{end}", escape_bytes(line)));
    }
    step
}

// === impl Secrets ===

impl Secrets {
    fn of(key: &Key, inquiry: Inquiry<'_>) -> Option<Self> {
        let current = inquiry.local.secret(key.secret.as_ref()?);
        let missing = current.as_ref().err().cloned();
        let mut secrets = Self { missing, current: current.ok(), previous: None, ended: None };
        if let Some(previous) = &key.previous {
            match (inquiry.local.secret(&previous.secret), previous.verifies_at(inquiry.now)) {
                (Ok(secret), true) => secrets.previous = Some(secret),
                (Ok(secret), false) => secrets.ended = Some((secret, previous.not_after)),
                (Err(missing), true) => secrets.missing = secrets.missing.or(Some(missing)),
                (Err(_), false) => {}
            }
        }
        Some(secrets)
    }

    /// The secrets that a signature that does not match may have been made with.
    fn into_suspects(self) -> Vec<Suspect> {
        let current = self.current.map(|secret| Suspect::new(secret, None));
        let previous =
            self.previous.map(|secret| Suspect::new(secret, Some(mistake_phrases::PREVIOUS.into())));
        let ended = self.ended.map(|(secret, until)| {
            let mistake = mistake_phrases::ENDED.put(until.to_rfc3339());
            Suspect::new(secret, Some(mistake))
        });
        current.into_iter().chain(previous).chain(ended).collect()
    }
}
