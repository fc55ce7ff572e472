//! Load: requests over several connections, as fast as they are answered or at a rate.
//!
//! A connection has one request under way at a time. Each thread sends on several of its connections and then
//! reads from all of these, so the client needs little of a machine that it shares with Envoy; a response is
//! seen when those before it have been.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::http::{Client, Request};

/// A request and the address that it is sent to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address.
    pub address: SocketAddr,
    /// The request's bytes, the same each time.
    pub request: Vec<u8>,
}

impl Target {
    /// `request` sent to `address`.
    pub fn new(address: SocketAddr, request: &Request) -> Self {
        Self { address, request: request.bytes() }
    }
}

/// A load. It ends at `duration` or `at_most` requests, whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// The number of connections, divided among the targets.
    pub connections: usize,
    /// Requests per second over all connections; `None`: as fast as they are answered.
    pub rate: Option<f64>,
    /// The longest time for sending.
    pub duration: Duration,
    /// The largest number of requests.
    pub at_most: usize,
}

impl Flood {
    /// For `duration`, as fast as 16 connections are answered, at most 200,000 requests.
    pub fn of(duration: Duration) -> Self {
        Self { connections: 16, rate: None, duration, at_most: 200_000 }
    }

    /// The same load at that many requests per second.
    #[must_use]
    pub fn rate(mut self, per_second: f64) -> Self {
        self.rate = Some(per_second);
        self
    }

    /// The same load over that many connections.
    #[must_use]
    pub fn connections(mut self, number: usize) -> Self {
        self.connections = number;
        self
    }
}

/// A request as the client saw it; times in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Just before it was sent.
    pub sent: u64,
    /// Just after its response was read.
    pub received: u64,
    /// The response's status; 0 if there was none.
    pub status: u16,
}

/// Sends load to `targets` and returns all requests with their results, in the order of sending.
///
/// # Errors
/// The load is empty, or no request was answered.
pub fn flood(targets: &[Target], load: &Flood) -> Result<Vec<Sample>> {
    if targets.is_empty() || load.connections == 0 || load.at_most == 0 {
        return Err(Error::new("a flood of nothing"));
    }
    let threads = load.connections.min(THREADS).min(load.at_most);
    let clock = Clock::start();
    let mut samples = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let mine = (thread..load.connections).step_by(threads);
            let connections = mine.map(|i| Connection::new(&targets[i % targets.len()])).collect();
            let at_most = load.at_most / threads + usize::from(thread < load.at_most % threads);
            let rate = load.rate.map(|rate| rate / threads as f64);
            let share = Share { connections, at_most, rate, offset: thread as f64 / threads as f64 };
            scope.spawn(move || share.send(load.duration, clock))
        };
        let handles: Vec<_> = (0..threads).map(work).collect();
        let joined = handles.into_iter().map(|handle| handle.join().expect("no panic in the load"));
        joined.flatten().collect::<Vec<_>>()
    });
    samples.sort_unstable_by_key(|sample| sample.sent);
    if samples.iter().all(|sample| sample.status == 0) {
        return Err(Error::new(format!("none of {} requests was answered", samples.len())));
    }
    Ok(samples)
}

/// The number of threads. More would take the processors from Envoy.
const THREADS: usize = 2;

/// Seconds between two batches of a load with a rate. At low rates a batch is one request, and they are
/// rarer.
const BATCH: f64 = 0.005;

/// What one thread sends.
struct Share<'a> {
    connections: Vec<Connection<'a>>,
    at_most: usize,
    rate: Option<f64>,
    /// How much later than the first thread it begins, as a part of the period between batches.
    offset: f64,
}

/// A client and the target that it sends to.
struct Connection<'a> {
    client: Client,
    target: &'a Target,
}

impl<'a> Connection<'a> {
    fn new(target: &'a Target) -> Self {
        Self { client: Client::new(target.address), target }
    }
}

