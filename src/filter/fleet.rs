//! What one root context has for the engine of a fleet: a queue, with which the requests of its worker wake
//! it, who of them waits, and the calls that are not answered yet.
//!
//! A call that the context of a request makes ends with that request, so the root context makes all of them.

pub mod message;
mod metrics;
mod queue_name;
mod waiters;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::types::Status;
use usage_plan_core::document::{EngineKind, Fleet as Options};
use usage_plan_core::fleet::{Answer, Ask, Ticket};
use usage_plan_core::gate::Waiting;
use usage_plan_core::timestamp::Timestamp;

use self::metrics::FleetMetrics;
use self::queue_name::QueueName;
pub(super) use self::waiters::{Waiter, Waiters};
use crate::abi;

/// How often the root context looks for what it was not told.
const TICK_MILLISECONDS: u32 = 50;

/// When what should have happened long ago will not happen any more.
const OVERDUE: Duration = Duration::from_secs(1);

/// What one root context has for the engine.
pub(super) struct Fleet {
    /// The root context's own number.
    pub(super) root: u32,
    pub(super) waiters: RefCell<Waiters>,
    pub(super) metrics: FleetMetrics,
    queue: u32,
    /// Another root context of this VM may take the name when this one ends.
    _queue_name: QueueName,
    /// Envoy's `GrpcService` of the engine.
    grpc_service: String,
    domain: String,
    engine: EngineKind,
    timeout: Duration,
    calls: RefCell<Vec<Call>>,
    /// Since when the queue has an item.
    kicked: Cell<Option<Timestamp>>,
    /// Whether the host has called the root context, and when it began to wait for that.
    heard: Cell<bool>,
    started: Timestamp,
    /// Whether the log has said that something is missing.
    complained: Cell<bool>,
    complained_of_answer: Cell<bool>,
}

/// A call to the engine that is not answered yet.
struct Call {
    token: u32,
    ticket: Ticket,
    sent: Timestamp,
}

// === impl Fleet ===

