//! What one worker does where an engine counts for several Envoys: it counts requests by tokens, keeps
//! account of those that wait, asks the engine, and hears its answers.

mod asking;
mod counting;

use std::rc::Rc;
use std::time::Duration;

use hashbrown::HashMap;

use super::ask::CounterId;
use super::breaker::BreakerCell;
use super::event::{Event, What};
use super::supply::Supply;
use super::terms::Terms;
use crate::document::{EngineKind, Fleet};
use crate::limit::{Balance, Counter, Limits, Pooled, Warning};
use crate::lookup::{EnvironmentIndex, KeyIndex, PlanIndex};
use crate::timestamp::Timestamp;

/// So many requests wait on a worker at most. The others are decided without the engine.
const MOST_WAITING: u32 = 1000;

/// A plan, and its key or environment that is counted apart.
pub type Apart = (PlanIndex, Option<KeyIndex>, Option<EnvironmentIndex>);

/// One worker's view of the counters of which an engine counts limits.
#[derive(Debug)]
pub struct Asker {
    engine: EngineKind,
    timeout: Duration,
    breaker: BreakerCell,
    ids: HashMap<Apart, CounterId>,
    counters: Vec<Counted>,
    /// The supplies of all counters, those of one in a row.
    supplies: Vec<OfLimit>,
    /// The places of the supplies that want to ask.
    listed: Vec<usize>,
    /// Whether the engine was not to be asked when this worker looked last.
    is_blocked: bool,
    /// The number of requests that wait.
    waiting: u32,
    /// The number of the last ask.
    serial: u32,
    /// The number of the ask that tries whether the engine is back.
    tries: Option<u32>,
    events: Vec<Event>,
}

/// One counter.
#[derive(Debug)]
struct Counted {
    plan: PlanIndex,
    description: Description,
    counter: Counter,
    /// The place of its first supply.
    first: usize,
}

/// What a counter is.
#[derive(Debug)]
pub struct Description {
    /// The name of its cell.
    pub name: String,
    /// The plan's id.
    pub plan: String,
    /// Which of the plan's counters it is; empty where it has one.
    pub part: String,
    /// Its limits.
    pub limits: Rc<Limits>,
}

/// The supply of one limit of one counter.
#[derive(Debug)]
struct OfLimit {
    counter: CounterId,
    /// The limit's place among those of its counter.
    place: usize,
    /// The limit's name.
    name: Rc<str>,
    supply: Supply,
}

/// A supply, with all that concerns it.
struct View<'v> {
    id: CounterId,
    plan: PlanIndex,
    description: &'v Description,
    limit: Pooled<'v>,
    terms: Terms,
    name: &'v Rc<str>,
    counter: &'v mut Counter,
    supply: &'v mut Supply,
}

// === impl Asker ===

impl Asker {
    /// Nothing is counted yet.
    pub fn new(fleet: &Fleet) -> Self {
        Self {
            engine: fleet.engine,
            timeout: fleet.timeout,
            breaker: BreakerCell::new(&fleet.cluster),
            ids: HashMap::new(),
            counters: Vec::new(),
            supplies: Vec::new(),
            listed: Vec::new(),
            is_blocked: false,
            waiting: 0,
            serial: 0,
            tries: None,
            events: Vec::new(),
        }
    }

    /// The counter of a plan, or of a part of it, which is made when it is needed first.
    pub fn counter(&mut self, of: Apart, describe: impl FnOnce() -> Description) -> CounterId {
        match self.ids.get(&of) {
            Some(id) => *id,
            None => {
                let id = self.add(of.0, describe());
                self.ids.insert(of, id);
                id
            }
        }
    }

    #[cold]
    fn add(&mut self, plan: PlanIndex, description: Description) -> CounterId {
        let id = CounterId(u32::try_from(self.counters.len()).unwrap_or(u32::MAX));
        let first = self.supplies.len();
        for (place, limit) in description.limits.pooled().enumerate() {
            let supply = Supply::new(limit.period().is_some());
            self.supplies.push(OfLimit { counter: id, place, name: limit.name().into(), supply });
        }
        let counter = Counter::new(description.name.clone());
        self.counters.push(Counted { plan, description, counter, first });
        id
    }

    /// What is left of each limit in force on a counter, as far as it is known.
    pub fn balances(&self, id: CounterId, api: Option<usize>, now: Timestamp) -> Vec<Balance<'_>> {
        let Some(Counted { counter, description, .. }) = self.counters.get(id.place()) else {
            return Vec::new();
        };
        counter.pooled_balances(&description.limits, api, now)
    }

    /// The parts that a request which was just granted used up of quotas that this Envoy counts.
    pub fn warnings(&self, id: CounterId, api: Option<usize>) -> Box<[Warning]> {
        let counted = self.counters.get(id.place());
        counted.map(|counted| counted.counter.warnings(&counted.description.limits, api)).unwrap_or_default()
    }

    /// Whether there is something to ask.
    pub fn wants_to_ask(&self) -> bool {
        !self.listed.is_empty() && !self.is_blocked
    }

    /// The supply at a place, with its limit and its counter.
    fn view(&mut self, place: usize) -> Option<View<'_>> {
        let OfLimit { counter, place, name, supply } = self.supplies.get_mut(place)?;
        let id = *counter;
        let Counted { plan, counter, description, .. } = self.counters.get_mut(id.place())?;
        let limit = description.limits.pooled().nth(*place)?;
        let is_quota = limit.period().is_some();
        let terms = Terms { engine: self.engine, max: limit.max(), is_quota, timeout: self.timeout };
        Some(View { id, plan: *plan, description, limit, terms, name, counter, supply })
    }

    /// Counts something that happened to a plan, or to one of its limits.
    fn note(&mut self, plan: Option<PlanIndex>, limit: Option<&Rc<str>>, what: What, count: u64) {
        if count == 0 {
            return;
        }
        let is_same =
            |event: &&mut Event| event.what == what && event.plan == plan && event.limit.as_ref() == limit;
        match self.events.iter_mut().find(is_same) {
            Some(event) => event.count = event.count.saturating_add(count),
            None => self.events.push(Event { plan, limit: limit.cloned(), what, count }),
        }
    }
}
