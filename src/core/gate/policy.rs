//! A configuration at work: from a request's headers to the verdict on it.

use std::borrow::Cow;

use super::counters::{Call, Counters};
use super::decision::{Decision, decide, upstream_path};
use crate::auth::{Authenticator, Caller, Headers, SecretUsed};
use crate::document::Enforcement;
use crate::limit::{Outcome as Debited, Store};
use crate::lookup::{Config, Key, Target, UsagePlan};
use crate::reply::{Header, Identity, Refusal, Reply, Spent, limit_headers};
use crate::telemetry::Outcome;
use crate::timestamp::Timestamp;

/// What tells a caller that its call was let through by observation alone.
const OBSERVED: &str = "x-usage-plan-observed";

/// A configuration, with what one worker keeps for it between requests.
pub struct Policy {
    config: Config,
    authenticator: Authenticator,
    /// In the order of `Config::usage_plans`; none for a plan without a limit.
    counters: Vec<Option<Counters>>,
}

/// What becomes of a request.
pub struct Verdict<'p> {
    /// How it ended, or would have.
    pub outcome: Outcome,
    /// Whether it is let through though it would have been refused.
    pub observed: bool,
    /// The plan it is counted on, once its caller is known.
    pub plan: Option<(usize, &'p UsagePlan)>,
    /// The key and which of its two secrets was used, while it has two.
    pub secret: Option<(usize, &'p Key, SecretUsed)>,
    /// Whether the plan's counter started afresh.
    pub counter_restarted: bool,
    /// Whether it was admitted on a date that was not compared with the clock.
    pub date_unchecked: bool,
    /// Where it goes, or what is replied.
    pub action: Action<'p>,
}

/// Where a request goes.
pub enum Action<'p> {
    /// Upstream.
    Forward(Forward<'p>),
    /// Back.
    Reply(Reply),
}

/// How a request goes upstream.
#[derive(Default)]
pub struct Forward<'p> {
    /// What the upstream is told of the caller, unless it is unknown.
    pub identity: Option<Identity<'p>>,
    /// The path to go upstream with, if it is another.
    pub path: Option<Vec<u8>>,
    /// Whether `Authorization` goes no further.
    pub remove_authorization: bool,
    /// What the response shall tell the caller.
    pub response_headers: Vec<Header>,
}

// === impl Policy ===

impl Policy {
    pub fn new(config: Config) -> Self {
        let counters = config.usage_plans().iter().map(Counters::new).collect();
        Self { authenticator: Authenticator::new(&config), counters, config }
    }

    /// Decides on the request with these headers, in the order of SPEC section 7.
    pub fn decide<'p>(&'p self, headers: Headers<'_>, now: Timestamp, store: &impl Store) -> Verdict<'p> {
        match decide(&self.config, &self.authenticator, headers, now) {
            Decision::Anonymous(target) => {
                let path = upstream_path(&self.config, target, headers);
                let forward = Forward { path, ..Forward::default() };
                Verdict::new(Outcome::Anonymous, Action::Forward(forward))
            }
            Decision::Known(target, caller) => self.debit(target, headers, caller, now, store),
            Decision::Refused(target, refusal) => self.refuse(target, headers, &refusal),
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
        let key = self.config.keys().get(caller.key);
        let Some((plan, key)) = plan.zip(key) else {
            // A caller's places are those of this configuration; were they not, nothing could be counted.
            return self.refuse(Some(target), headers, &Refusal::CounterUnavailable);
        };
        let options = self.config.options();
        let path = upstream_path(&self.config, target, headers);
        let which = options.rate_limit_headers;
        let debit = self.counters.get(caller.usage_plan).and_then(Option::as_ref).map(|counters| {
            let upstream_path = || path.as_deref().unwrap_or_else(|| headers.first(":path"));
            let has_apis = !plan.apis().is_empty();
            let api = has_apis.then(|| plan.find_api(headers.first(":method"), upstream_path())).flatten();
            let call = Call { key: (caller.key, key), target, api, now };
            counters.debit(store, call, which.tencent || which.ietf)
        });
        let (debit, balances) = debit.map_or((None, Vec::new()), |(debit, left)| (Some(debit), left));
        let limit_headers = limit_headers(which, &balances, now);
        let restarted = debit.as_ref().is_some_and(|debit| debit.restarted);
        let refusal = match debit.map(|debit| debit.outcome) {
            None | Some(Debited::Admitted) => None,
            Some(Debited::Unavailable) => Some(Refusal::CounterUnavailable),
            Some(Debited::Spent(violation)) => {
                let is_ever = violation.retry_at != Timestamp::NEVER;
                let wait = is_ever.then(|| violation.retry_at.saturating_since(now));
                let spent = Spent { wait, limits: violation.limits };
                Some(if violation.of_rate {
                    Refusal::RateLimited(spent)
                } else {
                    Refusal::QuotaExceeded(spent)
                })
            }
        };
        let forward = |response_headers| Forward {
            identity: Some(Identity { plan, key, target }),
            path,
            remove_authorization: !options.forward_authorization,
            response_headers,
        };
        let observes = self.config.observes(plan);
        let mut verdict = match refusal {
            None => Verdict::new(Outcome::Allowed, Action::Forward(forward(limit_headers))),
            Some(Refusal::CounterUnavailable) => {
                self.refuse(Some(target), headers, &Refusal::CounterUnavailable)
            }
            Some(refusal) if observes => {
                let observed = (OBSERVED, refusal.outcome().would());
                let headers = limit_headers.into_iter().chain([observed]).collect();
                Verdict::observed(refusal.outcome(), forward(headers))
            }
            Some(refusal) => {
                let mut reply = refusal.reply(options, target.service.id());
                reply.headers.extend(limit_headers);
                Verdict::new(refusal.outcome(), Action::Reply(reply))
            }
        };
        verdict.plan = Some((caller.usage_plan, plan));
        verdict.secret = caller.secret.map(|secret| (caller.key, key, secret));
        verdict.counter_restarted = restarted;
        verdict.date_unchecked = caller.date_unchecked && matches!(verdict.action, Action::Forward(_));
        verdict
    }

    /// Refuses, or lets through without an identity where the options say so.
    fn refuse(&self, target: Option<Target<'_>>, headers: Headers<'_>, refusal: &Refusal<'_>) -> Verdict<'_> {
        let options = self.config.options();
        match options.enforcement {
            Enforcement::Enforce => {
                let realm = target.map_or("", |target| target.service.id());
                Verdict::new(refusal.outcome(), Action::Reply(refusal.reply(options, realm)))
            }
            Enforcement::Observe => {
                let path = target.and_then(|target| upstream_path(&self.config, target, headers));
                let response_headers = vec![(OBSERVED, refusal.outcome().would())];
                Verdict::observed(refusal.outcome(), Forward { path, response_headers, ..Forward::default() })
            }
        }
    }
}

// === impl Verdict ===

impl<'p> Verdict<'p> {
    fn new(outcome: Outcome, action: Action<'p>) -> Self {
        Self {
            outcome,
            observed: false,
            plan: None,
            secret: None,
            counter_restarted: false,
            date_unchecked: false,
            action,
        }
    }

    fn observed(outcome: Outcome, forward: Forward<'p>) -> Self {
        Self { observed: true, ..Self::new(outcome, Action::Forward(forward)) }
    }

    /// The word for logs and metrics.
    pub fn word(&self) -> Cow<'static, str> {
        if self.observed { self.outcome.would().into() } else { self.outcome.as_str().into() }
    }
}
