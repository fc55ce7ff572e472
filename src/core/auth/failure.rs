//! Why a request does not prove its caller.

use super::date_name::DateName;

/// Why a request does not prove its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No `Authorization`, or one of another scheme.
    Missing,
    /// The credential cannot be parsed.
    Malformed,
    /// A parameter of the credential is missing.
    Incomplete,
    /// `id` or `signature` is empty.
    Empty,
    /// The algorithm is unknown, or not allowed here.
    Algorithm(String),
    /// Neither `x-date` nor `date` is signed.
    DateNotSigned,
    /// A header that the service requires to be signed is not.
    HeaderNotSigned(String),
    /// A signed header is absent, or longer than what is signed.
    HeaderMissing(String),
    /// A signed header is there more than once.
    HeaderRepeated,
    /// A signed date cannot be parsed.
    DateInvalid(DateName),
    /// A signed date is too far from now.
    DateOutOfRange(DateName),
    /// No key has the id.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The key is not valid yet, or no longer.
    KeyExpired,
    /// The key is on no plan of this environment.
    KeyNotBound,
    /// The signature is not the one that the key makes.
    SignatureMismatch,
}
