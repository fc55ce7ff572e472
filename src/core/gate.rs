//! The gate: decides what happens to a request, and counts it.
//!
//! [`Gate::begin`] finds the service, the environment and the caller, in the order of
//! `docs/rules.md#refusals`. A request that needs no counting is [`Step::Done`]. The request of a known
//! caller is a [`Call`]. It owns everything that [`Gate::count`] needs, so the filter can pause between the
//! two steps. [`Gate::decide`] takes both at once.

mod call;
mod counters;
mod fleet;
mod usage;
mod verdict;
mod waiting;

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

pub use self::call::Call;
use self::counters::{Counters, Tally};
use self::usage::UsageCounters;
pub use self::verdict::{Action, Forward, Verdict};
pub use self::waiting::{Counted, Waiting};
use crate::auth::{Authenticator, Authorization, Caller, Unproven};
use crate::document::{Authentication, Enforcement};
use crate::fleet::Asker;
use crate::limit::{Admission, Clock, Store, Warning};
use crate::lookup::{Config, NoRoute, PlanIndex, Route, Table, UsagePlan};
use crate::reply::{Exhausted, Header, Identity, JoinedHeaders, Refusal, limit_headers, usage_reply};
use crate::request::Request;
use crate::telemetry::Outcome;
use crate::timestamp::Timestamp;

/// The response header that shows a caller that its request was let through only because the plan or the
/// options observe.
const OBSERVED: &str = "x-usage-plan-observed";

/// A configuration in force, with the state that one worker keeps for it between requests.
pub struct Gate {
    config: Arc<Config>,
    authenticator: Authenticator,
    /// The counters of each plan; `None` for a plan without a limit.
    counters: Table<UsagePlan, Option<Counters>>,
    /// The counters of requests for what is left of a caller's limits, made when there is such a request.
    usage_counters: OnceCell<Box<UsageCounters>>,
    /// What this worker has to do with the engine of the fleet, if there is one.
    asker: Option<Box<RefCell<Asker>>>,
    joined_headers: JoinedHeaders,
}

/// The result of [`Gate::begin`].
pub enum Step {
    /// The verdict is made without counting.
    Done(Verdict),
    /// The caller is known. The request must be counted on the caller's plan.
    Count(Call),
}

// === impl Gate ===

impl Gate {
    /// Makes the gate of a configuration, with nothing counted yet. Gates of several workers can share the
    /// configuration.
    pub fn new(config: impl Into<Arc<Config>>) -> Self {
        let config = config.into();
        let counters = config.usage_plans().map(|plan| Counters::new(&config, plan));
        let asker = config.options().fleet.as_ref().map(|fleet| Box::new(RefCell::new(Asker::new(fleet))));
        let (authenticator, joined_headers) = (Authenticator::new(&config), JoinedHeaders::default());
        Self { authenticator, counters, usage_counters: OnceCell::new(), asker, joined_headers, config }
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The joined identity headers that this worker has made.
    pub fn joined_headers(&self) -> &JoinedHeaders {
        &self.joined_headers
    }

    /// Whether the plan can refuse a request: it has a limit, and neither the plan nor the options observe.
    pub fn can_refuse(&self, usage_plan: PlanIndex) -> bool {
        self.counters.get(usage_plan).is_some() && !self.config.observes(self.config.usage_plan(usage_plan))
    }

    /// Decides on a request that arrives at `now`, and counts it in the store of `host` if its caller is
    /// known. What would wait for an engine is decided without it: this is for hosts that ask none.
    pub fn decide(&self, request: &Request<'_>, now: Timestamp, host: &(impl Clock + Store)) -> Verdict {
        match self.begin(request, now) {
            Step::Done(verdict) => verdict,
            Step::Count(call) => match self.count(call, now, host) {
                Counted::Decided(verdict) => verdict,
                Counted::Waits(waiting) => self.give_up(waiting, now, host),
            },
        }
    }

    /// Finds the service, the environment, and the caller, and checks that the environment has plans.
    // There is only one caller in the filter, and inlining saves a copy of the result for every request.
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
        let asks_for_usage = config.is_usage_request(route, request.method, request.path);
        let is_open = config.service(route.service).authentication() == Authentication::None;
        if is_open && authorization == Authorization::Absent && !asks_for_usage {
            let path = config.upstream_path(route, request.path);
            return Step::Done(Verdict::anonymous(route, path));
        }
        let refuse = |refusal| {
            if asks_for_usage {
                self.refuse_usage(route, &refusal)
            } else {
                self.refuse(Some(route), request, &refusal)
            }
        };
        if !config.environment(route.environment).has_usage_plans() {
            return Step::Done(refuse(Refusal::NoUsagePlan));
        }
        match self.authenticator.authenticate(config, route, request, authorization, now) {
            Ok(caller) if asks_for_usage => {
                Step::Count(Call { route, caller, path: None, api: None, asks_for_usage })
            }
            Ok(caller) => Step::Count(self.call(route, caller, request)),
            Err(Unproven { failure, claimed }) => {
                Step::Done(Verdict { claimed, ..refuse(Refusal::Authentication(failure)) })
            }
        }
    }

    /// The call of a known caller: the path that goes upstream, and the API of the plan.
    fn call(&self, route: Route, caller: Caller, request: &Request<'_>) -> Call {
        let plan = self.config.usage_plan(caller.usage_plan);
        let path = self.config.upstream_path(route, request.path);
        let api = if plan.apis().is_empty() {
            None
        } else {
            plan.find_api(request.method, path.as_deref().unwrap_or(request.path))
        };
        Call { route, caller, path, api, asks_for_usage: false }
    }

