//! An Envoy that runs until Ctrl-C, with a document that can be edited meanwhile: `usage-plan publish` brings it there.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use testbed::ports::{Ports, local};
use testbed::{Config, Envoy, Error, Result, UsagePlan, module, repository, sign};

use crate::callers::{Caller, callers};
use crate::interrupt::Interrupt;
use crate::{EXAMPLE_SECRET, lacks, parse, secret};

/// How long what happens may go unnoticed.
const POLL: Duration = Duration::from_millis(100);

/// Runs Envoy until Ctrl-C.
pub(crate) fn run() -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let ports = Ports::from_env()?;
    let path = path();
    make(&path)?;
    let watched =
        tempfile::tempdir().map_err(|error| Error::new(format!("a temporary directory: {error}")))?;
    let usage_plan = UsagePlan::new(UsagePlan::binary()?, ".");
    let (document, module, to) = (text(&path)?, text(&module())?, text(watched.path())?);
    let publish = ["publish", "--file", &document, "--to", &to, "--module", &module];
    // Envoy does not start before there is a file.
    let published = usage_plan.run(&publish)?;
    if published.status != 0 {
        return Err(Error::new(published.stderr.trim_start_matches("error: ").trim_end()));
    }
    let mut config = Config::hot_reload().concurrency(2).ports(ports).watching(watched.path());
    let (variable, value) = EXAMPLE_SECRET;
    if std::env::var(variable).is_ok_and(|set| !set.is_empty()) {
        say!("{variable} is the one in your environment");
    } else {
        config = config.env(variable, value);
    }
    let mut envoy = Envoy::try_start(&config)?;
    let admin = envoy.admin().to_string();
    say!("Envoy serves on {}, its admin interface on {admin}. Ctrl-C ends it.\n", envoy.ingress());
    let mut publishing = usage_plan.start(&[publish.as_slice(), &["--watch", "--admin", &admin]].concat())?;
    offer(&path, ports);
    say!("\nEdit {} and save, by hand or with usage-plan: it applies at once. Metrics:", path.display());
    say!("curl -s http://{admin}/stats/prometheus | grep usage_plan_requests\n");
    let (keep, keys) = enter();
    while !interrupt.came() {
        match keys.recv_timeout(POLL) {
            Ok(()) => offer(&path, ports),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        while let Ok(line) = publishing.line(Duration::ZERO) {
            say!("{line}");
        }
        if interrupt.came() {
            break;
        }
        if !envoy.is_running() {
            return Err(Error::new(format!("Envoy has ended:\n{}", envoy.log_end())));
        }
        if !publishing.is_running() {
            return Err(Error::new("usage-plan publish has ended"));
        }
    }
    drop(keep);
    publishing.stop()?;
    envoy.stop()?;
    say!("\nEnvoy has ended.");
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

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

/// `path` as an argument.
fn text(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::new(format!("{} is not UTF-8", path.display())))
}

/// Prints a signed `curl`, or why there is none.
fn offer(document: &Path, ports: Ports) {
    match read(document).and_then(|document| signed(&document, ports)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_a_caller() {
        let document = Config::hot_reload().shipped_document().expect("a document");
        let curl = signed(&document, Ports::SHIPPED).expect("a caller");
        assert!(curl.contains("127.0.0.1:10000/release/orders/42"), "{curl}");
    }
}
