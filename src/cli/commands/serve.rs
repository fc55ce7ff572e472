//! `usage-plan serve`: runs the server until SIGTERM or Ctrl-C.

mod options;
mod report;

use std::io;

use serde_json::{Value, json};
use usage_plan_manage::file::DocumentFile;
use usage_plan_server::server::{self, Started};

pub(crate) use self::options::Arguments;
use crate::output::answer::{Answer, Output};
use crate::output::error::Result;
use crate::output::print;

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(self, file: &DocumentFile, output: Output) -> Result<Answer> {
        let name = file.path().display().to_string();
        let options = self.options(file)?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let started = |Started { listen, link, xds, engine, no_samples }: Started| {
            let address = |title: &str, address| format!("; {title} {address}");
            let subscribe = xds.map(|xds| address("Envoys subscribe at", xds)).unwrap_or_default();
            let counters =
                engine.map(|engine| address("the engine is at", engine.listen)).unwrap_or_default();
            let text = format!("serving {name} at {listen}{subscribe}{counters}");
            let engine = engine.map(|engine| json!({"listen": engine.listen, "admin": engine.admin}));
            let json =
                json!({"event": "serving", "listen": listen, "xds": xds, "engine": engine, "file": name});
            print::event(&mut io::stdout(), output, &text, json);
            if let Some(problem) = no_samples {
                let message = format!("what Envoys count is not kept: {problem}");
                let json = json!({"event": "trouble", "message": message});
                print::event(&mut io::stderr(), output, &format!("warning: {message}"), json);
            }
            // Whoever reads this output on this machine may edit the file anyway.
            if listen.ip().is_loopback() {
                let link = format!("{scheme}://{listen}{link}");
                let text = format!("sign in to the console, once: {link}");
                print::event(&mut io::stdout(), output, &text, json!({"event": "console", "link": link}));
            }
        };
        let report = Box::new(move |delivery: &_| report::print(output, delivery));
        server::run(options, started, report).map_err(options::explain)?;
        print::event(&mut io::stdout(), output, "stopped", json!({"event": "stopped"}));
        // Every event is printed already.
        Ok(Answer::new("", Value::Null))
    }
}