    /// Counts the request of a known caller on the caller's plan, and decides on it, unless it must wait for
    /// the engine of the fleet.
    #[inline]
    pub fn count(&self, call: Call, now: Timestamp, host: &(impl Clock + Store)) -> Counted {
        if call.asks_for_usage {
            return Counted::Decided(self.show_usage(&call, now, host));
        }
        let which = self.config.options().rate_limit_headers;
        let Some(counters) = self.counters.get(call.caller.usage_plan) else {
            let headers = limit_headers(which, &[], now);
            return Counted::Decided(self.allow(call, false, Box::default(), headers));
        };
        if let (Some(asker), true) = (&self.asker, counters.have_pools()) {
            return self.count_pooled(asker, counters, call, now, host);
        }
        let counted = counters.count(host, &self.config, &call, now, which.tencent || which.ietf);
        let headers = limit_headers(which, &counted.balances, counted.now);
        let Tally { admission, restarted, now, warnings, .. } = counted;
        Counted::Decided(self.conclude(call, (admission, now), restarted, warnings, headers))
    }

    /// The verdict on a request that was counted.
    #[inline(never)]
    fn conclude(
        &self,
        call: Call,
        (admission, now): (Admission, Timestamp),
        restarted: bool,
        warnings: Box<[Warning]>,
        headers: Vec<Header>,
    ) -> Verdict {
        let options = self.config.options();
        let refusal = match admission {
            Admission::Granted => return self.allow(call, restarted, warnings, headers),
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
        verdict.counter_restarted = restarted;
        verdict
    }

    /// Gives back what this worker has reserved of limits and not used. Whoever replaces a gate does this, so
    /// that no document takes anything of a quota with it.
    pub fn give_back(&self, store: &impl Store) {
        self.counters.iter().flatten().for_each(|counters| counters.give_back(store));
    }

    /// Shows a known caller what is left of its limits, without counting the request on them.
    #[cold]
    fn show_usage(&self, call: &Call, now: Timestamp, host: &(impl Clock + Store)) -> Verdict {
        let (config, key) = (&self.config, call.caller.key);
        let counters = self.usage_counters.get_or_init(Box::default);
        let debit = counters.debit(host, key, config.key(key).secret_id(), now);
        let verdict = match debit.admission {
            Admission::Granted => {
                let counters = self.counters.get(call.caller.usage_plan).as_ref();
                let balances = counters.map(|counters| counters.peek(host, config, call, debit.now));
                let reply = usage_reply(config, call.caller, call.route, &balances.unwrap_or_default());
                Verdict::new(Outcome::UsageShown, Some(call.route), Action::Reply(reply))
            }
            Admission::Exhausted(violation) => {
                let wait = Some(violation.retry_at.saturating_since(debit.now));
                let exhausted = Exhausted { wait, limits: violation.limits };
                self.refuse_usage(call.route, &Refusal::UsageRateLimited(exhausted))
            }
            Admission::Unavailable => self.refuse_usage(call.route, &Refusal::CounterUnavailable),
        };
        Verdict { caller: Some(call.caller), counter_restarted: debit.restarted, ..verdict }
    }

    /// Refuses to show what is left. Observing changes nothing of it: such a request has no upstream that it
    /// could be let through to.
    #[cold]
    fn refuse_usage(&self, route: Route, refusal: &Refusal<'_>) -> Verdict {
        let reply = refusal.reply(self.config.options(), self.config.service(route.service).id());
        Verdict::new(refusal.outcome(), Some(route), Action::Reply(reply))
    }

    /// The verdict on a request of a known caller that is let through.
    fn allow(
        &self,
        call: Call,
        counter_restarted: bool,
        warnings: Box<[Warning]>,
        response_headers: Vec<Header>,
    ) -> Verdict {
        let Call { route, caller, path, api, .. } = call;
        let forward = self.forward(&caller, route, path, response_headers);
        let verdict = Verdict::new(Outcome::Allowed, Some(route), Action::Forward(forward));
        Verdict { caller: Some(caller), api, counter_restarted, warnings, ..verdict }
    }

    /// How the request of a known caller goes upstream.
    fn forward(&self, caller: &Caller, route: Route, path: Option<Vec<u8>>, headers: Vec<Header>) -> Forward {
        let identity = Identity { usage_plan: caller.usage_plan, key: caller.key, route };
        let remove_authorization = !self.config.options().forward_authorization;
        Forward { identity: Some(identity), path, remove_authorization, response_headers: headers }
    }

    /// Refuses a request, or lets it through without an identity if the options observe.
    fn refuse(&self, route: Option<Route>, request: &Request<'_>, refusal: &Refusal<'_>) -> Verdict {
        // Only a request that is let through needs its upstream path.
        let path = match (route, self.config.options().enforcement) {
            (Some(route), Enforcement::Observe) => self.config.upstream_path(route, request.path),
            _ => None,
        };
        self.refuse_on(route, path, refusal)
    }

    /// Like [`refuse`](Self::refuse), with the path that goes upstream if the request is let through; `None`
    /// leaves it as it is.
    fn refuse_on(&self, route: Option<Route>, path: Option<Vec<u8>>, refusal: &Refusal<'_>) -> Verdict {
        let options = self.config.options();
        match options.enforcement {
            Enforcement::Enforce => {
                let realm = route.map_or("", |route| self.config.service(route.service).id());
                Verdict::new(refusal.outcome(), route, Action::Reply(refusal.reply(options, realm)))
            }
            Enforcement::Observe => {
                let response_headers = vec![(OBSERVED, refusal.outcome().would())];
                // The credential may be good in another environment, so the upstream must not receive it.
                let remove_authorization = !options.forward_authorization;
                let forward = Forward { path, remove_authorization, response_headers, ..Forward::default() };
                Verdict::observed(refusal.outcome(), route, forward)
            }
        }
    }
}

#[cfg(test)]
mod tests;
