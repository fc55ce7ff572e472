//! The flags that say where the document is published, and what is waited for.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use usage_plan_manage::admin::Admin;

use super::render::{FilterArguments, ResolveArguments};

/// Where to publish, and which Envoys to ask.
#[derive(Args, Debug)]
pub(crate) struct PublishOptions {
    /// The directory that Envoy watches (watched_directory): usage-plan.yaml in it is replaced
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Wait until the Envoy with this admin interface accepts or refuses the document; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) admin: Vec<Admin>,
    /// How long to wait for each Envoy
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// Who may read the file with its secrets: 0640 for an Envoy that runs as another user of the group
    #[arg(long, value_name = "OCTAL", default_value = "0600", value_parser = mode)]
    pub(crate) mode: u32,
    #[command(flatten)]
    pub(crate) secrets: ResolveArguments,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
}

/// `0640`, as `chmod` takes it.
fn mode(text: &str) -> Result<u32, &'static str> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or("it must be an octal mode, such as 0640")
}
