//! Ending a child process.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{Context, Result};

/// Whether the process still runs.
pub(crate) fn is_running(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(None))
}

/// Ends `child` with `signal`, and kills it if it still runs after `grace`.
///
/// # Errors
/// The system refuses.
pub fn end(child: &mut Child, signal: Signal, grace: Duration) -> Result<ExitStatus> {
    let what = format!("ending process {}", child.id());
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let deadline = Instant::now() + grace;
    if let Some(pid) = pid.filter(|_| is_running(child)) {
        kill_process(pid, signal).context(&what)?;
    }
    while is_running(child) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    if is_running(child) {
        child.kill().context(&what)?;
    }
    child.wait().context(&what)
}
