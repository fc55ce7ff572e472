//! The requests of one worker that wait for the engine.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use usage_plan_core::fleet::{CounterId, Wake};
use usage_plan_core::gate::Waiting;
use usage_plan_core::reply::Header;

/// How many requests may wait on one worker. The plan's policy decides on the next one at once.
const MOST: usize = 1000;

/// A request that waits. Its context and the root context share it, because neither can reach the other.
pub(crate) struct Waiter {
    /// The request's context.
    pub(crate) id: u32,
    /// What the gate needs to decide on it; `None` once it is decided, and while it is counted.
    pub(crate) waiting: Cell<Option<Waiting>>,
    /// The headers that are added to the response, once it is let through.
    pub(crate) response_headers: RefCell<Vec<Header>>,
}

/// The requests that wait, in the order in which they came.
#[derive(Default)]
pub(crate) struct Waiters {
    /// Those whose counter has nothing for them.
    waiting: VecDeque<(CounterId, Rc<Waiter>)>,
    /// Those that are to be decided.
    due: VecDeque<(CounterId, Rc<Waiter>, Wake)>,
}

// === impl Waiters ===

impl Waiters {
    /// Whether no more requests may wait.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len().saturating_add(self.due.len()) >= MOST
    }

    /// Whether requests are to be decided.
    pub(crate) fn are_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Adds a request of this context.
    pub(crate) fn join(&mut self, id: u32, waiting: Waiting) -> Rc<Waiter> {
        let counter = waiting.counter();
        let waiter =
            Rc::new(Waiter { id, waiting: Cell::new(Some(waiting)), response_headers: RefCell::default() });
        self.waiting.push_back((counter, Rc::clone(&waiter)));
        waiter
    }

    /// Adds a request that was counted and has to wait again.
    pub(crate) fn join_again(&mut self, waiter: Rc<Waiter>, waiting: Waiting) {
        let counter = waiting.counter();
        waiter.waiting.set(Some(waiting));
        self.waiting.push_back((counter, waiter));
    }

    /// Takes out the request of this context.
    pub(crate) fn leave(&mut self, id: u32) {
        self.waiting.retain(|(_, waiter)| waiter.id != id);
        self.due.retain(|(_, waiter, _)| waiter.id != id);
    }

    /// Has the requests at this counter decided.
    pub(crate) fn wake(&mut self, counter: CounterId, wake: Wake) {
        self.waiting.retain(|(at, waiter)| {
            if *at == counter {
                self.due.push_back((counter, Rc::clone(waiter), wake));
            }
            *at != counter
        });
        if wake == Wake::Policy {
            let of_counter = self.due.iter_mut().filter(|(at, ..)| *at == counter);
            of_counter.for_each(|(.., earlier)| *earlier = wake);
        }
    }

    /// Has the requests at this counter wait on, which were to be counted again.
    pub(crate) fn wait_on(&mut self, counter: CounterId) {
        self.due.retain(|(at, waiter, wake)| {
            let waits = *at == counter && *wake == Wake::CountAgain;
            if waits {
                self.waiting.push_back((counter, Rc::clone(waiter)));
            }
            !waits
        });
    }

    /// The next request that is to be decided, and how.
    pub(crate) fn next_due(&mut self) -> Option<(Rc<Waiter>, Wake)> {
        self.due.pop_front().map(|(_, waiter, wake)| (waiter, wake))
    }
}
