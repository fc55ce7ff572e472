//! Callers that go on calling while something is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testbed::{Error, Result, Sample, Target, closed_loop_while};

/// How often each calls, in a second.
const RATE: f64 = 20.0;

/// How long they call before and after what is done.
const MARGIN: Duration = Duration::from_millis(300);

/// Does `work` while each of `callers` calls steadily. Returns its result, and the calls of each.
///
/// # Errors
/// The work fails, or a call is not answered.
pub(super) fn meanwhile<T, const N: usize>(
    callers: [Target; N],
    work: impl FnOnce() -> Result<T>,
) -> Result<(T, [Vec<Sample>; N])> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let goes_on = || !is_over.load(Ordering::Relaxed);
        let calling = callers.map(|target| scope.spawn(move || closed_loop_while(&target, RATE, goes_on)));
        std::thread::sleep(MARGIN);
        let done = work();
        std::thread::sleep(MARGIN);
        is_over.store(true, Ordering::Relaxed);
        let mut failed = None;
        let calls = calling.map(|caller| {
            let ended = caller.join().unwrap_or_else(|_| Err(Error::new("a caller panicked")));
            ended.unwrap_or_else(|error| {
                failed = Some(error);
                Vec::new()
            })
        });
        let done = done?;
        failed.map_or(Ok((done, calls)), Err)
    })
}

/// How many of `calls` were answered with this status.
pub(super) fn with_status(calls: &[Sample], status: u16) -> usize {
    calls.iter().filter(|call| call.status == status).count()
}
