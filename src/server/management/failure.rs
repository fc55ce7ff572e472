//! Why an action is refused: a code of the cloud product's API, and a sentence that says what to do.

use usage_plan_manage::Error;
use usage_plan_manage::draft::{Collection, KEYS, SERVICES, USAGE_PLANS};
use usage_plan_manage::{BindingKind, Bound, KeyState, Refusal};

/// Why an action is refused. Clients look at the code alone, people at the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// The outcome of something that can be refused.
pub(super) type Result<T> = std::result::Result<T, Failure>;

// === impl Failure ===

impl Failure {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// No object has this id.
    pub(super) fn not_found(collection: Collection, id: &str) -> Self {
        let (code, list) = match collection {
            KEYS => ("ResourceNotFound.InvalidAccessKeyId", "DescribeApiKeysStatus"),
            SERVICES => ("ResourceNotFound.InvalidService", "DescribeServicesStatus"),
            _ => ("ResourceNotFound.InvalidUsagePlan", "DescribeUsagePlansStatus"),
        };
        Self::new(code, format!("There is no {} \"{id}\". {list} lists them.", collection.noun))
    }
}

impl From<Error> for Failure {
    /// A fault that may pass is an `InternalError`, which clients try again, and one that lasts is not.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => (*refusal).into(),
            Error::Unreachable { .. } | Error::ChangedMeanwhile(_) => {
                Self::new("InternalError", format!("The document cannot be read or written: {error}."))
            }
            error => Self::new("FailedOperation", format!("The document cannot be edited: {error}")),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = code(&refusal);
        let advice = advice(&refusal);
        let why = sentence(&refusal.to_string().replace(":\n", ": ").replace('\n', "; "));
        Self::new(code, format!("{why}{advice}"))
    }
}

fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound { collection, .. } => Failure::not_found(*collection, "").code,
        Refusal::Ambiguous { .. } | Refusal::EmptyName(_) | Refusal::OverlapTooLong => {
            "InvalidParameterValue"
        }
        Refusal::Exists { collection: KEYS, member: "secret_id", .. } => "FailedOperation.AccessKeyExist",
        Refusal::Exists { collection: SERVICES, .. } => "UnsupportedOperation.ServiceExist",
        Refusal::Exists { .. } => "InvalidParameterValue",
        Refusal::NoEnvironment { .. } => "UnsupportedOperation.UnsupportedBindEnvironment",
        Refusal::NotBound(binding) => match binding.bound {
            Bound::Key(_) => "UnsupportedOperation.ResourceUnassociated",
            Bound::Environment { .. } => "UnsupportedOperation.NoUsagePlanEnv",
        },
        Refusal::InUse { collection: KEYS, objects } => {
            if objects.iter().any(|object| object.is_enabled) {
                "UnsupportedOperation.InvalidStatus"
            } else {
                "UnsupportedOperation.ResourceIsInUse"
            }
        }
        Refusal::InUse { collection: USAGE_PLANS, .. } => "UnsupportedOperation.UsagePlanInUse",
        Refusal::InUse { .. } => "UnsupportedOperation.UnsupportedDeleteService",
        Refusal::State { state: KeyState::Disabled, .. } => "UnsupportedOperation.InvalidStatus",
        Refusal::State { .. } => "UnsupportedOperation.UnsupportedUpdateApiKey",
        Refusal::Conflict { kind: BindingKind::Key, .. } => "UnsupportedOperation.UnsupportedBindApiKey",
        Refusal::Conflict { kind: BindingKind::Environment, .. } => {
            "UnsupportedOperation.UnsupportedBindEnvironment"
        }
        Refusal::CountedTogether { .. } | Refusal::NoQuota { .. } => "UnsupportedOperation",
        Refusal::Rule(_) => "InvalidParameter.FormatError",
    }
}

/// What to do about it, where the refusal does not say so already.
fn advice(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoEnvironment { .. } => " Publish it first, with ReleaseService.",
        Refusal::InUse { collection: KEYS, objects } => {
            if objects.iter().any(|object| object.is_enabled) {
                " Disable it with DisableApiKey, and unbind it with UnBindSecretIds."
            } else {
                " Unbind it with UnBindSecretIds."
            }
        }
        Refusal::InUse { collection: USAGE_PLANS, .. } => {
            " Unbind what is bound, with UnBindSecretIds and UnBindEnvironment."
        }
        Refusal::InUse { .. } => " Unbind the usage plans, with UnBindEnvironment.",
        Refusal::State { state: KeyState::Disabled, .. } => " Enable it first, with EnableApiKey.",
        Refusal::State { state: KeyState::SecretElsewhere, .. } => {
            " Rotate it where the secret is kept, or with `usage-plan key rotate`."
        }
        Refusal::Conflict { .. } => {
            " A key has at most one usage plan in an environment of a service: unbind one of them first."
        }
        Refusal::Exists { .. } => " Choose another one.",
        _ => "",
    }
}

/// The text as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}
