//! What the command line says when an operation is refused, and what to do about it.

use std::fmt::Display;
use std::path::Path;

use usage_plan_core::document::{Errors, Period};
use usage_plan_manage::draft::{Collection, Named, USAGE_PLANS};
use usage_plan_manage::{self as manage, Binding, BindingKind, Bound, InUse, KeyState, Refusal};

use super::error::Error;

/// What to do about a conflict.
const CONFLICT_HINT: &str = "a key has at most one plan in an environment of a service: \
     unbind the key or the environment from one of the two plans first";

/// What to do about a conflict that the binding of a key makes.
const KEY_CONFLICT_HINT: &str = "a key has at most one plan in an environment of a service: \
     with --move, the key leaves the other plan for this one";

/// What to do between disabling a key and deleting it.
const DELETE_HINT: &str = "a disabled key can be enabled again, and a deleted one is gone: check in between that nobody \
     still uses it";

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::of_refusal("the document", refusal)
    }
}

// === impl Error ===

impl Error {
    /// Why the document in `file` could not be edited.
    pub(crate) fn of_edit(file: &Path, error: manage::Error) -> Self {
        match error {
            manage::Error::Refused(refusal) => Self::of_refusal(file.display(), *refusal),
            error => error.into(),
        }
    }

    fn of_refusal(document: impl Display, refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound { collection, reference, nearest } => {
                let Collection { noun, id, .. } = collection;
                let command = command(collection);
                let meant =
                    nearest.map(|nearest| format!("did you mean \"{nearest}\"? ")).unwrap_or_default();
                Self::refused(format!(
                    "no {noun} has the {id} or the name \"{reference}\": {meant}\
                     `usage-plan {command} list` shows which there are"
                ))
            }
            Refusal::Ambiguous { collection: Collection { noun, id, .. }, name, ids } => {
                Self::refused(format!(
                    "more than one {noun} is named \"{name}\": say which by its {id}, one of {}",
                    ids.join(", ")
                ))
            }
            Refusal::Exists { collection: Collection { noun, .. }, member, value } => Self::refused(format!(
                "a {noun} has the {member} \"{value}\" already: choose another, or edit that {noun}"
            )),
            Refusal::EmptyName(Collection { noun, .. }) => {
                Self::usage(format!("--name must not be empty: people find the {noun} by it"))
            }
            Refusal::NoEnvironment { service, environment, environments } => Self::refused(format!(
                "service {service} has no environment \"{environment}\"; it has {}",
                environments.join(", ")
            )),
            Refusal::NotBound(binding) => not_bound(&binding),
            Refusal::InUse { collection: Collection { noun, .. }, objects } => in_use(noun, &objects),
            Refusal::State { key, state } => Self::refused(key_state(&key, state)),
            Refusal::CountedTogether { plan, key } => Self::refused(format!(
                "usage plan {plan} counts its keys together, so key {key} cannot be reset alone: leave out \
                 --key, or `usage-plan plan edit {} --counter-per key` first",
                plan.id
            )),
            Refusal::NoQuota { plan, period, periods } => Self::refused(no_quota(&plan, period, &periods)),
            Refusal::OverlapTooLong => {
                Self::usage("--overlap ends later than the document can say (the year 2554)")
            }
            Refusal::Conflict { kind, errors } => Self::would_break(document, &errors).hint(match kind {
                BindingKind::Key => KEY_CONFLICT_HINT,
                BindingKind::Environment => CONFLICT_HINT,
            }),
            Refusal::Rule(errors) => Self::would_break(document, &errors),
        }
    }

    fn would_break(document: impl Display, errors: &Errors) -> Self {
        let message = format!("{document} stays as it is, because it would break these rules:");
        Self::invalid(message, errors)
    }
}

/// The command that edits such objects.
fn command(collection: Collection) -> &'static str {
    if collection == USAGE_PLANS { "plan" } else { collection.noun }
}

/// Every object that is in use, and a line with each command that frees one.
fn in_use(noun: &str, objects: &[InUse]) -> Error {
    let uses = objects.iter().map(|InUse { object, is_enabled, bindings }| {
        let uses = match (is_enabled, bindings.is_empty()) {
            (true, true) => "enabled",
            (true, false) => "enabled and bound",
            (false, _) => "bound",
        };
        format!("{noun} {object} is {uses}")
    });
    let uses: Vec<String> = uses.collect();
    let commands: String = objects.iter().flat_map(commands_that_free).collect();
    let error = Error::refused(format!("{}; first:{commands}", uses.join(", ")));
    if objects.iter().any(|object| object.is_enabled) { error.hint(DELETE_HINT) } else { error }
}

fn commands_that_free(InUse { object, is_enabled, bindings }: &InUse) -> Vec<String> {
    let disable = if *is_enabled { Some(format!("\n  usage-plan key disable {}", object.id)) } else { None };
    disable.into_iter().chain(bindings.iter().map(unbind_command)).collect()
}

fn no_quota(plan: &Named, period: Option<Period>, periods: &[Period]) -> String {
    let periods: Vec<&str> = periods.iter().copied().map(Period::name).collect();
    match period {
        Some(period) if !periods.is_empty() => format!(
            "usage plan {plan} has no quota per {}: give --limit {}, or leave it out",
            period.name(),
            periods.join(" or ")
        ),
        _ => format!(
            "usage plan {plan} has no quota, and its other limits are unused again within seconds: \
             there is nothing to reset"
        ),
    }
}

fn not_bound(Binding { plan, bound }: &Binding) -> Error {
    Error::refused(match bound {
        Bound::Key(key) => format!(
            "key {key} is not bound to usage plan {plan}: `usage-plan key show {}` shows what it is bound to",
            key.id
        ),
        Bound::Environment { .. } => format!(
            "usage plan {plan} is not bound to {bound}: `usage-plan plan show {}` shows what it is bound to",
            plan.id
        ),
    })
}

/// A line with the command that removes the binding.
fn unbind_command(Binding { plan, bound }: &Binding) -> String {
    let plan = &plan.id;
    match bound {
        Bound::Key(key) => format!("\n  usage-plan plan unbind-key {plan} {}", key.id),
        Bound::Environment { service, environment } => {
            format!("\n  usage-plan plan unbind-environment {plan} {} {environment}", service.id)
        }
    }
}

fn key_state(key: &Named, state: KeyState) -> String {
    match state {
        KeyState::Disabled => format!(
            "key {key} is disabled, and a disabled key cannot be bound: `usage-plan key enable {}` first",
            key.id
        ),
        KeyState::PreviousSecretVerifies { until } => format!(
            "the secret before the present one of key {key} verifies until {}, \
             and rotating would end it now: wait until nobody uses it \
             (the metric usage_plan_secret_uses shows this), or give --force",
            until.to_rfc3339()
        ),
        KeyState::NotRotated => {
            format!("key {key} has no previous secret, so there is no rotation to end or to take back")
        }
        KeyState::SecretElsewhere => format!(
            "key {key}: its secret is kept out of the document: name the new one's variable with \
             --secret-key-env or its file with --secret-key-file, or give one for the document with --secret-key"
        ),
        KeyState::SameSecret => format!("key {key}: the new secret is the old one"),
        KeyState::SameVariable => format!(
            "key {key}: the new secret is in the variable of the old one: Envoy needs both, under two names"
        ),
        KeyState::SameFile => format!(
            "key {key}: the new secret is in the file of the old one: both are needed, in two files. What a file \
             holds can change without a rotation"
        ),
    }
}
