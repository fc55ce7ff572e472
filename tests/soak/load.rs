//! The callers: on every listener over HTTP/1.1 and HTTP/2, each sending its next request when the last one
//! is answered.

mod connection;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use testbed::{Context, Result};
use tokio::runtime;

use self::connection::Connection;
use crate::claim::Claim;
use crate::event::Event;
use crate::sample::{Answer, Door, Protocol, Sample, path};
use crate::world::{MOVED, ROTATED, STEADY, TOGGLED};

/// For each listener and protocol: connections, and requests that are under way on each of them at a time.
const CALLERS: [(Protocol, usize, usize); 2] = [(Protocol::Http1, 6, 1), (Protocol::Http2, 2, 6)];

/// How many requests a connection is used for. New ones come to other workers.
const REQUESTS: u64 = 5000;

/// How long an answer may take before its request counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a caller waits before it connects again after a failure.
const PAUSE: Duration = Duration::from_millis(50);

/// What the callers share.
pub struct Load {
    /// Set when they shall end.
    pub stop: AtomicBool,
    /// The newest generation of the secret of [`ROTATED`], which may not be published yet.
    pub generation: AtomicU32,
    requests: AtomicU64,
    connections: AtomicU64,
    events: Sender<Event>,
}

// === impl Load ===

impl Load {
    /// Each request is reported to `events`.
    pub fn new(events: Sender<Event>) -> Arc<Self> {
        Arc::new(Self {
            stop: AtomicBool::new(false),
            generation: AtomicU32::new(0),
            requests: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            events,
        })
    }

    /// Begins to call `listeners`. The thread ends when all that was sent is answered.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start(self: &Arc<Self>, listeners: &[SocketAddr]) -> Result<JoinHandle<()>> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("a runtime")?;
        let (load, listeners) = (Arc::clone(self), listeners.to_owned());
        Ok(std::thread::spawn(move || {
            runtime.block_on(async {
                let mut callers = Vec::new();
                for address in listeners {
                    for (protocol, connections, at_a_time) in CALLERS {
                        for _ in 0..connections {
                            let load = Arc::clone(&load);
                            callers.push(tokio::spawn(load.call((address, protocol), at_a_time)));
                        }
                    }
                }
                for caller in callers {
                    caller.await.expect("a caller does not panic");
                }
            });
        }))
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Calls on one connection after the other.
    async fn call(self: Arc<Self>, door: Door, at_a_time: usize) {
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.connections.fetch_add(1, Ordering::Relaxed);
            match Connection::open(door).await {
                Ok(connection) => self.exhaust(connection, door, number, at_a_time).await,
                Err(error) => {
                    self.report(Event::Failed(format!("a connection to {door:?}: {error}")));
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Sends all requests of a connection, `at_a_time`.
    async fn exhaust(self: &Arc<Self>, connection: Connection, door: Door, number: u64, at_a_time: usize) {
        let share = REQUESTS / at_a_time as u64;
        let streams: Vec<_> = connection
            .streams(at_a_time)
            .into_iter()
            .map(|stream| tokio::spawn(Arc::clone(self).send(stream, door, number, share)))
            .collect();
        for stream in streams {
            stream.await.expect("a caller does not panic");
        }
    }

    /// Sends one request after the other until one fails.
    async fn send(self: Arc<Self>, mut connection: Connection, door: Door, number: u64, requests: u64) {
        for _ in 0..requests {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let id = self.requests.fetch_add(1, Ordering::Relaxed);
            let claim = claim(id, self.generation.load(Ordering::Relaxed));
            let request = claim.request(&path(id));
            let sent = Instant::now();
            let answer = tokio::time::timeout(PATIENCE, connection.send(&request)).await;
            let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")));
            let answered = Instant::now();
            let lost = answer.is_err();
            let answer = answer.map(|(status, body)| Answer { status, body });
            self.report(Event::Answered(Sample {
                id,
                claim,
                door,
                connection: number,
                sent,
                answered,
                answer,
            }));
            if lost {
                return;
            }
        }
    }

    fn report(&self, event: Event) {
        // Nobody listens any more at the very end.
        drop(self.events.send(event));
    }
}

/// What the request of that number claims. Every kind comes again after a few requests.
fn claim(id: u64, newest: u32) -> Claim {
    let steady = |index: usize| Claim::Signed { key: STEADY[index].0, generation: 0 };
    let rotated = |back| Claim::Signed { key: ROTATED, generation: newest.saturating_sub(back) };
    match id % 23 {
        0..5 => steady(0),
        5..9 => steady(1),
        9..11 => steady(2),
        11 => steady(3),
        12..15 => Claim::Signed { key: TOGGLED, generation: 0 },
        15 => rotated(0),
        16 => rotated(1),
        17 => rotated(2),
        18 | 22 => Claim::Signed { key: MOVED, generation: 0 },
        19 if id.is_multiple_of(2) => Claim::Unknown,
        19 => Claim::Unsigned,
        20 => Claim::Stale(STEADY[0].0),
        _ => Claim::Forged(STEADY[0].0),
    }
}
