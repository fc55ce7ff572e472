//! What happens to a request.

use std::borrow::Cow;

use crate::auth::Caller;
use crate::lookup::{Config, Route};
use crate::reply::{Header, Identity, Reply};
use crate::request::Headers;
use crate::telemetry::Outcome;

/// What happens to a request.
#[derive(Debug)]
pub struct Verdict {
    /// How the request ended, or would have ended if nothing were observed.
    pub outcome: Outcome,
    /// Whether the request is let through although it would have been refused.
    pub observed: bool,
    /// The service and environment that it calls, if they exist.
    pub route: Option<Route>,
    /// The caller, once it is known; the request is counted on its plan.
    pub caller: Option<Caller>,
    /// The index of the request's API in the plan.
    pub api: Option<usize>,
    /// Whether the plan's counter could not be read and started afresh.
    pub counter_restarted: bool,
    /// Where the request goes, or what is replied.
    pub action: Action,
}

/// Where a request goes.
#[derive(Debug)]
pub enum Action {
    /// Upstream.
    Forward(Forward),
    /// Nowhere: the filter replies.
    Reply(Reply),
}

/// How a request goes upstream.
#[derive(Debug, Default)]
pub struct Forward {
    /// The caller that the upstream is shown, unless it is unknown.
    pub identity: Option<Identity>,
    /// The path that goes upstream, if it is not the request's.
    pub path: Option<Vec<u8>>,
    /// Whether `Authorization` stays behind.
    pub remove_authorization: bool,
    /// The headers that the response gets, for the caller.
    pub response_headers: Vec<Header>,
}

// === impl Verdict ===

impl Verdict {
    pub(super) fn new(outcome: Outcome, route: Option<Route>, action: Action) -> Self {
        Self { outcome, observed: false, route, caller: None, api: None, counter_restarted: false, action }
    }

    pub(super) fn anonymous(route: Route, path: Option<Vec<u8>>) -> Self {
        let forward = Forward { path, ..Forward::default() };
        Self::new(Outcome::Anonymous, Some(route), Action::Forward(forward))
    }

    pub(super) fn observed(outcome: Outcome, route: Option<Route>, forward: Forward) -> Self {
        Self { observed: true, ..Self::new(outcome, route, Action::Forward(forward)) }
    }

    /// The outcome's word for logs and metrics: `would_…` for a request that was let through although it
    /// would have been refused.
    pub fn word(&self) -> Cow<'static, str> {
        if self.observed { self.outcome.would().into() } else { self.outcome.as_str().into() }
    }

    /// Whether the request goes upstream on a date that was not compared with the clock.
    pub fn has_unchecked_date(&self) -> bool {
        self.caller.is_some_and(|caller| caller.date_unchecked) && matches!(self.action, Action::Forward(_))
    }
}

// === impl Forward ===

impl Forward {
    /// The names of the request's headers that do not go upstream: a caller's own identity headers, as often
    /// as they are there, and its credential (`docs/rules.md#identity`).
    #[inline]
    pub fn removed<'r>(&self, headers: Headers<'r>) -> impl Iterator<Item = &'r str> {
        // A caller that is known has sent this header exactly once, so it need not be looked for.
        let credential = self.remove_authorization.then_some("authorization");
        let identity = headers.names().filter(|name| Identity::has_field(name));
        identity.filter_map(|name| std::str::from_utf8(name).ok()).chain(credential)
    }

    /// The headers that go upstream in addition.
    pub fn added<'c>(&self, config: &'c Config) -> impl Iterator<Item = (&'static str, &'c str)> {
        self.identity.map(|identity| identity.fields(config)).into_iter().flatten()
    }
}
