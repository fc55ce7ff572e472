//! Callers that keep a pace.

use std::collections::VecDeque;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::flood::{Clock, Sample, Target, nanoseconds, sleep_until};
use crate::http::Client;

/// How many requests can be under way at once.
const CONNECTIONS: usize = 32;

/// The result of a paced caller.
#[derive(Clone, Debug)]
pub struct Paced {
    /// Every request, in the order of sending.
    pub samples: Vec<Sample>,
    /// How far the latest request was behind its schedule. The machine, not Envoy, causes that.
    pub late: Duration,
}

/// Sends `rate` requests a second for `duration`, each at its time, whether the previous ones are answered or
/// not.
///
/// The times are `1/rate` apart from the first on, so delays do not add up: a request that is sent late is
/// closer to the next one. When all connections wait for an answer, sending waits too.
///
/// # Errors
/// A request cannot be sent or is not answered.
pub fn paced(target: &Target, rate: f64, duration: Duration) -> Result<Paced> {
    let number = (rate * duration.as_secs_f64()).round() as u32;
    let period = Duration::from_secs_f64(1.0 / rate);
    let clock = Clock::start();
    let mut idle: VecDeque<Client> = (0..CONNECTIONS).map(|_| Client::new(target.address)).collect();
    for client in &mut idle {
        client.open()?;
    }
    let (to_reader, sent) = sync_channel::<(u64, Client)>(CONNECTIONS);
    let (to_sender, answered) = sync_channel::<Client>(CONNECTIONS);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || -> Result<Vec<Sample>> {
            let mut samples = Vec::new();
            for (sent, mut client) in sent {
                let status = client.read_status()?;
                samples.push(Sample { sent, received: clock.now(), status });
                // The sender may have sent its last request, and ended.
                drop(to_sender.send(client));
            }
            Ok(samples)
        });
        let start = Instant::now();
        let mut late = Duration::ZERO;
        for request in 0..number {
            sleep_until(start + period * request);
            idle.extend(answered.try_iter());
            let free = idle.pop_front().or_else(|| answered.recv().ok());
            // The reader has ended early, with an error.
            let Some(mut client) = free else { break };
            late = late.max((start + period * request).elapsed());
            let sent = clock.now();
            client.write(&target.request)?;
            if to_reader.send((sent, client)).is_err() {
                break;
            }
        }
        drop(to_reader);
        let samples = reader.join().map_err(|_| Error::new("the reader panicked"))??;
        Ok(Paced { samples, late })
    })
}

/// Sends one request at a time for `duration`, each `1/rate` after the response to the previous one: never
/// more than `rate` in any second, at the client as in Envoy.
///
/// # Errors
/// A request is not answered.
pub fn closed_loop(target: &Target, rate: f64, duration: Duration) -> Result<Vec<Sample>> {
    let start = Instant::now();
    closed_loop_while(target, rate, || start.elapsed() < duration)
}

/// Does so as long as `goes_on` says so, and at least once.
///
/// # Errors
/// A request is not answered.
pub fn closed_loop_while(target: &Target, rate: f64, goes_on: impl Fn() -> bool) -> Result<Vec<Sample>> {
    let pause = nanoseconds(Duration::from_secs_f64(1.0 / rate));
    let clock = Clock::start();
    let mut client = Client::new(target.address);
    let mut samples: Vec<Sample> = Vec::new();
    loop {
        let sent = clock.now();
        client.write(&target.request)?;
        let status = client.read_status()?;
        let received = clock.now();
        samples.push(Sample { sent, received, status });
        std::thread::sleep(Duration::from_nanos(pause));
        if !goes_on() {
            return Ok(samples);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::tests::server;

    #[test]
    fn every_request_has_its_time() {
        let paced = paced(&server(), 100.0, Duration::from_millis(300)).expect("answered");
        assert_eq!(paced.samples.len(), 30);
        let first = paced.samples[0].sent;
        let late = nanoseconds(paced.late);
        for (number, sample) in (0..).zip(&paced.samples) {
            let due = first + number * 10_000_000;
            assert!(sample.sent + late + 1_000_000 >= due, "{number} was early");
            assert_eq!(sample.status, 200);
        }
    }

    #[test]
    fn more_requests_than_can_be_under_way_are_all_sent() {
        let paced = paced(&server(), 5000.0, Duration::from_millis(100)).expect("answered");
        assert_eq!(paced.samples.len(), 500);
    }

    #[test]
    fn a_closed_loop_never_hurries() {
        let samples = closed_loop(&server(), 100.0, Duration::from_millis(100)).expect("answered");
        assert!((1..=10).contains(&samples.len()), "{}", samples.len());
        assert!(samples.windows(2).all(|pair| pair[1].sent - pair[0].received >= 10_000_000));
    }
}
