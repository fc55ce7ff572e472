//! What a root context does for its worker: asks the engine, and decides on the requests that wait for it.

use std::rc::Rc;

use proxy_wasm::types::MapType;
use usage_plan_core::fleet::{Answer, Answered, Ticket, Wake};
use usage_plan_core::gate::{Action, Counted, Verdict};
use usage_plan_core::limit::Clock;
use usage_plan_core::request::Headers;

use crate::abi::{self, HeaderMap};
use crate::fleet::{Fleet, Waiter};
use crate::host::Envoy;
use crate::installed::Installed;
use crate::stream::Stream;

/// How many requests are decided in one callback. Envoy lets each of them go on within the end of the one
/// before, and the stack of the VM has room for some 270.
const AT_ONCE: usize = 32;

/// After how many requests in a row that must wait again the others of their counter wait on, too.
const MISSES: usize = 8;

/// A root context that is called.
#[derive(Clone, Copy)]
pub(super) struct Worker<'a> {
    installed: &'a Installed,
    fleet: &'a Fleet,
}

// === impl Worker ===

impl<'a> Worker<'a> {
    /// `None` where the options name no engine.
    pub(super) fn of(installed: &'a Installed) -> Option<Self> {
        installed.fleet.as_deref().map(|fleet| Self { installed, fleet })
    }

    /// A request has kicked the root context.
    pub(super) fn on_kick(self) {
        self.fleet.on_kick();
        self.work();
    }

    /// Time has passed.
    pub(super) fn on_tick(self) {
        for ticket in self.fleet.on_tick(Envoy.now()) {
            self.hear(ticket, Answer::Failed);
        }
        self.work();
    }

    /// The engine has answered the call with this number: with a status of gRPC, and a message if that is 0.
    pub(super) fn on_answer(self, token: u32, status: u32, message: &[u8]) {
        if let Some((ticket, answer)) = self.fleet.answered(token, status, message) {
            self.hear(ticket, answer);
        }
        self.work();
    }

    fn hear(self, ticket: Ticket, answer: Answer) {
        self.follow(self.installed.gate.answered(ticket, answer, Envoy.now(), &Envoy));
    }

    /// Does what follows from asking, or from an answer.
    fn follow(self, answered: Answered) {
        let mut waiters = self.fleet.waiters.borrow_mut();
        answered.wakes.into_iter().for_each(|(counter, wake)| waiters.wake(counter, wake));
        let config = self.installed.gate.config();
        answered.events.iter().for_each(|event| self.fleet.metrics.count(config, event));
    }

    fn work(self) {
        self.decide();
        self.ask();
        if self.fleet.waiters.borrow().are_due() {
            self.fleet.kick(Envoy.now());
        }
    }

    fn ask(self) {
        let now = Envoy.now();
        let (asks, answered) = self.installed.gate.asks(now, &Envoy);
        self.follow(answered);
        for ask in asks {
            if self.fleet.ask(&ask, now).is_err() {
                self.hear(ask.ticket, Answer::Failed);
            }
        }
    }

    /// Decides on some of the requests that are due.
    fn decide(self) {
        let mut misses = 0_usize;
        let mut touched = false;
        for _ in 0..AT_ONCE {
            let next = self.fleet.waiters.borrow_mut().next_due();
            let Some((waiter, wake)) = next else { break };
            let Some(waiting) = waiter.waiting.take() else { continue };
            if abi::set_effective_context(waiter.id).is_err() {
                self.installed.gate.left(waiting);
                continue;
            }
            touched = true;
            let (gate, now, counter) = (&self.installed.gate, Envoy.now(), waiting.counter());
            let counted = match wake {
                Wake::CountAgain => gate.count_again(waiting, now, &Envoy),
                Wake::Policy => Counted::Decided(gate.give_up(waiting, now, &Envoy)),
            };
            match counted {
                Counted::Decided(verdict) => {
                    misses = 0;
                    self.carry_out(verdict, &waiter);
                }
                Counted::Waits(waiting) => {
                    let mut waiters = self.fleet.waiters.borrow_mut();
                    waiters.join_again(waiter, waiting);
                    misses = misses.saturating_add(1);
                    if misses >= MISSES {
                        misses = 0;
                        waiters.wait_on(counter);
                    }
                }
            }
        }
        if touched {
            // What is asked next must not end with the request that was decided last.
            abi::set_effective_context(self.fleet.root).ok();
        }
    }

    /// Carries out the verdict on the request of the effective context.
    fn carry_out(self, verdict: Verdict, waiter: &Rc<Waiter>) {
        self.installed.report(&verdict);
        match verdict.action {
            Action::Forward(forward) => {
                let map = HeaderMap::of_request(MapType::HttpRequestHeaders);
                Stream.forward(&forward, &self.installed.gate, Headers::new(&map.fields()));
                waiter.response_headers.replace(forward.response_headers);
                if let Err(status) = abi::resume_request() {
                    log::error!("cannot resume a request: {status:?}");
                }
            }
            Action::Reply(reply) => abi::reply(&reply),
        }
    }
}