impl Fleet {
    /// Prepares the root context with this number to ask the engine. The error says what the host lacks.
    #[cold]
    pub(super) fn start(root: u32, options: &Options, now: Timestamp) -> Result<Self, String> {
        let missing = |what: &'static str| {
            move |status: Status| format!("{what} fails: {status:?}; the allowed capabilities may lack it")
        };
        let grpc_service = message::grpc_service(&options.cluster).ok_or("the cluster's name is too long")?;
        let queue_name = QueueName::take();
        let queue =
            abi::register_queue(queue_name.as_str()).map_err(missing("proxy_register_shared_queue"))?;
        abi::dequeue(queue).map_err(missing("proxy_dequeue_shared_queue"))?;
        abi::set_effective_context(root).map_err(missing("proxy_set_effective_context"))?;
        // There is no request here to resume, so nothing happens where it is allowed.
        abi::resume_request().map_err(missing("proxy_continue_stream"))?;
        abi::set_tick_period(TICK_MILLISECONDS).map_err(missing("proxy_set_tick_period_milliseconds"))?;
        Ok(Self {
            root,
            waiters: RefCell::default(),
            metrics: FleetMetrics::default(),
            queue,
            _queue_name: queue_name,
            grpc_service,
            domain: options.domain.clone(),
            engine: options.engine,
            timeout: options.timeout,
            calls: RefCell::default(),
            kicked: Cell::new(None),
            heard: Cell::new(false),
            started: now,
            complained: Cell::new(false),
            complained_of_answer: Cell::new(false),
        })
    }

    /// Has a request wait; gives it back when no more may wait, or nobody would wake it.
    pub(super) fn wait(&self, id: u32, waiting: Waiting, now: Timestamp) -> Result<Rc<Waiter>, Waiting> {
        if !self.heard.get() && now.saturating_since(self.started) > OVERDUE {
            self.complain("the root context is not called", "proxy_on_queue_ready and proxy_on_tick");
            return Err(waiting);
        }
        let mut waiters = self.waiters.borrow_mut();
        if waiters.is_full() { Err(waiting) } else { Ok(waiters.join(id, waiting)) }
    }

    /// Has the host call the root context, unless it is about to.
    pub(super) fn kick(&self, now: Timestamp) {
        if self.kicked.get().is_some() {
            return;
        }
        self.kicked.set(Some(now));
        if let Err(status) = abi::enqueue(self.queue) {
            self.complain(&format!("cannot kick the root context: {status:?}"), "proxy_enqueue_shared_queue");
        }
    }

    /// The root context is called because of a kick.
    pub(super) fn on_kick(&self) {
        self.heard.set(true);
        self.kicked.set(None);
        abi::dequeue(self.queue).ok();
    }

    /// Time has passed. Returns the calls that the host should have ended, and has not.
    pub(super) fn on_tick(&self, now: Timestamp) -> Vec<Ticket> {
        self.heard.set(true);
        if self.kicked.get().is_some_and(|kicked| now.saturating_since(kicked) > OVERDUE) {
            self.complain("a kick does not reach the root context", "proxy_on_queue_ready");
            self.kicked.set(None);
        }
        let mut calls = self.calls.borrow_mut();
        let longest = self.timeout.saturating_add(OVERDUE);
        let overdue = calls.extract_if(.., |call| now.saturating_since(call.sent) > longest);
        let overdue: Vec<_> = overdue.map(|call| call.ticket).collect();
        if !overdue.is_empty() {
            self.complain(
                "a call to the engine does not end",
                "proxy_on_grpc_receive and proxy_on_grpc_close",
            );
        }
        overdue
    }

    /// Sends an ask to the engine. An error is an answer, too: [`Answer::Failed`].
    pub(super) fn ask(&self, ask: &Ask, now: Timestamp) -> Result<(), Status> {
        let entries: Vec<_> = ask.entries.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let descriptor = message::Descriptor {
            entries: &entries,
            limit: ask.limit,
            unit: ask.unit as u32,
            hits: ask.hits,
        };
        let request = message::request(&self.domain, descriptor);
        let call = hostcalls::dispatch_grpc_call(
            &self.grpc_service,
            message::SERVICE,
            message::METHOD,
            Vec::new(),
            Some(&request),
            self.timeout,
        );
        let token = call.inspect_err(|status| {
            let what = format!("cannot call the engine: {status:?}; there may be no cluster of that name");
            self.complain(&what, "proxy_grpc_call");
        })?;
        self.calls.borrow_mut().push(Call { token, ticket: ask.ticket, sent: now });
        Ok(())
    }

    /// Takes what the call with this number asked for, and reads the answer: a status of gRPC, and a message.
    pub(super) fn answered(&self, token: u32, status: u32, message: &[u8]) -> Option<(Ticket, Answer)> {
        let mut calls = self.calls.borrow_mut();
        let position = calls.iter().position(|call| call.token == token)?;
        let ticket = calls.swap_remove(position).ticket;
        // A status other than 0 comes without a message.
        let read = match self.engine {
            EngineKind::Limitador => message::overall,
            EngineKind::UsagePlan | EngineKind::Envoyproxy => message::response,
        };
        let answer = match read(message) {
            Some(message::Response::Ok { remaining }) => Answer::Granted { remaining },
            Some(message::Response::OverLimit { remaining }) => Answer::OverLimit { remaining },
            None => {
                self.complain_of_answer(status);
                Answer::Failed
            }
        };
        Some((ticket, answer))
    }

    /// Says in the log what is wrong, and what is missing perhaps, once. Metrics count how often it happens.
    #[cold]
    fn complain(&self, what: &str, missing: &str) {
        if !self.complained.replace(true) {
            log::error!("options.fleet: {what}; the allowed capabilities may lack {missing}");
        }
    }

    /// Says in the log that the engine gives no answer that means anything, once.
    #[cold]
    fn complain_of_answer(&self, status: u32) {
        if !self.complained_of_answer.replace(true) {
            log::error!(
                "options.fleet: a call to the engine ends with the gRPC status {status} and no answer that counts; \
                 usage_plan_engine_calls counts how often, and on_engine_down decides meanwhile"
            );
        }
    }
}
