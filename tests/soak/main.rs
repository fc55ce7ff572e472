//! `make soak`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use soak::{plot, run};
use testbed::{Context, Error, Interrupt, Result};

const USAGE: &str = "\
usage: soak SECONDS

Loads a real Envoy for so long while documents change and VMs die. The report, a table and a plot are left
in target/soak/. Ctrl-C ends it, with a report of what was found so far.

ENVOY        the Envoy binary (.envoy/bin/envoy)
USAGE_PLAN   the usage-plan binary";

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok());
    let Some(seconds) = seconds.filter(|_| std::env::args().len() == 2) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match soak(Duration::from_secs(seconds)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all properties held.
fn soak(duration: Duration) -> Result<bool> {
    let interrupt = Interrupt::watch()?;
    let directory = testbed::repository().join("target/soak");
    std::fs::create_dir_all(&directory).context(directory.display())?;
    let report = run::run(duration, &|| interrupt.came(), &mut |line| println!("{line}"))?;
    let mut text = format!("soak: {}\n", report.summary);
    for check in &report.checks {
        let _ = writeln!(text, "{check}");
    }
    print!("{text}");
    write(&directory, "report.txt", &text)?;
    write(&directory, "holdings.csv", &plot::csv(&report.holdings))?;
    write(&directory, "holdings.svg", &plot::svg(&report.holdings))?;
    write(&directory, "envoy.log", &report.envoy_log)?;
    println!("report, table and plot: {}", directory.display());
    Ok(report.checks.iter().all(|check| check.broken() == 0))
}

fn write(directory: &Path, name: &str, text: &str) -> Result<(), Error> {
    std::fs::write(directory.join(name), text).context(name)
}
