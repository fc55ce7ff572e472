//! The gate: everything from a request to its verdict, counting included.
//!
//! [`Gate::begin`] asks who calls what, in the order of `docs/rules.md#refusals`. A request that needs no
//! counting is [`Step::Done`]. A known caller's request is a [`Call`]: it owns all that [`Gate::count`]
//! needs, so a step may pause between the two. [`Gate::decide`] does both at once.

mod call;
mod counters;
mod verdict;

pub use self::call::Call;
use self::counters::Counters;
pub use self::verdict::{Action, Forward, Verdict};
use crate::auth::{Authenticator, Authorization, Caller};
use crate::document::{Authentication, Enforcement};
use crate::limit::{Admission, Store};
use crate::lookup::{Config, NoRoute, PlanIndex, Route, Table, UsagePlan};
use crate::reply::{Header, Identity, Refusal, limit_headers};
use crate::request::Request;
use crate::telemetry::Outcome;
use crate::timestamp::Timestamp;

/// Shows a caller that its call was let through only because the plan or the options observe.
const OBSERVED: &str = "x-usage-plan-observed";

/// A configuration at work, with what one worker keeps for it between requests.
pub struct Gate {
    config: Config,
    authenticator: Authenticator,
    /// None for a plan without a limit.
    counters: Table<UsagePlan, Option<Counters>>,
}

/// Where a request is on its way to its verdict.
pub enum Step {
    /// Nothing is left to be asked.
    Done(Verdict),
    /// The caller is known; its plan is still to be asked.
    Count(Call),
}

// === impl Gate ===

impl Gate {
    /// Puts a configuration to work.
    pub fn new(config: Config) -> Self {
        let counters = config.usage_plans().map(Counters::new);
        Self { authenticator: Authenticator::new(&config), counters, config }
    }

    /// The configuration at work.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether a request over the limits of the plan is refused: it has a limit, and nothing observes it.
    pub fn can_refuse(&self, usage_plan: PlanIndex) -> bool {
        self.counters.get(usage_plan).is_some() && !self.config.observes(self.config.usage_plan(usage_plan))
    }

    /// Decides on a request that arrives at `now`, and counts it in `store` if it is to be counted.
    pub fn decide(&self, request: &Request<'_>, now: Timestamp, store: &impl Store) -> Verdict {
        match self.begin(request, now) {
            Step::Done(verdict) => verdict,
            Step::Count(call) => self.count(call, now, store),
        }
    }

    /// Asks who calls what: the service, the environment, whether it has plans, and the caller.
    // The filter calls it in one place: inlined, its result is not copied for every request.
    #[inline(always)]
    pub fn begin(&self, request: &Request<'_>, now: Timestamp) -> Step {
        let config = &self.config;
        let route = match config.route(request.authority, request.path) {
            Ok(route) => route,
            Err(NoRoute::Service) => {
                return Step::Done(self.refuse(None, request, &Refusal::NoService(request.authority)));
            }
            Err(NoRoute::Environment(segment)) => {
                return Step::Done(self.refuse(None, request, &Refusal::NoEnvironment(segment)));
            }
        };
        let authorization = Authorization::of(request);
        let is_open = config.service(route.service).authentication() == Authentication::None;
        if is_open && authorization == Authorization::Absent {
            let path = config.upstream_path(route, request.path);
            return Step::Done(Verdict::anonymous(route, path));
        }
        if !config.environment(route.environment).has_usage_plans() {
            return Step::Done(self.refuse(Some(route), request, &Refusal::NoUsagePlan));
        }
        match self.authenticator.authenticate(config, route, request, authorization, now) {
            Ok(caller) => Step::Count(self.call(route, caller, request)),
            Err(failure) => Step::Done(self.refuse(Some(route), request, &Refusal::Authentication(failure))),
        }
    }

