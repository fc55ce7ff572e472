//! `usage-plan engine`: runs it until SIGTERM or Ctrl-C.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::{Value, json};
use usage_plan_engine::server::{self, Options, Started};

use super::options::{ADMIN, DOMAIN, LISTEN};
use crate::output::answer::{Answer, Output};
use crate::output::error::{Error, Result};
use crate::output::print;

/// `usage-plan engine`
#[derive(Args, Debug)]
pub(super) struct RunArguments {
    /// Where Envoys reach it
    #[arg(long, value_name = "IP:PORT", default_value = LISTEN)]
    listen: SocketAddr,
    /// Where operators reach it; there is no authentication, so keep it to this machine
    #[arg(long, value_name = "IP:PORT", default_value = ADMIN)]
    admin: SocketAddr,
    /// The file that holds what is spent of quotas; it is made when it is missing
    #[arg(long, value_name = "PATH", required = true)]
    store: Option<PathBuf>,
    /// The domain that it serves; may be repeated
    #[arg(long, value_name = "NAME", default_value = DOMAIN)]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    domain: Vec<String>,
}

// === impl RunArguments ===

impl RunArguments {
    pub(super) fn run(self, output: Output) -> Result<Answer> {
        let Self { listen, admin, store, domain: domains } = self;
        let store = store.unwrap_or_default();
        let path = store.display().to_string();
        let names = domains.join(", ");
        let started = |Started { listen, admin }: Started| {
            let text = format!(
                "serving {names} at {listen} from {path}; admin port at {admin}, without authentication"
            );
            let json = json!({"event": "serving", "listen": listen, "admin": admin, "store": path});
            print::event(&mut io::stdout(), output, &text, json);
            for (flag, address) in [("--listen", listen), ("--admin", admin)] {
                if !address.ip().is_loopback() {
                    let text = format!(
                        "warning: other machines can reach {flag} {address}, and nobody is asked who he is"
                    );
                    let json = json!({"event": "warning", "flag": flag, "message": text});
                    print::event(&mut io::stderr(), output, &text, json);
                }
            }
        };
        server::run(Options { listen, admin, store, domains }, started).map_err(explain)?;
        print::event(&mut io::stdout(), output, "stopped", json!({"event": "stopped"}));
        // Every event is printed already.
        Ok(Answer::new("", Value::Null))
    }
}

fn explain(error: server::Error) -> Error {
    match error {
        server::Error::Listen(address, error) => Error::unreachable(address, error),
        server::Error::Store(path, error) => Error::unreachable(format!("--store {}", path.display()), error),
        server::Error::System(error) => Error::unreachable("the system", error),
    }
}
