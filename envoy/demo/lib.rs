//! What `make demo` shows: a service, a key and a plan made by the command line, in force in a real Envoy.
//!
//! Every claim that it prints is checked, here and by a test of `tests/envoy`.
#![allow(clippy::disallowed_methods, reason = "the demo waits for an Envoy, and shows how long it took")]

mod script;
mod stage;
mod story;

use std::io::Write;
use std::path::Path;

use testbed::Result;

use self::script::Script;
use self::stage::CommandLine;
use self::story::Story;

/// Prints the story to `out`, with the `usage-plan` at that path, until `interrupted`.
///
/// # Errors
/// A claim does not hold, something does not run, or the story was interrupted.
pub fn show(
    usage_plan: &Path,
    out: &mut dyn Write,
    colour: bool,
    interrupted: &dyn Fn() -> bool,
) -> Result<()> {
    let command_line = CommandLine::new(usage_plan, Story::new(out, colour), interrupted)?;
    Script::begin(command_line)?.play()
}
