//! Why a request does not prove its caller.

use super::date_name::DateName;
use crate::request::lossy_text;

/// The largest length in bytes of a text of the request that a failure quotes. A refusal shows less of it
/// (`docs/rules.md#refusals`), and the rest of a long text would only cost time.
const MAX_QUOTED_LEN: usize = 128;

/// Why a request does not prove its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request has no `Authorization` header, or one with a different scheme.
    Missing,
    /// The credential cannot be parsed.
    Malformed,
    /// A parameter of the credential is missing.
    Incomplete,
    /// `id` or `signature` is empty.
    Empty,
    /// The algorithm is unknown, or not allowed here.
    Algorithm(String),
    /// The credential signs neither `x-date` nor `date`.
    DateNotSigned,
    /// The credential does not sign a header that the service requires to be signed.
    HeaderNotSigned(String),
    /// A signed header is absent, or its value is longer than 4 KiB.
    HeaderMissing(String),
    /// A signed header is present more than once.
    HeaderRepeated,
    /// A signed date cannot be parsed.
    DateInvalid(DateName),
    /// A signed date is further from the clock than `clock_skew_seconds` allows.
    DateOutOfRange(DateName),
    /// No key has the id.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The key is used before `not_before` or after `not_after`.
    KeyExpired,
    /// The key is bound to no plan that is bound to this environment.
    KeyNotBound,
    /// The signature does not match the one that the key's secret makes.
    SignatureMismatch,
}

/// The start of a text of the request, with bytes that are not UTF-8 replaced.
pub(super) fn quoted(text: &[u8]) -> String {
    lossy_text(text.get(..MAX_QUOTED_LEN).unwrap_or(text))
}
