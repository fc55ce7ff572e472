//! The verdict on a request: forward it, or reply.

use std::borrow::Cow;

use crate::auth::{Caller, Claimed};
use crate::limit::Warning;
use crate::lookup::{Config, KeyIndex, Route};
use crate::reply::{Header, Identity, JoinedHeaders, Reply};
use crate::request::Headers;
use crate::telemetry::Outcome;

/// The verdict on a request: what happens to it, and what the operator is shown.
#[derive(Debug)]
pub struct Verdict {
    /// How the request ended, or would have ended without observe mode.
    pub outcome: Outcome,
    /// Whether the request is let through only because the plan or the options observe.
    pub observed: bool,
    /// The service and the environment that the request calls, if they exist.
    pub route: Option<Route>,
    /// The caller, if it is known. The request is counted on the caller's plan.
    pub caller: Option<Caller>,
    /// The key that the credential names, if the request does not prove its caller.
    pub claimed: Claimed,
    /// The index of the request's API in the plan, if it has one.
    pub api: Option<usize>,
    /// Whether the bytes of the plan's counter could not be read, so that counting started afresh.
    pub counter_restarted: bool,
    /// The parts of quotas that the request used up, of which the plan warns.
    pub warnings: Box<[Warning]>,
    /// What the filter does with the request.
    pub action: Action,
}

/// What the filter does with a request.
#[derive(Debug)]
pub enum Action {
    /// The filter lets the request go upstream.
    Forward(Forward),
    /// The filter replies itself.
    Reply(Reply),
}

/// How a request goes upstream.
#[derive(Debug, Default)]
pub struct Forward {
    /// The caller that is shown to the upstream, if it is known.
    pub identity: Option<Identity>,
    /// The path that goes upstream; `None` when the request's path stays as it is.
    pub path: Option<Vec<u8>>,
    /// Whether `Authorization`, if the request has it, is removed.
    pub remove_authorization: bool,
    /// The headers that are added to the response for the caller.
    pub response_headers: Vec<Header>,
}

// === impl Verdict ===

impl Verdict {
    pub(super) fn new(outcome: Outcome, route: Option<Route>, action: Action) -> Self {
        Self {
            outcome,
            observed: false,
            route,
            caller: None,
            claimed: Claimed::Nothing,
            api: None,
            counter_restarted: false,
            warnings: Box::default(),
            action,
        }
    }

    pub(super) fn anonymous(route: Route, path: Option<Vec<u8>>) -> Self {
        let forward = Forward { path, ..Forward::default() };
        Self::new(Outcome::Anonymous, Some(route), Action::Forward(forward))
    }

    pub(super) fn observed(outcome: Outcome, route: Option<Route>, forward: Forward) -> Self {
        Self { observed: true, ..Self::new(outcome, route, Action::Forward(forward)) }
    }

    /// The outcome's word for logs and metrics: `would_…` for a request that was let through only because the
    /// plan or the options observe.
    pub fn word(&self) -> Cow<'static, str> {
        if self.observed { self.outcome.would().into() } else { self.outcome.as_str().into() }
    }

    /// The key that sent the request, or that the request claims to be of, if the document has it.
    pub fn key(&self) -> Option<KeyIndex> {
        match (self.caller, self.claimed) {
            (Some(caller), _) => Some(caller.key),
            (None, Claimed::Key(key)) => Some(key),
            (None, Claimed::Nothing | Claimed::Unknown) => None,
        }
    }

    /// Whether the request goes upstream although none of its signed dates was compared with the clock.
    pub fn has_unchecked_date(&self) -> bool {
        self.caller.is_some_and(|caller| caller.date_unchecked) && matches!(self.action, Action::Forward(_))
    }
}

// === impl Forward ===

impl Forward {
    /// The names of the request's headers that do not go upstream: identity headers that the caller sent,
    /// each as often as it is present, and the credential (`docs/rules.md#identity`).
    #[inline]
    pub fn removed<'r>(&self, headers: Headers<'r>) -> impl Iterator<Item = &'r str> {
        let credential = self.removes_credential(headers).then_some("authorization");
        Identity::names_in(headers).chain(credential)
    }

    /// Whether the request has a credential that does not go upstream.
    #[inline]
    pub fn removes_credential(&self, headers: Headers<'_>) -> bool {
        // A known caller has sent this header exactly once, so it need not be searched for.
        let is_sent = || self.identity.is_some() || headers.names().any(|name| name == b"authorization");
        self.remove_authorization && is_sent()
    }

    /// Gives `add` the headers that are added to the request: the identity of a known caller. `joined` are
    /// those of the gate that forwards the request.
    #[inline]
    pub fn show_identity(
        &self,
        config: &Config,
        joined: &JoinedHeaders,
        mut add: impl FnMut(&'static str, &str),
    ) {
        if let Some(identity) = self.identity {
            joined.show(identity, config, &mut add);
        }
    }
}
