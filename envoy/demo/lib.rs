//! What `make demo` shows: a service, a key and a plan made by the command line, in force in a real Envoy.
//! What `make demo-night` shows: a night of whoever operates it. What `make demo-serve` shows: the same
//! service, operated with the cloud product's own command line.
//! What `make demo-fleet` shows: two Envoys that share every limit, whatever is killed.
//!
//! Every claim that they print is checked, here and by a test of `tests/envoy`.
#![allow(clippy::disallowed_methods, reason = "the demo waits for an Envoy, and shows how long it took")]

mod calls;
mod fleet;
mod night;
mod operator;
mod script;
mod stage;
mod story;

use std::io::Write;
use std::path::Path;

use testbed::Result;

use self::fleet::Fleet;
use self::night::Night;
use self::operator::Operated;
use self::script::Script;
use self::stage::CommandLine;
use self::story::Story;

/// A story that can be shown.
#[derive(Clone, Copy, Debug)]
pub enum Play {
    /// From an empty document to a held flood.
    Demo,
    /// A flood by one of two keys, and how an operator finds it and puts it right.
    Night,
    /// From an empty document and back, with `tccli`.
    Serve,
    /// Two Envoys and an engine: limits that are shared, and a quota that nothing gives back.
    Fleet,
}

/// Prints the story to `out`, with the `usage-plan` at that path, until `interrupted`.
///
/// # Errors
/// A claim does not hold, something does not run, or the story was interrupted.
pub fn show(
    play: Play,
    usage_plan: &Path,
    out: &mut dyn Write,
    colour: bool,
    interrupted: &dyn Fn() -> bool,
) -> Result<()> {
    let command_line = CommandLine::new(usage_plan, Story::new(out, colour), interrupted)?;
    match play {
        Play::Demo => Script::begin(command_line)?.play(),
        Play::Night => Night::begin(command_line)?.play(),
        Play::Serve => Operated::begin(command_line)?.play(),
        Play::Fleet => Fleet::begin(command_line)?.play(),
    }
}
