//! The processes that run the docs' programs.

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How long a program may take: longer than any machine needs, also for what the runtime compiles first.
pub(super) const LIMIT: Duration = Duration::from_secs(600);

/// How `child` ended, or `None` when it took too long and was ended with the processes that it had started.
pub(super) fn wait(child: &mut Child) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().expect("a child of this process") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    kill_group(child);
    None
}

/// Ends `child`, the leader of its process group, with all that it has started.
pub(super) fn kill_group(child: &mut Child) {
    let end = format!("kill -KILL -- -{}", child.id());
    let ended = Command::new("bash").args(["-c", &end]).status().expect("bash");
    assert!(ended.success(), "{end}: {ended}");
    child.wait().expect("a child of this process");
}

pub(super) fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(tool).is_file())
}