impl Share<'_> {
    fn send(mut self, duration: Duration, clock: Clock) -> Vec<Sample> {
        // Connections are opened before the time counts, so that the load starts at once. Where that fails,
        // the request fails too.
        self.connections.iter_mut().for_each(|connection| drop(connection.client.open()));
        let all = self.connections.len();
        let batch = self.rate.map_or(all, |rate| ((rate * BATCH).ceil() as usize).clamp(1, all));
        let period = self.rate.map(|rate| batch as f64 / rate);
        let mut samples = Vec::new();
        let start = Instant::now();
        for round in 0.. {
            if let Some(period) = period {
                sleep_until(start + Duration::from_secs_f64(period * (f64::from(round) + self.offset)));
            }
            let now = batch.min(self.at_most - samples.len());
            // The first batch is sent however late this thread got the processor: a flood is never empty.
            if now == 0 || (round > 0 && start.elapsed() >= duration) {
                break;
            }
            let sent: Vec<_> = self.connections[..now].iter_mut().map(|c| c.send(clock)).collect();
            let answers = self.connections.iter_mut().zip(sent);
            samples.extend(answers.map(|(connection, sent)| connection.receive(sent, clock)));
            // The next batch uses the other connections.
            self.connections.rotate_left(now);
        }
        samples
    }
}

impl Connection<'_> {
    /// When the request was sent, and whether sending succeeded.
    fn send(&mut self, clock: Clock) -> (u64, bool) {
        let sent = clock.now();
        (sent, self.client.write(&self.target.request).is_ok())
    }

    fn receive(&mut self, (sent, done): (u64, bool), clock: Clock) -> Sample {
        let status = if done { self.client.read_status() } else { Err(Error::new("not sent")) };
        if status.is_err() {
            self.client.close();
            // A server that refuses connections is not asked again without a pause.
            std::thread::sleep(Duration::from_millis(1));
        }
        Sample { sent, received: clock.now(), status: status.unwrap_or(0) }
    }
}

/// Nanoseconds since 1970 that never step back: read from the system's clock once, then from a steady clock.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    epoch: u64,
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { epoch: nanoseconds(epoch), start: Instant::now() }
    }

    pub(crate) fn now(self) -> u64 {
        self.epoch + nanoseconds(self.start.elapsed())
    }
}

/// The nanoseconds of `duration`, at most `u64::MAX`, which is 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Sleeps until `due`, or not at all if that is past.
pub(crate) fn sleep_until(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers every read with 200, on a thread for each connection.
    pub(crate) fn server() -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut buffer = [0; 1024];
                    while stream.read(&mut buffer).is_ok_and(|n| n > 0) {
                        let _closed = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                    }
                });
            }
        });
        Target::new(address, &Request::get("h", "/"))
    }

    #[test]
    fn a_flood_ends_at_its_number_of_requests() {
        let load = Flood { at_most: 100, ..Flood::of(Duration::from_secs(60)).connections(3) };
        let samples = flood(&[server(), server()], &load).expect("answered");
        assert_eq!(samples.len(), 100);
        assert!(samples.iter().all(|sample| sample.status == 200 && sample.received >= sample.sent));
        assert!(samples.is_sorted_by_key(|sample| sample.sent));
    }

    #[test]
    fn a_rate_is_not_exceeded() {
        let load = Flood::of(Duration::from_millis(200)).connections(2).rate(100.0);
        let samples = flood(&[server()], &load).expect("answered");
        assert!((1..=20).contains(&samples.len()), "{}", samples.len());
    }

    #[test]
    fn a_low_rate_is_not_sent_all_at_once() {
        let samples =
            flood(&[server()], &Flood::of(Duration::from_millis(400)).rate(10.0)).expect("answered");
        assert!(samples.len() <= 4, "{}", samples.len());
    }

    #[test]
    fn every_request_that_is_sent_is_returned() {
        for at_most in [1, 2, 5, 33] {
            let load = Flood { at_most, ..Flood::of(Duration::from_secs(60)) };
            assert_eq!(flood(&[server()], &load).expect("answered").len(), at_most);
        }
    }

    #[test]
    fn a_flood_without_answers_is_an_error() {
        let [port] = crate::ports::free_ports().expect("a free port");
        let nobody = Target::new(crate::ports::local(port), &Request::get("h", "/"));
        let load = Flood { at_most: 4, ..Flood::of(Duration::from_secs(1)) };
        assert_eq!(flood(&[nobody], &load), Err(Error::new("none of 4 requests was answered")));
        assert!(flood(&[], &load).is_err());
    }
}
