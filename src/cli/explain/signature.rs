//! The string to sign as the filter builds it, and whether the signature is its MAC.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Inquiry;
use super::mistakes::{self, Suspect};
use super::step::{Step, quoted, visible};
use crate::configured;
use crate::moment::rfc3339;
use usage_plan_core::auth::credential::Credential;
use usage_plan_core::auth::mac::mac;
use usage_plan_core::auth::string_to_sign::{Spelling, string_to_sign};
use usage_plan_core::document::Secret;
use usage_plan_core::document::{Algorithm, Key};

/// Why it cannot be told whether a signature is right: a secret is not here.
pub(super) struct Lacking(pub(super) String);

/// A key's secrets that this process has, as the filter would try them.
struct Secrets {
    current: Option<Secret>,
    previous: Option<Secret>,
    /// The previous one in place of `previous` when it verifies no more, as messages name it.
    ended: Option<(Secret, String)>,
    lacking: Option<String>,
}

// === impl Inquiry ===

impl Inquiry<'_> {
    /// Tells whether the signature matches; or what is lacking to tell.
    pub(super) fn signature(
        &self,
        credential: &Credential<'_>,
        key: Option<&Key>,
        steps: &mut Vec<Step>,
    ) -> Option<Lacking> {
        let Ok(message) = string_to_sign(credential.headers, self.headers, Spelling::LowerCase) else {
            steps.push(Step::tells("string to sign", "cannot be made"));
            return None;
        };
        let lines = message.split(|byte| *byte == b'\n');
        let count = lines.clone().count();
        let step = Step::tells("string to sign", "a line feed between lines, none after the last");
        steps.push(lines.enumerate().fold(step, |step, (i, line)| {
            let end = if i.saturating_add(1) < count { "\\n" } else { "" };
            step.with("", format!("{}{end}", visible(line)))
        }));
        let algorithm = Algorithm::from_name(credential.algorithm)?;
        let secrets = self.secrets(key?)?;
        let received = STANDARD.decode(credential.signature).unwrap_or_default();
        let as_written = credential
            .headers
            .has_upper_case()
            .then(|| string_to_sign(credential.headers, self.headers, Spelling::AsWritten).ok())
            .flatten();
        for (secret, which) in
            [(&secrets.current, "secret"), (&secrets.previous, "secret before the present one")]
        {
            let Some(secret) = secret else { continue };
            for (message, how) in
                [(Some(&message), ""), (as_written.as_ref(), ", of the names as they are written")]
            {
                if message.is_some_and(|message| mac(secret, algorithm, message) == received) {
                    steps.push(Step::ok("signature", format!("made with the key's {which}{how}")));
                    return None;
                }
            }
        }
        let step = match (&secrets.current, &secrets.lacking) {
            (_, Some(why)) => {
                steps.push(Step::tells("signature", format!("cannot be computed: {why}")));
                return Some(Lacking(why.clone()));
            }
            (Some(current), None) => Step::refused("signature", "is not the one that the key makes")
                .with("expected", STANDARD.encode(mac(current, algorithm, &message))),
            (None, None) => Step::refused("signature", "is not the one that the key makes"),
        };
        let step = step.with("received", quoted(credential.signature));
        let mut suspects = Vec::new();
        suspects.extend(secrets.current.map(|secret| Suspect::own(secret, "")));
        suspects
            .extend(secrets.previous.map(|secret| Suspect::own(secret, "the secret before the present one")));
        suspects.extend(secrets.ended.map(|(secret, why)| Suspect::own(secret, &why)));
        let explanation = mistakes::find(self, credential, algorithm, &message, suspects);
        steps.push(match explanation {
            Some(mistake) => step.with("because", format!("it was made with {mistake}")),
            None => step.with(
                "",
                "no usual mistake explains it: another secret, or other values than those received",
            ),
        });
        None
    }

    fn secrets(&self, key: &Key) -> Option<Secrets> {
        let current = key.secret.as_ref().map(configured::secret)?;
        let previous = key.previous.as_ref().map(|previous| configured::secret(&previous.secret));
        let verifies = key.previous.as_ref().is_some_and(|previous| previous.verifies_at(self.now));
        let tried = previous.as_ref().filter(|_| verifies);
        let lacking = [Some(&current), tried].into_iter().flatten().find_map(|secret| secret.as_ref().err());
        let until = key.previous.as_ref().map(|previous| rfc3339(previous.not_after)).unwrap_or_default();
        let ended = previous.as_ref().filter(|_| !verifies).and_then(|secret| secret.as_ref().ok());
        let ended = ended.map(|secret| {
            (secret.clone(), format!("the secret before the present one, which verified until {until}"))
        });
        Some(Secrets {
            lacking: lacking.cloned(),
            current: current.clone().ok(),
            previous: tried.and_then(|secret| secret.as_ref().ok()).cloned(),
            ended,
        })
    }
}
