//! `usage-plan publish`: the document, live in a running Envoy.

mod discovery;
mod published;
mod publisher;
mod target;
mod valid;
mod watch;
mod watched;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::publisher::Publisher;
use self::valid::Valid;
use super::admin::Admin;
use super::answer::{Answer, Output};
use super::document_file::DocumentFile;
use super::error::Result;
use super::interrupt::Interrupt;
use super::render::FilterOptions;

/// Where to publish, and whom to ask.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The directory that Envoy watches (watched_directory): usage-plan.yaml in it is replaced
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Publish again whenever the document changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Wait until the Envoy with this admin interface accepts or refuses it; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    admin: Vec<Admin>,
    /// How long to wait for each of them
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Who may read the file, which holds secrets: 0640 for an Envoy that runs as another user of the same group
    #[arg(long, value_name = "OCTAL", default_value = "0600", value_parser = mode)]
    mode: u32,
    #[command(flatten)]
    filter: FilterOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile, output: Output) -> Result<Answer> {
        if self.watch {
            return watch::run(&self.publisher(Interrupt::watch()?), file, output);
        }
        let valid = Valid::parse(file, &file.bytes()?)?;
        let published = self.publisher(Interrupt::default()).publish(&valid)?.outcome()?;
        Ok(Answer::new(published.lines().join("\n"), published.json()))
    }

    fn publisher(&self, interrupt: Interrupt) -> Publisher<'_> {
        Publisher {
            directory: &self.to,
            mode: self.mode,
            options: &self.filter,
            admins: &self.admin,
            timeout: self.timeout,
            interrupt,
        }
    }
}

/// `0640`, as `chmod` takes it.
fn mode(text: &str) -> std::result::Result<u32, &'static str> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or("it must be an octal mode, such as 0640")
}
