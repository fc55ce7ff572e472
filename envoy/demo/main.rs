//! The demo, and an Envoy to try things on.

mod run;
mod say;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use demo::Play;
use testbed::{Interrupt, Result, UsagePlan};

use self::say::say;

const USAGE: &str = "\
usage: demo show   shows the filter at work on a real Envoy, and checks what it shows
       demo night  shows an operator's night on a real Envoy in the same way
       demo serve  shows the cloud product's own command line on `usage-plan serve` in the same way
       demo fleet  shows two Envoys that share every limit, in the same way
       demo run    runs Envoy until Ctrl-C; edits of the document apply at once

INGRESS_PORT, ADMIN_PORT, UPSTREAM_PORT  where `run` listens (10000, 9901, 10001)
DOCUMENT                                 the document of `run` (usage-plans.json)
NATIVE=1                                 the native module in place of the wasm module
ENVOY                                    the Envoy binary (.envoy/1.40.0/bin/envoy)
USAGE_PLAN                               the usage-plan binary, which all of them use";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["show"] => show(Play::Demo),
        ["night"] => show(Play::Night),
        ["serve"] => show(Play::Serve),
        ["fleet"] => show(Play::Fleet),
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

/// Prints a story, in colour on a terminal.
fn show(play: Play) -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let colour = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let usage_plan = UsagePlan::binary()?;
    demo::show(play, &usage_plan, &mut stdout(), colour, &|| interrupt.came())?;
    match play {
        Play::Demo => {
            say!(
                "\nNext: `make run`, paste the curl that it prints, and edit usage-plans.json while it runs."
            );
        }
        Play::Night => say!("\nNext: docs/operating.md says what an operator sees, and what is promised."),
        Play::Serve => {
            say!("\nNext: docs/management-api.md says how to point a client at it, and what is answered.");
        }
        Play::Fleet => {
            say!("\nNext: docs/fleet.md says what is promised, and what each policy admits in an outage.");
        }
    }
    Ok(())
}
