//! The counters of a usage plan: one for the plan, or one for each of its keys, environments, or pairs of them.

use std::cell::RefCell;

use hashbrown::HashMap;

use crate::document::CounterPer;
use crate::limit::{Balance, Counter, Debit, Limits, Store};
use crate::lookup::{Key, Target, UsagePlan};
use crate::timestamp::Timestamp;

/// What a plan limits, and what one worker knows of how much of it is spent.
pub(super) struct Counters {
    key: String,
    limits: Limits,
    per: CounterPer,
    /// Of the plan as a whole.
    whole: RefCell<Counter>,
    /// Of a key and an environment, by their places; of either alone with zero for the other.
    parts: RefCell<HashMap<(usize, usize), Counter>>,
}

/// Whose request is counted.
#[derive(Clone, Copy)]
pub(super) struct Call<'p> {
    pub(super) key: (usize, &'p Key),
    pub(super) target: Target<'p>,
    /// The place of the request's API in the plan.
    pub(super) api: Option<usize>,
    pub(super) now: Timestamp,
}

// === impl Counters ===

impl Counters {
    /// The counters of `plan`; none when it limits nothing.
    pub(super) fn new(plan: &UsagePlan) -> Option<Self> {
        let limits = Limits::new(plan.max_requests_per_second(), plan.burst(), plan.quotas(), plan.apis());
        let key = format!("usage_plan/{}", plan.id());
        let whole = RefCell::new(Counter::new(key.clone()));
        let counters = Self { key, limits, per: plan.counter_per(), whole, parts: RefCell::default() };
        (!counters.limits.is_unlimited()).then_some(counters)
    }

    /// Counts a request or refuses it, and tells what is then left if that is asked for.
    pub(super) fn debit(
        &self,
        store: &impl Store,
        call: Call<'_>,
        with_balances: bool,
    ) -> (Debit, Vec<Balance<'_>>) {
        let debit = |counter: &mut Counter| {
            let debit = counter.debit(store, &self.limits, call.api, call.now);
            let balances = with_balances.then(|| counter.balances(&self.limits, call.api, call.now));
            (debit, balances.unwrap_or_default())
        };
        if self.per == CounterPer::default() {
            return debit(&mut self.whole.borrow_mut());
        }
        let place = |asked: bool, place: usize| if asked { place } else { 0 };
        let (key, environment) = (call.key.0, call.target.environment.place());
        let id = (place(self.per.key, key), place(self.per.environment, environment));
        debit(self.parts.borrow_mut().entry(id).or_insert_with(|| Counter::new(self.key_of(call))))
    }

    /// The key in the store: nothing of it is the request's own text.
    fn key_of(&self, call: Call<'_>) -> String {
        let mut key = self.key.clone();
        if self.per.key {
            key.extend(["/key/", call.key.1.secret_id()]);
        }
        if self.per.environment {
            let Target { service, environment, .. } = call.target;
            key.extend(["/environment/", service.id(), "/", environment.name()]);
        }
        key
    }
}
