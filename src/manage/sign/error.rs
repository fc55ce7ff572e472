//! Why a request cannot be signed.

use std::fmt;

use usage_plan_core::auth::{DateName, Failure};
use usage_plan_core::document::names;
use usage_plan_core::sentence::{Sentence, Value};

use super::phrases;
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

impl Error {
    /// The error for whoever says it in another language. An operation's refusal is a text.
    pub fn value(&self) -> Value {
        let sentence: Sentence = match self {
            Self::Refused(refusal) => return refusal.to_string().into(),
            Self::NoSecret { key, missing: Some(missing) } => {
                phrases::CANNOT_SIGN.put(key.to_string()).put(missing.sentence())
            }
            Self::NoSecret { key, missing: None } => phrases::NO_SECRET.put(key.to_string()),
            Self::SecretId => phrases::SECRET_ID.put(names::SECRET_ID.phrase()),
            Self::SecretKey => phrases::SECRET_KEY.put(names::SECRET_KEY.phrase()),
            Self::Method => phrases::METHOD.into(),
            Self::AuthorizationGiven => phrases::AUTHORIZATION.into(),
            Self::HostRepeated => phrases::HOSTS.into(),
            Self::SignedNames => phrases::NAMES.into(),
            Self::NoDateSigned => {
                let [a, b] = [DateName::XDate, DateName::Date].map(DateName::name);
                phrases::NO_DATE.put(a).put(b)
            }
            Self::DateUnused => phrases::DATE_UNUSED.into(),
            Self::HeaderMissing(name) => phrases::HEADER_MISSING.put(name.as_str()),
            Self::HeaderRepeated => phrases::HEADER_REPEATED.into(),
        };
        sentence.into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl std::error::Error for Error {}
