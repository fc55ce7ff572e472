//! The whole story: a service, a key and a plan made by the command line, live in a real Envoy. Every claim in it is
//! checked. `make demo` tells it, and the tests hear it out.

mod script;
mod stage;
mod story;

use std::io::Write;
use std::path::Path;

use self::script::Script;
use self::stage::Console;
use self::story::Story;
use crate::error::Result;

/// Tells the story to `out`, with the `usage-plan` of that path, until `interrupted`.
///
/// # Errors
/// A claim does not hold, something does not run, or it was interrupted.
pub fn tell(
    usage_plan: &Path,
    out: &mut dyn Write,
    colour: bool,
    interrupted: &dyn Fn() -> bool,
) -> Result<()> {
    let console = Console::new(usage_plan, Story::new(out, colour), interrupted)?;
    Script::begin(console)?.play()
}
