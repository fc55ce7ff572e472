//! An Envoy that runs until Ctrl-C, with a document that can be edited meanwhile.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use testbed::ports::{Ports, local};
use testbed::{Config, Envoy, Error, Result, Verdict, repository, sign};

use crate::callers::{Caller, callers};
use crate::interrupt::Interrupt;
use crate::{EXAMPLE_SECRET, lacks, parse, secret};

/// How often the document is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Runs Envoy until Ctrl-C.
pub(crate) fn run() -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let ports = Ports::from_env()?;
    let path = path();
    make(&path)?;
    let mut file = Watched::new(path);
    let document = file.read()?;
    let mut config = Config::hot_reload().concurrency(2).ports(ports).document(&document);
    let (variable, value) = EXAMPLE_SECRET;
    if std::env::var(variable).is_ok_and(|set| !set.is_empty()) {
        say!("{variable} is the one in your environment");
    } else {
        config = config.env(variable, value);
    }
    let mut envoy = Envoy::try_start(&config)?;
    say!("Envoy serves on {}, its admin interface on {}. Ctrl-C ends it.\n", envoy.ingress(), envoy.admin());
    report(&envoy.verdict()?, &file.path, "every call gets 500 until it is mended");
    offer(&document, ports);
    say!("\nEdit {} and save: it applies at once. Metrics:", file.path.display());
    say!("curl -s http://{}/stats/prometheus | grep usage_plan_requests", envoy.admin());
    let (keep, keys) = enter();
    while !interrupt.came() {
        match keys.recv_timeout(POLL) {
            Ok(()) => offer(&file.last, ports),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if interrupt.came() {
            break;
        }
        if !envoy.is_running() {
            return Err(Error::new(format!("Envoy has ended:\n{}", envoy.log_end())));
        }
        if let Some(document) = file.changed() {
            report(&envoy.publish(&document)?, &file.path, "what was in force still is");
        }
    }
    drop(keep);
    envoy.stop()?;
    say!("\nEnvoy has ended.");
    Ok(())
}

/// Prints a signed `curl` for an Envoy that `run` keeps elsewhere.
pub(crate) fn curl() -> Result<()> {
    let document = Watched::new(path()).read()?;
    say!("{}", signed(&document, Ports::from_env()?)?);
    Ok(())
}

/// The document of `run`.
fn path() -> PathBuf {
    let chosen = std::env::var_os("DOCUMENT").filter(|path| !path.is_empty());
    chosen.map_or_else(|| repository().join("usage-plans.json"), PathBuf::from)
}

/// Makes the document out of the example, if there is none.
fn make(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let text = Config::hot_reload().shipped_document()?;
    std::fs::write(path, text).map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
    say!("{} is new: the example of envoy/hot-reload", path.display());
    Ok(())
}

/// Says whether the document was taken; `otherwise` is what holds if not.
fn report(verdict: &Verdict, path: &Path, otherwise: &str) {
    let path = path.display();
    match verdict {
        Verdict::Accepted => say!("{path} is in force"),
        Verdict::Refused(reasons) => say!("{path} is refused, {otherwise}:\n{reasons}"),
    }
}

/// Prints a signed `curl`, or why there is none.
fn offer(document: &str, ports: Ports) {
    match signed(document, ports) {
        Ok(curl) => {
            say!("\nPaste this (a signature is good for 15 minutes; Enter makes a fresh one):\n\n{curl}");
        }
        Err(error) => say!("\nNo curl to paste: {error}"),
    }
}

/// A `curl` signed by the document's first key that can call.
fn signed(document: &str, ports: Ports) -> Result<String> {
    let callers = callers(&parse(document)?, secret);
    let caller: &Caller = callers.iter().find(|caller| caller.enabled).ok_or_else(|| {
        lacks("enabled key on a plan that is bound to an environment, with its secret at hand")
    })?;
    Ok(sign::curl(local(ports.ingress), &caller.signer.sign(caller.get("/orders/42"))))
}

/// Tells when Enter is pressed. The channel lives as long as the sender that comes with it.
fn enter() -> (Sender<()>, Receiver<()>) {
    let (pressed, keys) = channel();
    let sender = pressed.clone();
    if stdin().is_terminal() {
        std::thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|_| sender.send(())));
    }
    (pressed, keys)
}

/// A file, and what was last in it.
struct Watched {
    path: PathBuf,
    last: String,
}

impl Watched {
    fn new(path: PathBuf) -> Self {
        Self { path, last: String::new() }
    }

    /// What is in it now.
    fn read(&mut self) -> Result<String> {
        let text = std::fs::read_to_string(&self.path);
        self.last = text.map_err(|error| Error::new(format!("{}: {error}", self.path.display())))?;
        Ok(self.last.clone())
    }

    /// What is in it now, if that is new; an editor may have it away or empty for a moment.
    fn changed(&mut self) -> Option<String> {
        let now = std::fs::read_to_string(&self.path).ok()?;
        if now.is_empty() || now == self.last {
            return None;
        }
        self.last.clone_from(&now);
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = Watched::new(directory.path().join("d.json"));
        assert!(file.read().is_err());
        assert_eq!(file.changed(), None);
        std::fs::write(&file.path, "1").expect("written");
        assert_eq!(file.changed().as_deref(), Some("1"));
        assert_eq!(file.changed(), None);
        std::fs::rename(&file.path, directory.path().join("away")).expect("moved");
        assert_eq!(file.changed(), None);
        std::fs::write(&file.path, "2").expect("written");
        assert_eq!(file.changed().as_deref(), Some("2"));
    }

    #[test]
    fn the_example_has_a_caller() {
        let document = Config::hot_reload().shipped_document().expect("a document");
        let curl = signed(&document, Ports::SHIPPED).expect("a caller");
        assert!(curl.contains("127.0.0.1:10000/release/orders/42"), "{curl}");
    }
}