    fn call(&self, route: Route, caller: Caller, request: &Request<'_>) -> Call {
        let plan = self.config.usage_plan(caller.usage_plan);
        let path = self.config.upstream_path(route, request.path);
        let api = if plan.apis().is_empty() {
            None
        } else {
            plan.find_api(request.method, path.as_deref().unwrap_or(request.path))
        };
        Call { route, caller, path, api }
    }

    /// Counts the request of a known caller on its plan, and decides on it.
    pub fn count(&self, call: Call, now: Timestamp, store: &impl Store) -> Verdict {
        let options = self.config.options();
        let which = options.rate_limit_headers;
        let Some(counters) = self.counters.get(call.caller.usage_plan) else {
            return self.allow(call, false, limit_headers(which, &[], now));
        };
        let counted = counters.count(store, &self.config, &call, now, which.tencent || which.ietf);
        let headers = limit_headers(which, &counted.balances, now);
        let refusal = match counted.admission {
            Admission::Granted => return self.allow(call, counted.restarted, headers),
            Admission::Exhausted(violation) => Refusal::exhausted(violation, now),
            Admission::Unavailable => Refusal::CounterUnavailable,
        };
        let outcome = refusal.outcome();
        let mut verdict = if outcome == Outcome::CounterUnavailable {
            self.refuse_on(Some(call.route), call.path, &refusal)
        } else if self.config.observes(self.config.usage_plan(call.caller.usage_plan)) {
            let observed = (OBSERVED, outcome.would());
            let headers = headers.into_iter().chain([observed]).collect();
            Verdict::observed(
                outcome,
                Some(call.route),
                self.forward(&call.caller, call.route, call.path, headers),
            )
        } else {
            let mut reply = refusal.reply(options, self.config.service(call.route.service).id());
            reply.headers.extend(headers);
            Verdict::new(outcome, Some(call.route), Action::Reply(reply))
        };
        verdict.caller = Some(call.caller);
        verdict.api = call.api;
        verdict.counter_restarted = counted.restarted;
        verdict
    }

    /// Lets the request of a known caller through.
    fn allow(&self, call: Call, counter_restarted: bool, response_headers: Vec<Header>) -> Verdict {
        let Call { route, caller, path, api } = call;
        let forward = self.forward(&caller, route, path, response_headers);
        let verdict = Verdict::new(Outcome::Allowed, Some(route), Action::Forward(forward));
        Verdict { caller: Some(caller), api, counter_restarted, ..verdict }
    }

    fn forward(
        &self,
        caller: &Caller,
        route: Route,
        path: Option<Vec<u8>>,
        response_headers: Vec<Header>,
    ) -> Forward {
        let identity = Identity { usage_plan: caller.usage_plan, key: caller.key, route };
        let remove_authorization = !self.config.options().forward_authorization;
        Forward { identity: Some(identity), path, remove_authorization, response_headers }
    }

    /// Refuses a request, or lets it through without an identity where the options say to observe.
    fn refuse(&self, route: Option<Route>, request: &Request<'_>, refusal: &Refusal<'_>) -> Verdict {
        // Only a request that is let through needs its upstream path.
        let path = match (route, self.config.options().enforcement) {
            (Some(route), Enforcement::Observe) => self.config.upstream_path(route, request.path),
            _ => None,
        };
        self.refuse_on(route, path, refusal)
    }

    /// As [`refuse`](Self::refuse), with the path that goes upstream if the request is let through.
    fn refuse_on(&self, route: Option<Route>, path: Option<Vec<u8>>, refusal: &Refusal<'_>) -> Verdict {
        let options = self.config.options();
        match options.enforcement {
            Enforcement::Enforce => {
                let realm = route.map_or("", |route| self.config.service(route.service).id());
                Verdict::new(refusal.outcome(), route, Action::Reply(refusal.reply(options, realm)))
            }
            Enforcement::Observe => {
                let response_headers = vec![(OBSERVED, refusal.outcome().would())];
                let forward = Forward { path, response_headers, ..Forward::default() };
                Verdict::observed(refusal.outcome(), route, forward)
            }
        }
    }
}
