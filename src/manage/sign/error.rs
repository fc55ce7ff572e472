//! Why a request cannot be signed.

use std::fmt;

use usage_plan_core::auth::{DateName, Failure};
use usage_plan_core::document::names;

use crate::draft::Named;
use crate::refusal::Refusal;
use crate::secrets::MissingSecret;

/// Why a request cannot be signed.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// The document has no such key, or more than one.
    Refused(Refusal),
    /// This process does not have the key's secret.
    NoSecret {
        /// The key.
        key: Named,
        /// Why; `None` if the key has no secret at all.
        missing: Option<MissingSecret>,
    },
    /// The secret id cannot be one.
    SecretId,
    /// The secret key cannot be one.
    SecretKey,
    /// The method is not the name of a method.
    Method,
    /// The headers have `Authorization`, which signing adds.
    AuthorizationGiven,
    /// The headers have more than one `Host`.
    HostRepeated,
    /// The names of the headers to sign cannot be parsed.
    SignedNames,
    /// Neither `x-date` nor `date` is among the headers to sign.
    NoDateSigned,
    /// A date is given although the headers have every signed date.
    DateUnused,
    /// A header that is to be signed is absent, or longer than 4 KiB.
    HeaderMissing(String),
    /// A header that is to be signed is there more than once.
    HeaderRepeated,
}

// === impl Error ===

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Error {
    /// The error of a string to sign that cannot be built.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::HeaderMissing(name) => Self::HeaderMissing(name),
            Failure::HeaderRepeated => Self::HeaderRepeated,
            _ => Self::SignedNames,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NoSecret { key, missing: Some(missing) } => {
                write!(f, "key {key} cannot sign here: {missing}")
            }
            Self::NoSecret { key, missing: None } => write!(f, "key {key} has no secret"),
            Self::SecretId => write!(f, "the secret id {}", names::SECRET_ID.text()),
            Self::SecretKey => write!(f, "the secret key {}", names::SECRET_KEY.text()),
            Self::Method => f.write_str("the method must be the name of a method, such as POST"),
            Self::AuthorizationGiven => f.write_str("Authorization is what signing adds"),
            Self::HostRepeated => f.write_str("Host is given more than once"),
            Self::SignedNames => f.write_str(
                "the headers to sign must be up to 32 names separated by spaces, none of them twice",
            ),
            Self::NoDateSigned => {
                let [a, b] = [DateName::XDate, DateName::Date].map(DateName::name);
                write!(f, "{a} or {b} must be among the headers to sign")
            }
            Self::DateUnused => f.write_str("a date is given, and the headers have it already"),
            Self::HeaderMissing(name) => {
                write!(f, "the header {name} is to be signed: it must be given, and at most 4 KiB long")
            }
            Self::HeaderRepeated => f.write_str("a header that is to be signed is given more than once"),
        }
    }
}

impl std::error::Error for Error {}
