//! The counters of a usage plan: one for the plan, or one for each of its keys, environments, or pairs of
//! them (`docs/rules.md#counters`).

use std::cell::RefCell;

use hashbrown::HashMap;

use super::call::Call;
use crate::document::CounterPer;
use crate::limit::{Admission, Balance, Clock, Counter, Debit, Limits, Store};
use crate::lookup::{Config, EnvironmentIndex, KeyIndex, UsagePlan};
use crate::timestamp::Timestamp;

/// The limits of a plan, and one worker's view of its counters.
pub(super) struct Counters {
    /// The key in the store of the counter of the plan as a whole; the other keys begin with it.
    key: String,
    limits: Limits,
    per: CounterPer,
    /// The counter of the plan as a whole.
    whole: RefCell<Counter>,
    /// The counters of keys, environments, or pairs of them.
    apart: RefCell<HashMap<CounterId, Counter>>,
}

/// Identifies a separate counter of a plan: by its key, its environment, or both.
type CounterId = (Option<KeyIndex>, Option<EnvironmentIndex>);

/// The result of counting a request.
pub(super) struct Counted<'c> {
    /// Whether the request may proceed.
    pub(super) admission: Admission,
    /// Whether the counter's bytes could not be read, so that counting started afresh.
    pub(super) restarted: bool,
    /// The time that decided: the request's, or that of a second look at the clock.
    pub(super) now: Timestamp,
    /// The balance of each limit in force, if balances were requested.
    pub(super) balances: Vec<Balance<'c>>,
}

// === impl Counters ===

impl Counters {
    /// The counters of `plan`; `None` when the plan has no limit.
    pub(super) fn new(plan: &UsagePlan) -> Option<Self> {
        let limits = Limits::of(plan);
        let key = format!("usage_plan/{}", plan.id());
        let whole = RefCell::new(Counter::new(key.clone()));
        let counters = Self { key, limits, per: plan.counter_per(), whole, apart: RefCell::default() };
        (!counters.limits.is_unlimited()).then_some(counters)
    }

    /// Counts a request on the plan's limits, or refuses it.
    pub(super) fn count(
        &self,
        host: &(impl Clock + Store),
        config: &Config,
        call: &Call,
        now: Timestamp,
        with_balances: bool,
    ) -> Counted<'_> {
        let count = |counter: &mut Counter| {
            let Debit { admission, restarted, now } = counter.debit(host, &self.limits, call.api, now);
            let balances =
                if with_balances { counter.balances(&self.limits, call.api, now) } else { Vec::new() };
            Counted { admission, restarted, now, balances }
        };
        if self.per == CounterPer::default() {
            return count(&mut self.whole.borrow_mut());
        }
        let id =
            (self.per.key.then_some(call.caller.key), self.per.environment.then_some(call.route.environment));
        let mut apart = self.apart.borrow_mut();
        count(apart.entry(id).or_insert_with(|| Counter::new(self.key_of(config, call))))
    }

    /// The key in the store of the call's counter. It consists of names from the document only, so a caller
    /// cannot make new keys.
    fn key_of(&self, config: &Config, call: &Call) -> String {
        let mut key = self.key.clone();
        if self.per.key {
            key.extend(["/key/", config.key(call.caller.key).secret_id()]);
        }
        if self.per.environment {
            let service = config.service(call.route.service).id();
            key.extend(["/environment/", service, "/", config.environment(call.route.environment).name()]);
        }
        key
    }
}
