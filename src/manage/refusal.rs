//! Why an operation on a document is refused.

use std::fmt;

use usage_plan_core::document::{Errors, Period};
use usage_plan_core::timestamp::Timestamp;

use crate::draft::{Collection, Named};

/// Why an operation on a document is refused. Whoever asked makes its own sentence of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No object has this id or name.
    NotFound {
        /// What kind of object was looked for.
        collection: Collection,
        /// The id or name that was looked for.
        reference: String,
        /// The id or name of an object that is spelled almost so.
        nearest: Option<String>,
    },
    /// More than one object has this name.
    Ambiguous {
        /// What kind of object was looked for.
        collection: Collection,
        /// The name that was looked for.
        name: String,
        /// The ids of the objects that have it.
        ids: Vec<String>,
    },
    /// Another object already has this id or name.
    Exists {
        /// What kind of object it is.
        collection: Collection,
        /// The member of the other object that has the value.
        member: &'static str,
        /// The value that is taken.
        value: String,
    },
    /// An object is to have no name, by which people find it.
    EmptyName(Collection),
    /// The service is not published in this environment.
    NoEnvironment {
        /// The service.
        service: Named,
        /// The environment that was asked for.
        environment: String,
        /// The environments that the service has.
        environments: Vec<String>,
    },
    /// What is to be unbound is not bound.
    NotBound(Box<Binding>),
    /// These objects are still in use, so that nothing is deleted.
    InUse {
        /// What kind of objects they are.
        collection: Collection,
        /// Each of them, with all that keeps it.
        objects: Vec<InUse>,
    },
    /// The key is in a state that does not allow the operation.
    State {
        /// The key.
        key: Named,
        /// What stands in the way.
        state: KeyState,
    },
    /// The plan counts its keys together, so one of them cannot be reset.
    CountedTogether {
        /// The usage plan.
        plan: Named,
        /// The key that was asked for.
        key: Named,
    },
    /// The plan has no quota that could be reset.
    NoQuota {
        /// The usage plan.
        plan: Named,
        /// The period that was asked for; `None` if any would do.
        period: Option<Period>,
        /// The periods of the quotas that the plan has.
        periods: Vec<Period>,
    },
    /// A secret would keep verifying beyond the last time that a document can hold, in the year 2554.
    OverlapTooLong,
    /// A key would have two usage plans in one environment of a service (`docs/rules.md#conflict`).
    Conflict {
        /// What was to be bound.
        kind: BindingKind,
        /// Each conflict.
        errors: Errors,
    },
    /// The document would break its rules (`docs/rules.md#document`).
    Rule(Errors),
}

/// The state of a key that does not allow an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Only an enabled key can be bound.
    Disabled,
    /// The secret before the present one still verifies, and a rotation would end it.
    PreviousSecretVerifies {
        /// Until when it verifies, inclusive.
        until: Timestamp,
    },
    /// There is no previous secret, so there is no rotation to end or to take back.
    NotRotated,
    /// The secret is kept in a variable of Envoy's environment or in a file, so this process cannot replace
    /// it with a random one.
    SecretElsewhere,
    /// The new secret equals the present one.
    SameSecret,
    /// The new secret is in the same variable as the present one.
    SameVariable,
    /// The new secret is in the same file as the present one.
    SameFile,
}

/// An object and what keeps it from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The object.
    pub object: Named,
    /// Whether it is a key that is enabled.
    pub is_enabled: bool,
    /// Everything that binds it.
    pub bindings: Vec<Binding>,
}

/// A usage plan and what is bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The usage plan.
    pub plan: Named,
    /// What is bound to it.
    pub bound: Bound,
}

/// What kind of thing is bound to a usage plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// A key.
    Key,
    /// An environment of a service.
    Environment,
}

/// What can be bound to a usage plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A key.
    Key(Named),
    /// An environment of a service.
    Environment {
        /// The service.
        service: Named,
        /// The environment's name.
        environment: String,
    },
}

// === impl Refusal ===

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { collection: Collection { noun, id, .. }, reference, nearest } => {
                write!(f, "no {noun} has the {id} or the name \"{reference}\"")?;
                match nearest {
                    Some(nearest) => write!(f, "; \"{nearest}\" is spelled almost so"),
                    None => Ok(()),
                }
            }
            Self::Ambiguous { collection: Collection { noun, id, .. }, name, ids } => {
                write!(f, "more than one {noun} is named \"{name}\"; the {id} of each: {}", ids.join(", "))
            }
            Self::Exists { collection: Collection { noun, .. }, member, value } => {
                write!(f, "a {noun} already has the {member} \"{value}\"")
            }
            Self::EmptyName(Collection { noun, .. }) => write!(f, "the name of a {noun} must not be empty"),
            Self::NoEnvironment { service, environment, environments } => {
                let environments =
                    if environments.is_empty() { "none".to_owned() } else { environments.join(", ") };
                write!(f, "service {service} has no environment \"{environment}\"; it has {environments}")
            }
            Self::NotBound(binding) => {
                write!(f, "{} is not bound to usage plan {}", binding.bound, binding.plan)
            }
            Self::InUse { collection: Collection { noun, .. }, objects } => {
                objects.iter().enumerate().try_for_each(|(i, InUse { object, is_enabled, bindings })| {
                    let separator = if i == 0 { "" } else { "\n" };
                    write!(f, "{separator}{noun} {object} is in use:")?;
                    if *is_enabled {
                        write!(f, "\nit is enabled")?;
                    }
                    bindings.iter().try_for_each(|Binding { plan, bound }| {
                        write!(f, "\n{bound} is bound to usage plan {plan}")
                    })
                })
            }
            Self::State { key, state } => write!(f, "key {key}: {state}"),
            Self::CountedTogether { plan, key } => {
                write!(f, "usage plan {plan} counts its keys together, so key {key} cannot be reset alone")
            }
            Self::NoQuota { plan, period, .. } => match period {
                Some(period) => write!(f, "usage plan {plan} has no quota of period {}", period.name()),
                None => write!(f, "usage plan {plan} has no quota"),
            },
            Self::OverlapTooLong => f.write_str("the old secret would verify beyond the year 2554"),
            Self::Conflict { errors, .. } | Self::Rule(errors) => {
                write!(f, "the document would break these rules:\n{errors}")
            }
        }
    }
}

impl std::error::Error for Refusal {}

// === impl KeyState ===

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled => f.write_str("it is disabled"),
            Self::PreviousSecretVerifies { until } => {
                write!(f, "the secret before the present one verifies until {}", until.to_rfc3339())
            }
            Self::NotRotated => f.write_str("it has no previous secret"),
            Self::SecretElsewhere => f.write_str("its secret is kept out of the document"),
            Self::SameSecret => f.write_str("the new secret is the present one"),
            Self::SameVariable => f.write_str("the new secret is in the variable of the present one"),
            Self::SameFile => f.write_str("the new secret is in the file of the present one"),
        }
    }
}

// === impl Bound ===

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "key {key}"),
            Self::Environment { service, environment } => {
                write!(f, "environment \"{environment}\" of service {service}")
            }
        }
    }
}
