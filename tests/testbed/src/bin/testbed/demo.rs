//! The story that `make demo` tells.

use std::io::{IsTerminal, stdout};

use testbed::{Result, UsagePlan, demo};

use crate::interrupt::Interrupt;

/// Tells the story.
pub(crate) fn demo() -> Result<()> {
    let interrupt = Interrupt::watch()?;
    let colour = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let usage_plan = UsagePlan::binary()?;
    demo::tell(&usage_plan, &mut stdout(), colour, &|| interrupt.came())?;
    say!("\nNext: `make run`, paste the curl that it prints, and edit usage-plans.json while it runs.");
    Ok(())
}
