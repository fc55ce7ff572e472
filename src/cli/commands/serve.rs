//! `usage-plan serve`: runs the server until SIGTERM or Ctrl-C.

use std::io;
use std::net::SocketAddr;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_manage::file::DocumentFile;
use usage_plan_server::server::{self, Options};

use super::log_option::LogOption;
use crate::output::answer::{Answer, Output};
use crate::output::error::{Error, Result};
use crate::output::print;

/// `usage-plan serve`
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Where operators reach it
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8088")]
    listen: SocketAddr,
    #[command(flatten)]
    log: LogOption,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(self, file: &DocumentFile, output: Output) -> Result<Answer> {
        let name = file.path().display().to_string();
        let started = |address: SocketAddr| {
            let text = format!("serving {name} at http://{address}");
            let json = json!({"event": "serving", "listen": address, "file": name});
            print::event(&mut io::stdout(), output, &text, json);
        };
        server::run(Options { listen: self.listen, file: self.log.of(file) }, started).map_err(explain)?;
        print::event(&mut io::stdout(), output, "stopped", json!({"event": "stopped"}));
        // Every event is printed already.
        Ok(Answer::new("", Value::Null))
    }
}

fn explain(error: server::Error) -> Error {
    match error {
        server::Error::Listen(address, error) => Error::unreachable(address, error),
        server::Error::Document(error) => error.into(),
        server::Error::System(error) => Error::unreachable("the system", error),
    }
}
