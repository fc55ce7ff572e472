//! `tccli`, unmodified, with a home of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use testbed::console::{run, words};
use testbed::{Context, Error, Result, repository};

use crate::stage::CommandLine;

/// Where `make clients` installs it.
const INSTALLED: &str = "target/clients/python/bin/tccli";

/// The cloud product's command line.
pub(super) struct Tccli {
    binary: PathBuf,
    /// Its configuration, and its log with what was typed.
    home: PathBuf,
}

impl Tccli {
    pub(super) fn new(home: PathBuf) -> Result<Self> {
        std::fs::create_dir(&home).context("a home")?;
        let binary = repository().join(INSTALLED);
        if binary.is_file() {
            return Ok(Self { binary, home });
        }
        Err(Error::new(format!("{} is missing: `make clients` installs it", binary.display())))
    }

    /// Tells it who the operator is, and where the server is.
    pub(super) fn configure(&mut self, command_line: &mut CommandLine<'_>, server: SocketAddr) -> Result<()> {
        let who = "configure set secretId ada secretKey the-secret-of-ada region ap-guangzhou output json";
        for arguments in [who, &format!("configure set apigateway.endpoint http://{server}")] {
            let (status, text) = self.execute(command_line, arguments)?;
            if status != 0 {
                return Err(Error::new(format!("`tccli {arguments}` exits with {status}:\n{text}")));
            }
        }
        Ok(())
    }

    /// What an action answers, which must be done.
    pub(super) fn json(&mut self, command_line: &mut CommandLine<'_>, action: &str) -> Result<Value> {
        let (status, text) = self.try_run(command_line, action)?;
        if status != 0 {
            return Err(Error::new(format!("`tccli apigateway {action}` exits with {status}:\n{text}")));
        }
        serde_json::from_str(&text).context(format_args!("the answer of {action}: {text}"))
    }

    /// The text that an action answers, which must be done.
    pub(super) fn text(&mut self, command_line: &mut CommandLine<'_>, action: &str) -> Result<String> {
        let answer = self.json(command_line, action)?;
        let text = answer.as_str().map(str::to_owned);
        text.ok_or_else(|| Error::new(format!("`tccli apigateway {action}` answers {answer}")))
    }

    /// Runs an action, and shows it with what is printed; its exit code, and that.
    pub(super) fn try_run(
        &mut self,
        command_line: &mut CommandLine<'_>,
        action: &str,
    ) -> Result<(i32, String)> {
        let (status, text) = self.execute(command_line, &format!("apigateway {action}"))?;
        command_line.story.show(text.trim());
        Ok((status, text))
    }

    fn execute(&self, command_line: &mut CommandLine<'_>, arguments: &str) -> Result<(i32, String)> {
        command_line.story.say(format_args!("$ tccli {arguments}"));
        let mut command = Command::new(&self.binary);
        command.args(words(arguments)).env("HOME", &self.home);
        // What whoever runs the demo has set for the cloud is not meant for it.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("TENCENTCLOUD_")) {
                command.env_remove(name);
            }
        }
        let ran = run(command, &[])?;
        Ok((ran.status, ran.stdout + &ran.stderr))
    }
}
