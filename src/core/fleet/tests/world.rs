//! Several Envoys with some workers each, a network, and an engine, in simulated time. What counts is the
//! code that the filter runs: the asker, the counter, the pools, the breaker.

mod workers;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::rc::Rc;

use super::engine::Engine;
use super::envoy::{Cells, Envoy, Host, Worker};
use super::history::{Planned, Setting};
use super::random::Random;
use super::told::Told;
use crate::fleet::{Answer, Ask, Asker, Description};
use crate::limit::Limits;
use crate::lookup::{Config, PlanIndex};
use crate::timestamp::Timestamp;

/// The beginning of simulated time, when a second begins, in microseconds: noon, so that no clock that is
/// off is in another day.
const START: u64 = 1_699_963_200_000_000;

/// A request that waits this long is decided without the engine.
const PATIENCE: u64 = 60_000;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrive,
    Kick(usize, usize),
    Tick(usize, usize),
    AtEngine(usize),
    Answer(usize, bool),
    Crash(usize),
    Away(bool),
    Lose,
}

/// A call on its way.
struct Call {
    envoy: usize,
    worker: usize,
    epoch: u64,
    ask: Ask,
    answer: Option<Answer>,
    is_slow: bool,
}

pub(super) struct World {
    setting: Setting,
    random: Random,
    now: u64,
    sequence: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    config: Config,
    plan: PlanIndex,
    engine: Engine,
    envoys: Vec<Envoy>,
    calls: Vec<Call>,
    told: Told,
}

impl World {
    pub(super) fn new(setting: Setting, seed: u64) -> Self {
        let text = setting.document();
        let config = Config::parse(text.as_bytes(), &|_| None).unwrap_or_else(|errors| panic!("{errors}"));
        let (plan, _) = config.usage_plans().enumerate().next().expect("a plan");
        let engine = Engine::new(setting.engine);
        let mut world = Self {
            random: Random(seed),
            now: 0,
            sequence: 0,
            events: BinaryHeap::new(),
            config,
            plan,
            engine,
            envoys: Vec::new(),
            calls: Vec::new(),
            told: Told::default(),
            setting,
        };
        for index in 0..world.setting.envoys {
            let skew = i64::try_from(world.setting.skew).expect("small");
            let ahead = world.random.within(0, 2 * world.setting.skew + 1) as i64 - skew;
            let loses = world.setting.loses_writes.then_some(7);
            let cells = Cells { loses, ..Cells::default() };
            world.envoys.push(Envoy { cells, ahead, workers: Vec::new(), epoch: 0 });
            world.start(index);
        }
        world
    }

    /// Starts the workers of an Envoy.
    fn start(&mut self, envoy: usize) {
        let fleet = self.config.options().fleet.as_ref().expect("a fleet");
        let plan = self.config.usage_plan(self.plan);
        let workers = (0..self.setting.workers).map(|_| {
            let mut asker = Asker::new(fleet);
            let counter = asker.counter((self.plan, None, None), || Description {
                name: "usage_plan/gold".to_owned(),
                plan: "gold".to_owned(),
                part: String::new(),
                limits: Rc::new(Limits::of(plan, Some(fleet))),
            });
            Worker { asker, counter, waiting: Vec::new(), in_flight: HashSet::new(), is_kicked: false }
        });
        self.envoys[envoy].workers = workers.collect();
        for worker in 0..self.setting.workers {
            let first = self.random.within(0, 50_000);
            self.after(first, Event::Tick(envoy, worker));
        }
    }

