//! The demo, and an Envoy to try things on.

/// Prints a line. Whoever has closed the output (`| head`) must not end the process before its Envoy.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _closed = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod callers;
mod demo;
mod interrupt;
mod run;

use std::process::ExitCode;

use testbed::{Error, Result};

const USAGE: &str = "\
usage: testbed demo   shows the filter at work on a real Envoy, and checks what it shows
       testbed run    runs Envoy until Ctrl-C; edits of the document apply at once

INGRESS_PORT, ADMIN_PORT, UPSTREAM_PORT  where `run` listens (10000, 9901, 10001)
DOCUMENT                                 the document of `run` (usage-plans.json)
ENVOY                                    the Envoy binary (.envoy/bin/envoy)
USAGE_PLAN                               the usage-plan binary, which `demo` and `run` use";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["demo"] => demo::demo(),
        ["run"] => run::run(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The key that the example document leaves to the environment: its variable and what the examples say there.
const EXAMPLE_SECRET: (&str, &str) = ("ACME_SECRET_KEY", "acme-secret-key-0001");

/// The value of a variable that Envoy is going to see.
fn secret(variable: &str) -> Option<String> {
    let set = std::env::var(variable).ok().filter(|value| !value.is_empty());
    let (example, value) = EXAMPLE_SECRET;
    set.or_else(|| (variable == example).then(|| value.to_owned()))
}

/// That the document has none of `what`.
fn lacks(what: &str) -> Error {
    Error::new(format!("the document has no {what}"))
}

/// The document as a tree.
fn parse(document: &str) -> Result<serde_json::Value> {
    serde_json::from_str(document).map_err(|error| Error::new(format!("the document is not JSON: {error}")))
}
