//! What `publish` says of a publication and of each Envoy's answer.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use usage_plan_manage::admin::Admin;
use usage_plan_manage::publish::{EnvoyAnswer, Published, PutBack};

/// How many keys are named whose secrets are in the file.
const SHOWN: usize = 10;

/// Which file an Envoy reads that starts now, after a refusal.
pub(super) fn what_lies_there(published: &Published) -> String {
    let path = published.path.display();
    match &published.put_back {
        Some(put_back) => {
            let PutBack { version, refused, envoys } = put_back;
            let is_in_force = |(_, answer): &(_, _)| matches!(answer, EnvoyAnswer::InForce(_));
            let others: String = envoys
                .iter()
                .filter(|envoy| !is_in_force(envoy))
                .map(|(admin, answer)| format!("\n  {}", line(admin, answer)))
                .collect();
            let doubts = if others.is_empty() {
                others
            } else {
                format!(", which not every Envoy accepts now:{others}")
            };
            format!(
                "the accepted file of version {version} is put back to {path}{doubts}\nthe refused one is {}",
                refused.display()
            )
        }
        None => format!(
            "the file stays in {path}: correct the document before an Envoy that refuses it starts again, \
             because it then answers 503 to every call"
        ),
    }
}

/// What was done with the file.
pub(super) fn headline(published: &Published) -> String {
    let done = if published.changed { "published" } else { "unchanged" };
    format!("{done} {}, version {}", published.path.display(), published.version)
}

/// What was done, and what each Envoy answered, a line each.
pub(super) fn lines(published: &Published) -> Vec<String> {
    let envoys = published.envoys.iter().map(|(admin, answer)| line(admin, answer));
    [headline(published)].into_iter().chain(whose_secrets(published)).chain(envoys).collect()
}

/// Whose secrets are in the file because they were put there.
fn whose_secrets(published: &Published) -> Option<String> {
    let keys = &published.resolved;
    let shown: Vec<String> = keys.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = match keys.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mode = published.path.metadata().map_or(0, |metadata| metadata.permissions().mode() & 0o777);
    (!keys.is_empty())
        .then(|| format!("with the secrets of {}{more} in it; its mode is {mode:04o}", shown.join(", ")))
}

/// What an Envoy answered.
pub(super) fn line(admin: &Admin, answer: &EnvoyAnswer) -> String {
    let address = admin.address();
    match answer {
        EnvoyAnswer::InForce(None) => format!("{address}: in force"),
        EnvoyAnswer::InForce(Some(after)) => format!("{address}: in force after {} ms", after.as_millis()),
        EnvoyAnswer::Refused { serving, variables } => {
            format!("{address}: refused, {}", advice(*serving, variables))
        }
        EnvoyAnswer::Silent(error) => error.to_string(),
    }
}

/// What to look at when Envoy refuses a valid document.
fn advice(serving: bool, variables: &[String]) -> String {
    let state =
        if serving { "and what was in force still is" } else { "and nothing is in force: it answers 503" };
    let variables = match variables {
        [] => String::new(),
        names => format!("in its environment the variables {}, ", names.join(", ")),
    };
    format!("{state}. The document is valid: look at Envoy's log, {variables}and at the filter's module")
}

/// What was done, and what each Envoy answered, for programs.
pub(super) fn published_json(published: &Published) -> Value {
    let Published { changed, path, version, envoys, resolved, put_back } = published;
    let resolved: Vec<&str> = resolved.iter().map(|key| key.id.as_str()).collect();
    let put_back = put_back.as_ref().map(|PutBack { version, refused, envoys }| {
        json!({"version": version, "refused": refused, "envoys": envoys_json(envoys)})
    });
    let envoys = envoys_json(envoys);
    json!({"changed": changed, "path": path, "version": version, "resolved": resolved, "envoys": envoys,
        "put_back": put_back})
}

fn envoys_json(envoys: &[(Admin, EnvoyAnswer)]) -> Value {
    envoys.iter().map(|(admin, answer)| envoy_json(admin, answer)).collect()
}

fn envoy_json(admin: &Admin, answer: &EnvoyAnswer) -> Value {
    let admin = admin.address();
    match answer {
        EnvoyAnswer::InForce(after) => {
            let milliseconds = after.map(|after| after.as_millis());
            json!({"admin": admin, "verdict": "accepted", "milliseconds": milliseconds})
        }
        EnvoyAnswer::Refused { serving, variables } => {
            json!({"admin": admin, "verdict": "refused", "message": advice(*serving, variables)})
        }
        EnvoyAnswer::Silent(error) => json!({"admin": admin, "verdict": null, "message": error.to_string()}),
    }
}
