//! A configuration at work: from a request's headers to the verdict on it.

use std::cell::RefCell;

use super::metrics::Metrics;
use crate::auth::{Authenticator, Caller, Headers, SecretUsed};
use crate::config::document::Authentication;
use crate::config::{Config, Key, NoTarget, Target, UsagePlan};
use crate::limit::{Counter, Outcome as Debited, Store};
use crate::reply::{Header, Outcome, Refusal, Reply, limit_headers};
use crate::time::{SECOND, Timestamp};

/// A configuration, with what one worker keeps for it between requests.
pub(super) struct Policy {
    config: Config,
    authenticator: Authenticator,
    /// In the order of `Config::usage_plans`; none for a plan without a limit.
    counters: Vec<Option<RefCell<Counter>>>,
    metrics: Metrics,
}

/// What becomes of a request.
pub(super) struct Verdict<'p> {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The plan it is counted on, once its caller is known.
    pub(super) plan: Option<(usize, &'p UsagePlan)>,
    /// The key and which of its two secrets was used, while it has two.
    pub(super) secret: Option<(usize, &'p Key, SecretUsed)>,
    /// Whether the plan's counter started afresh.
    pub(super) counter_restarted: bool,
    /// Whether it was admitted on a date that was not compared with the clock.
    pub(super) date_unchecked: bool,
    /// Where it goes, or what is replied.
    pub(super) action: Action<'p>,
}

/// Where a request goes.
pub(super) enum Action<'p> {
    /// Upstream.
    Forward(Forward<'p>),
    /// Back.
    Reply(Reply),
}

/// How a request goes upstream.
pub(super) struct Forward<'p> {
    pub(super) target: Target<'p>,
    /// The caller, unless it is anonymous.
    pub(super) key: Option<&'p Key>,
    /// The path to go upstream with, if it is another.
    pub(super) path: Option<Vec<u8>>,
    /// Whether `Authorization` stays.
    pub(super) keep_authorization: bool,
    /// What the response shall tell the caller.
    pub(super) limit_headers: Vec<Header>,
}

// === impl Policy ===

impl Policy {
    pub(super) fn new(config: Config) -> Self {
        let counter = |plan: &UsagePlan| {
            let limit = plan.max_requests_per_second()?;
            Some(RefCell::new(Counter::new(format!("usage_plan/{}", plan.id()), limit)))
        };
        let counters = config.usage_plans().iter().map(counter).collect();
        Self { authenticator: Authenticator::new(&config), counters, metrics: Metrics::default(), config }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Decides on the request with these headers, in the order of SPEC section 7.
    pub(super) fn decide<'p>(
        &'p self,
        headers: Headers<'_>,
        now: Timestamp,
        store: &impl Store,
    ) -> Verdict<'p> {
        let target = match self.config.target(headers.first(":authority"), headers.first(":path")) {
            Ok(target) => target,
            Err(NoTarget::Service) => {
                return self.refuse("", &Refusal::NoService(headers.first(":authority")));
            }
            Err(NoTarget::Environment(segment)) => {
                return self.refuse("", &Refusal::NoEnvironment(segment));
            }
        };
        let is_open = target.service.authentication() == Authentication::None;
        if is_open && !Authenticator::has_credential(headers) {
            return Verdict {
                outcome: Outcome::Anonymous,
                plan: None,
                secret: None,
                counter_restarted: false,
                date_unchecked: false,
                action: Action::Forward(self.forward(target, headers, None, Vec::new())),
            };
        }
        let realm = target.service.id();
        if !target.environment.has_usage_plans() {
            return self.refuse(realm, &Refusal::NoUsagePlan);
        }
        match self.authenticator.authenticate(&self.config, target, headers, now) {
            Ok(caller) => self.debit(target, headers, caller, now, store),
            Err(failure) => self.refuse(realm, &Refusal::Authentication(failure)),
        }
    }

    /// Counts the request of a known caller on its plan.
    fn debit<'p>(
        &'p self,
        target: Target<'p>,
        headers: Headers<'_>,
        caller: Caller,
        now: Timestamp,
        store: &impl Store,
    ) -> Verdict<'p> {
        let plan = self.config.usage_plans().get(caller.usage_plan);
        let limit = plan.and_then(UsagePlan::max_requests_per_second);
        let counter = self.counters.get(caller.usage_plan).and_then(Option::as_ref);
        let debit = counter.map(|counter| counter.borrow_mut().debit(store, now));
        let tell = |remaining, reset| {
            limit_headers(self.config.options().rate_limit_headers, limit, remaining, reset)
        };
        let key = self.config.keys().get(caller.key);
        let forward =
            |remaining| Action::Forward(self.forward(target, headers, key, tell(remaining, SECOND)));
        let refuse = |refusal: &Refusal<'_>| self.reply(target.service.id(), refusal);
        let (outcome, action) = match debit.map(|debit| debit.outcome) {
            None => (Outcome::Allowed, forward(0)),
            Some(Debited::Admitted { remaining }) => (Outcome::Allowed, forward(remaining)),
            Some(Debited::Spent { retry_at }) => {
                let wait = retry_at.saturating_since(now);
                let refusal = Refusal::RateLimited(wait);
                let mut reply = refuse(&refusal);
                reply.headers.extend(tell(0, wait));
                (refusal.outcome(), Action::Reply(reply))
            }
            Some(Debited::Unavailable) => {
                let refusal = Refusal::CounterUnavailable;
                (refusal.outcome(), Action::Reply(refuse(&refusal)))
            }
        };
        Verdict {
            outcome,
            plan: plan.map(|plan| (caller.usage_plan, plan)),
            secret: key.zip(caller.secret).map(|(key, secret)| (caller.key, key, secret)),
            counter_restarted: debit.is_some_and(|debit| debit.restarted),
            date_unchecked: caller.date_unchecked && outcome == Outcome::Allowed,
            action,
        }
    }

    fn forward<'p>(
        &self,
        target: Target<'p>,
        headers: Headers<'_>,
        key: Option<&'p Key>,
        limit_headers: Vec<Header>,
    ) -> Forward<'p> {
        let options = self.config.options();
        let path = match options.forward_environment_prefix {
            true => None,
            false => target.path_without_prefix(headers.first(":path")),
        };
        // An anonymous caller's `Authorization`, if any, is of another scheme and none of our business.
        let keep_authorization = options.forward_authorization || key.is_none();
        Forward { target, key, path, keep_authorization, limit_headers }
    }

    fn refuse(&self, realm: &str, refusal: &Refusal<'_>) -> Verdict<'_> {
        Verdict {
            outcome: refusal.outcome(),
            plan: None,
            secret: None,
            counter_restarted: false,
            date_unchecked: false,
            action: Action::Reply(self.reply(realm, refusal)),
        }
    }

    fn reply(&self, realm: &str, refusal: &Refusal<'_>) -> Reply {
        refusal.reply(self.config.options().auth_status, realm)
    }
}
