//! A request as it comes in: whose it is, and whether it is theirs.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use usage_plan_core::timestamp::Timestamp;

use super::authorization::Authorization;
use super::failure::{Failure, Result};
use super::parameters::Parameters;
use super::signature::{ACTION, Signed};
use crate::operators::{Operator, Operators};

/// The header with the version of the service's API.
const VERSION: &str = "x-tc-version";
/// The header with the time at which the request was signed, in seconds.
const TIMESTAMP: &str = "x-tc-timestamp";
/// The header of temporary credentials.
const TOKEN: &str = "x-tc-token";
/// The header that can take the body out of what is signed.
const CONTENT_HASH: &str = "x-tc-content-sha256";

/// How far the time of a request may be from the present, in seconds.
pub(super) const WINDOW: u64 = 300;

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whose connection it came on.
    pub(super) from: IpAddr,
}

/// Whose a request is.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) operator: Operator,
    pub(super) signature: [u8; 32],
    /// The second in which it was signed.
    pub(super) signed_at: u64,
    /// Whether the action is signed, too, so that it cannot be another one.
    pub(super) signs_action: bool,
}

// === impl Call ===

impl Call {
    /// The name of the action.
    pub(super) fn action(&self) -> Result<&str> {
        self.header(ACTION).filter(|name| !name.is_empty()).ok_or_else(|| {
            Failure::new("MissingParameter", "The header X-TC-Action is missing: name the action in it.")
        })
    }

    /// The version of the API.
    pub(super) fn version(&self) -> &str {
        self.header(VERSION).unwrap_or_default()
    }

    /// The parameters.
    pub(super) fn parameters(&self) -> Result<Parameters> {
        match self.method {
            Method::GET => Parameters::of_query(&self.query),
            _ => Parameters::of_body(&self.body),
        }
    }

    /// Finds out whose request it is at `now`.
    pub(super) fn verify(&self, operators: &Operators, now: Timestamp) -> Result<Verified> {
        let refuse = |code, message: &str| Err(Failure::new(code, message));
        if self.header(TOKEN).is_some_and(|token| !token.is_empty()) {
            let message = "There are no temporary credentials here: sign without a token.";
            return refuse("AuthFailure.TokenFailure", message);
        }
        if self.header(CONTENT_HASH).is_some_and(|hash| hash.eq_ignore_ascii_case("UNSIGNED-PAYLOAD")) {
            let message = "The body must be signed: turn the option for an unsigned payload off.";
            return refuse("AuthFailure.SignatureFailure", message);
        }
        let Some(authorization) = self.header(AUTHORIZATION.as_str()) else {
            let message = "The header Authorization is missing: sign each request with TC3-HMAC-SHA256.";
            return refuse("AuthFailure.SignatureFailure", message);
        };
        let claim = Authorization::parse(authorization)
            .map_err(|message| Failure::new("AuthFailure.SignatureFailure", message))?;
        let timestamp = self.header(TIMESTAMP).unwrap_or_default();
        let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let Some(signed_at) = timestamp.parse::<u64>().ok().filter(|_| digits) else {
            let message = "The header X-TC-Timestamp must have the time in seconds since 1970.";
            return refuse("AuthFailure.SignatureFailure", message);
        };
        if signed_at.abs_diff(now.as_secs()) > WINDOW {
            let message = format!(
                "The request was signed {} seconds from the present time, {}. At most {WINDOW} are taken: \
                 set the clock of the client.",
                signed_at.abs_diff(now.as_secs()),
                now.to_rfc3339()
            );
            return refuse("AuthFailure.SignatureExpire", &message);
        }
        let day = Timestamp::from_nanos(signed_at.saturating_mul(1_000_000_000)).to_rfc3339();
        if day.get(..10) != Some(claim.date) {
            let message = "The day of the scope in Credential must be that of X-TC-Timestamp in UTC.";
            return refuse("AuthFailure.SignatureFailure", message);
        }
        let operator = operators.find(claim.id).map_err(|error| {
            Failure::new("InternalError", format!("The file of operators cannot be used: {error}."))
        })?;
        let Some(operator) = operator else {
            let message =
                "No operator has this SecretId. Use that of an operator, not that of a caller's key.";
            return refuse("AuthFailure.SecretIdNotFound", message);
        };
        let (method, query, headers, body) = (&self.method, &*self.query, &self.headers, &*self.body);
        if !(Signed { method, query, headers, body, timestamp }).is_signed(&claim, operator.secret()) {
            let message = "The signature is not that of this request: check the SecretKey, and that the \
                           headers Host and Content-Type arrive as they were signed.";
            return refuse("AuthFailure.SignatureFailure", message);
        }
        let signs_action = claim.signed_headers.split(';').any(|name| name == ACTION);
        Ok(Verified { operator, signature: claim.signature, signed_at, signs_action })
    }

    /// A header that was sent once, and is text.
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() {
            return Some("");
        }
        value.to_str().ok().map(str::trim)
    }
}

impl Failure {
    /// Whether somebody tried to get in, and failed.
    pub(super) fn is_failed_try(&self) -> bool {
        self.code.starts_with("AuthFailure.") && self.code != "AuthFailure.UnauthorizedOperation"
    }
}