    fn after(&mut self, delay: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((self.now + delay, self.sequence, event)));
    }

    pub(super) fn run(mut self) -> Told {
        for (at, event) in self.setting.plan_faults(&mut self.random) {
            let event = match event {
                Planned::Crash(envoy) => Event::Crash(envoy),
                Planned::Away(is_away) => Event::Away(is_away),
                Planned::Lose => Event::Lose,
            };
            self.after(at, event);
        }
        self.after(0, Event::Arrive);
        // After the last request, those that wait and debt that is made have time to be done with.
        let end = self.setting.length + 12_000_000;
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            if at > end {
                break;
            }
            self.now = at;
            self.happen(event);
        }
        self.told.calls = self.engine.calls;
        self.told.forgotten = self.engine.forgotten;
        let workers = self.envoys.iter().flat_map(|envoy| &envoy.workers);
        self.told.hung = workers.map(|worker| worker.waiting.len()).sum();
        self.told
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive => self.arrive(),
            Event::Kick(envoy, worker) => {
                if let Some(kicked) = self.envoys[envoy].workers.get_mut(worker) {
                    kicked.is_kicked = false;
                }
                self.ask(envoy, worker);
            }
            Event::Tick(envoy, worker) => {
                self.end_patience(envoy, worker);
                self.ask(envoy, worker);
                self.after(50_000, Event::Tick(envoy, worker));
            }
            Event::AtEngine(call) => self.reach_engine(call),
            Event::Answer(call, has_come) => self.answer(call, has_come),
            Event::Crash(index) => {
                let envoy = &mut self.envoys[index];
                (envoy.epoch, envoy.cells.cells) = (envoy.epoch + 1, RefCell::default());
                self.told.crashes += 1;
                self.start(index);
            }
            Event::Away(is_away) => self.engine.is_away = is_away,
            Event::Lose => self.engine.lose(self.now.saturating_sub(1_000_000)),
        }
    }

    fn clock(&self, envoy: usize) -> Timestamp {
        let micros = (START + self.now).saturating_add_signed(self.envoys[envoy].ahead);
        Timestamp::from_nanos(micros * 1000)
    }

    fn arrive(&mut self) {
        if self.now >= self.setting.length {
            return;
        }
        let (count, gap) = self.setting.load.next(self.setting.offered, &mut self.random);
        for _ in 0..count {
            let envoy = self.setting.load.envoy(self.setting.envoys, self.now, &mut self.random);
            let worker = self.random.within(0, self.setting.workers as u64) as usize;
            self.told.offered += 1;
            self.count(envoy, worker, None);
            self.kick(envoy, worker);
        }
        self.after(gap.max(1), Event::Arrive);
    }

    fn kick(&mut self, envoy: usize, index: usize) {
        let Some(worker) = self.envoys[envoy].workers.get_mut(index) else { return };
        if worker.asker.wants_to_ask() && !worker.is_kicked {
            worker.is_kicked = true;
            let delay = self.random.within(10, 60);
            self.after(delay, Event::Kick(envoy, index));
        }
    }

    fn ask(&mut self, envoy: usize, index: usize) {
        let now = self.clock(envoy);
        let Envoy { cells, workers, epoch, .. } = &mut self.envoys[envoy];
        let epoch = *epoch;
        let Some(worker) = workers.get_mut(index) else { return };
        let (asks, answered) = worker.asker.asks(now, &Host { cells, now });
        for ask in asks {
            let again = worker.in_flight.iter().any(|ticket| ticket.supply == ask.ticket.supply);
            assert!(!again, "two asks for one limit are in flight: {ask:?}");
            worker.in_flight.insert(ask.ticket);
            let is_slow = self.random.one_in(100);
            let delay =
                self.random.within(200, 900) + if is_slow { self.random.within(5000, 20_000) } else { 0 };
            let call = self.calls.len();
            self.calls.push(Call { envoy, worker: index, epoch, ask, answer: None, is_slow });
            self.sequence += 1;
            let timeout = self.now + self.setting.timeout();
            self.events.push(Reverse((self.now + delay, self.sequence, Event::AtEngine(call))));
            self.events.push(Reverse((timeout, self.sequence, Event::Answer(call, false))));
        }
        self.follow(envoy, index, answered);
    }

    fn reach_engine(&mut self, index: usize) {
        if self.engine.is_away {
            return;
        }
        let call = &mut self.calls[index];
        call.answer = Some(self.engine.decide(&call.ask, self.now));
        let is_lost = self.random.within(0, 1000) < self.setting.lost_per_mille;
        if !is_lost {
            let slow = if self.calls[index].is_slow { self.random.within(0, 5000) } else { 0 };
            let delay = self.random.within(200, 900) + slow;
            self.after(delay, Event::Answer(index, true));
        }
    }

    /// An answer comes, or the time for it is over.
    fn answer(&mut self, index: usize, has_come: bool) {
        let Call { envoy, worker, epoch, ref ask, answer, .. } = self.calls[index];
        let (now, ticket) = (self.clock(envoy), ask.ticket);
        let Envoy { cells, workers, epoch: present, .. } = &mut self.envoys[envoy];
        if *present != epoch || !workers[worker].in_flight.remove(&ticket) {
            return;
        }
        let answer = answer.filter(|_| has_come).unwrap_or(Answer::Failed);
        let answered = workers[worker].asker.answered(ticket, answer, now, &Host { cells, now });
        self.follow(envoy, worker, answered);
        self.kick(envoy, worker);
    }
}
