//! What becomes of a request before anything is counted, in the order of SPEC section 7: which of its environments is
//! called, and by whom.

use crate::auth::{Authenticator, Caller, Headers};
use crate::document::Authentication;
use crate::lookup::{Config, NoTarget, Target};
use crate::reply::Refusal;
use crate::timestamp::Timestamp;

/// What becomes of a request before anything is counted.
#[derive(Debug)]
pub enum Decision<'c, 'r> {
    /// It has no credential, and its service asks for none.
    Anonymous(Target<'c>),
    /// Its caller has a plan there: to be counted.
    Known(Target<'c>, Caller),
    /// It is refused; where it would have gone, if that is known.
    Refused(Option<Target<'c>>, Refusal<'r>),
}

/// Decides on the request with these headers.
// The filter calls it in one place: inlined, its result is not copied for every request.
#[inline(always)]
pub fn decide<'c, 'r>(
    config: &'c Config,
    authenticator: &Authenticator,
    headers: Headers<'r>,
    now: Timestamp,
) -> Decision<'c, 'r> {
    let target = match config.target(headers.first(":authority"), headers.first(":path")) {
        Ok(target) => target,
        Err(NoTarget::Service) => {
            return Decision::Refused(None, Refusal::NoService(headers.first(":authority")));
        }
        Err(NoTarget::Environment(segment)) => {
            return Decision::Refused(None, Refusal::NoEnvironment(segment));
        }
    };
    if is_anonymous(target, headers) {
        return Decision::Anonymous(target);
    }
    if !target.environment.has_usage_plans() {
        return Decision::Refused(Some(target), Refusal::NoUsagePlan);
    }
    match authenticator.authenticate(config, target, headers, now) {
        Ok(caller) => Decision::Known(target, caller),
        Err(failure) => Decision::Refused(Some(target), Refusal::Authentication(failure)),
    }
}

/// Whether a request needs no credential where it goes, and has none.
#[inline]
pub fn is_anonymous(target: Target<'_>, headers: Headers<'_>) -> bool {
    let is_open = target.service.authentication() == Authentication::None;
    is_open && !Authenticator::has_credential(headers)
}

/// The path that a request goes upstream with, if it is not the one that came.
pub fn upstream_path(config: &Config, target: Target<'_>, headers: Headers<'_>) -> Option<Vec<u8>> {
    match config.options().forward_environment_prefix {
        true => None,
        false => target.path_without_prefix(headers.first(":path")),
    }
}
