//! Tests on a real Envoy, with the configurations in `envoy/` as users copy them.
#![allow(clippy::disallowed_methods, reason = "these tests wait for an Envoy, and end")]

mod attacks;
mod cli;
mod configuration;
mod docs;
mod fleet;
mod limits;
mod native;
mod observability;
mod requests;
mod signing;

use std::time::{Duration, Instant};

/// How long something that must happen may take: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the answer is what it must become, and returns the last answer.
fn until<T>(mut ask: impl FnMut() -> T, is_there: impl Fn(&T) -> bool) -> T {
    let start = Instant::now();
    loop {
        let answer = ask();
        if is_there(&answer) || start.elapsed() > PATIENCE {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
