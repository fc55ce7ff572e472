//! An Envoy that runs until Ctrl-C. The document can be edited meanwhile, by hand, with the command line, or
//! by way of the server: `usage-plan serve` publishes it.

mod callers;
mod curl;
mod ports;

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use serde_json::Value;
use testbed::console::words;
use testbed::ports::{Ports, local};
use testbed::{Config, Context, Envoy, Error, FilterKind, Interrupt, Result, UsagePlan, repository};

use self::callers::{Caller, callers};
use self::curl::curl;
use crate::say::say;

/// The key that the example document leaves to the environment: its variable, and the value in the examples.
const EXAMPLE_SECRET: (&str, &str) = ("ACME_SECRET_KEY", "acme-secret-key-0001");

/// How often the processes, the signals and the keyboard are looked at.
const POLL: Duration = Duration::from_millis(100);

/// Runs Envoy until Ctrl-C.
pub(crate) fn run() -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let ports = ports::from_env()?;
    let path = path();
    make(&path)?;
    let watched = tempfile::tempdir().context("a temporary directory")?;
    let usage_plan = UsagePlan::new(UsagePlan::binary()?, ".");
    let kind = FilterKind::of_tests();
    let (document, module, to) = (text(&path)?, text(&kind.module())?, text(watched.path())?);
    let flags = words(&kind.flags()?);
    let mut to_envoy = vec!["--file", &document, "--to", &to, "--module", &module];
    to_envoy.extend(flags.iter().map(String::as_str));
    // Envoy does not start before there is a file.
    let published = usage_plan.run(&[&["publish"], to_envoy.as_slice()].concat())?;
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
    let listen = ports::server()?;
    let serve = ["serve", "--listen", &listen, "--admin", &admin];
    let mut server = usage_plan.start(&[&serve, to_envoy.as_slice()].concat())?;
    offer(&path, ports);
    say!("\nEdit {} and save, by hand or with usage-plan: it applies at once. Metrics:", path.display());
    say!("curl -s http://{admin}/stats/prometheus | grep usage_plan_requests\n");
    let (keep, keys) = enter();
    while !interrupt.came() {
        match keys.recv_timeout(POLL) {
            Ok(()) => offer(&path, ports),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        while let Ok(line) = server.line(Duration::ZERO) {
            say!("{line}");
        }
        if interrupt.came() {
            break;
        }
        if !envoy.is_running() {
            return Err(Error::new(format!("Envoy has ended:\n{}", envoy.log_end())));
        }
        if !server.is_running() {
            return Err(Error::new("usage-plan serve has ended"));
        }
    }
    drop(keep);
    server.stop()?;
    envoy.stop()?;
    say!("\nEnvoy has ended.");
    Ok(())
}

/// The document of `run`.
fn path() -> PathBuf {
    let chosen = std::env::var_os("DOCUMENT").filter(|path| !path.is_empty());
    chosen.map_or_else(|| repository().join("usage-plans.json"), PathBuf::from)
}

/// Writes the example as the document, if there is none.
fn make(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let text = Config::hot_reload().shipped_document()?;
    std::fs::write(path, text).context(path.display())?;
    say!("{} is new: the example of envoy/hot-reload", path.display());
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).context(path.display())
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
    let document: Value = serde_json::from_str(document).context("the document is not JSON")?;
    let callers = callers(&document, secret);
    let caller: &Caller = callers.iter().find(|caller| caller.enabled).ok_or_else(|| {
        let what = "enabled key on a plan that is bound to an environment, with its secret at hand";
        Error::new(format!("the document has no {what}"))
    })?;
    Ok(curl(local(ports.ingress), &caller.signer.sign(caller.get("/orders/42"))))
}

/// The value of a variable that Envoy is going to see.
fn secret(variable: &str) -> Option<String> {
    let set = std::env::var(variable).ok().filter(|value| !value.is_empty());
    let (example, value) = EXAMPLE_SECRET;
    set.or_else(|| (variable == example).then(|| value.to_owned()))
}

/// Receives a message when Enter is pressed. The channel is open as long as the returned sender lives.
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
