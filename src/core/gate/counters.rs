//! The counters of a usage plan: one for the plan, or one for each of its keys, environments, or pairs of
//! them (`docs/rules.md#counters`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hashbrown::HashMap;

use super::call::Call;
use crate::document::CounterPer;
use crate::fleet::{Asker, CounterId, Description};
use crate::limit::{Admission, Balance, Clock, Counter, Debit, Limits, Store, Warning};
use crate::lookup::{Config, EnvironmentIndex, KeyIndex, UsagePlan};
use crate::timestamp::Timestamp;

/// The limits of a plan, and one worker's view of its counters.
pub(super) struct Counters {
    /// The key in the store of the counter of the plan as a whole; the other keys begin with it.
    key: String,
    limits: Rc<Limits>,
    /// The limits of the keys that have resets of their own, in the order of the keys.
    limits_of_keys: Vec<(KeyIndex, Rc<Limits>)>,
    per: CounterPer,
    /// The counter of the plan as a whole.
    whole: RefCell<Counter>,
    /// The counters of keys, environments, or pairs of them.
    apart: RefCell<SeparateCounters>,
    /// Whether an engine counts one of the limits. Then these counters are the asker's.
    have_pools: bool,
    /// The asker's counter of the plan as a whole, when it was needed.
    pooled_whole: Cell<Option<CounterId>>,
}

/// Separate counters, each by its key, its environment, or both.
pub(super) type SeparateCounters = HashMap<(Option<KeyIndex>, Option<EnvironmentIndex>), Counter>;

/// The result of counting a request.
pub(super) struct Tally<'c> {
    /// Whether the request may proceed.
    pub(super) admission: Admission,
    /// Whether the counter's bytes could not be read, so that counting started afresh.
    pub(super) restarted: bool,
    /// The time that decided: the request's, or that of a second look at the clock.
    pub(super) now: Timestamp,
    /// The balance of each limit in force, if balances were requested.
    pub(super) balances: Vec<Balance<'c>>,
    /// The parts of quotas that the request used up.
    pub(super) warnings: Box<[Warning]>,
}

// === impl Counters ===

impl Counters {
    /// The counters of `plan`; `None` when the plan has no limit.
    pub(super) fn new(config: &Config, plan: &UsagePlan) -> Option<Self> {
        let fleet = config.options().fleet.as_ref();
        let limits = Rc::new(Limits::of(plan, fleet));
        let key = format!("usage_plan/{}", plan.id());
        let whole = RefCell::new(Counter::new(key.clone()));
        let mut limits_of_keys: Vec<(KeyIndex, Rc<Limits>)> = Vec::new();
        for id in plan.resets().iter().filter_map(|reset| reset.key.as_deref()) {
            let Some(key) = config.find_key(id.as_bytes()) else { continue };
            if let Err(index) = limits_of_keys.binary_search_by_key(&key, |(key, _)| *key) {
                limits_of_keys.insert(index, (key, Rc::new(Limits::of_key(plan, fleet, id))));
            }
        }
        let (per, apart) = (plan.counter_per(), RefCell::default());
        let (have_pools, pooled_whole) = (limits.have_pools(), Cell::new(None));
        let counters = Self { key, limits, limits_of_keys, per, whole, apart, have_pools, pooled_whole };
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
    ) -> Tally<'_> {
        let count = |counter: &mut Counter, limits| {
            let Debit { admission, restarted, now } = counter.debit(host, limits, call.api, now);
            let balances = if with_balances { counter.balances(limits, call.api, now) } else { Vec::new() };
            let warnings = match admission {
                Admission::Granted => counter.warnings(limits, call.api),
                _ => Box::default(),
            };
            Tally { admission, restarted, now, balances, warnings }
        };
        if self.per == CounterPer::default() {
            return count(&mut self.whole.borrow_mut(), &self.limits);
        }
        let limits = self.limits_of(call.caller.key);
        let id = self.apart_by(call);
        let mut apart = self.apart.borrow_mut();
        count(apart.entry(id).or_insert_with(|| Counter::new(self.key_of(config, call))), limits)
    }

    /// What is left of every limit on the call's counter, also of the limits of other APIs. Nothing is
    /// counted.
    pub(super) fn peek(
        &self,
        store: &impl Store,
        config: &Config,
        call: &Call,
        now: Timestamp,
    ) -> Vec<(Option<usize>, Balance<'_>)> {
        Counter::new(self.key_of(config, call)).peek(store, self.limits_of(call.caller.key), now)
    }

    /// Whether an engine counts one of the limits.
    #[inline]
    pub(super) fn have_pools(&self) -> bool {
        self.have_pools
    }

    /// The asker's counter of the call.
    pub(super) fn pooled(&self, asker: &mut Asker, config: &Config, call: &Call) -> CounterId {
        if let Some(id) = self.pooled_whole.get() {
            return id;
        }
        let (key, environment) = self.apart_by(call);
        let id = asker.counter((call.caller.usage_plan, key, environment), || {
            let name = self.key_of(config, call);
            let part = name.get(self.key.len()..).unwrap_or_default().trim_start_matches('/').to_owned();
            let plan = config.usage_plan(call.caller.usage_plan).id().to_owned();
            Description { name, plan, part, limits: self.limits_of(call.caller.key).clone() }
        });
        if self.per == CounterPer::default() {
            self.pooled_whole.set(Some(id));
        }
        id
    }

    /// The key and the environment of the call, where they are counted apart.
    fn apart_by(&self, call: &Call) -> (Option<KeyIndex>, Option<EnvironmentIndex>) {
        (self.per.key.then_some(call.caller.key), self.per.environment.then_some(call.route.environment))
    }

    /// Gives back what this worker has reserved and not used.
    pub(super) fn give_back(&self, store: &impl Store) {
        self.whole.borrow_mut().give_back(store, &self.limits);
        for ((key, _), counter) in self.apart.borrow_mut().iter_mut() {
            counter.give_back(store, key.map_or(&self.limits, |key| self.limits_of(key)));
        }
    }

    /// The limits of the counter of this key.
    fn limits_of(&self, key: KeyIndex) -> &Rc<Limits> {
        let found = self.limits_of_keys.binary_search_by_key(&key, |(key, _)| *key);
        let of_key = found.ok().and_then(|index| self.limits_of_keys.get(index));
        of_key.map_or(&self.limits, |(_, limits)| limits)
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
