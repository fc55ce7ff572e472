//! `usage-plan engine reset`

use clap::Args;
use serde_json::json;

use super::options::{EngineOptions, FilterOptions, Names, borrowed};
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// `usage-plan engine reset`
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    engine: EngineOptions,
    #[command(flatten)]
    filter: FilterOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, names: &Names) -> Result<Answer> {
        if self.filter.plan.is_none() {
            return Err(Error::usage("--plan says whose quotas are reset"));
        }
        let members = self.filter.members(names);
        let reset = self.engine.admin.reset(&borrowed(&members)).map_err(|error| self.engine.error(error))?;
        let noun = if reset == 1 { "quota is" } else { "quotas are" };
        Ok(Answer::new(format!("{reset} {noun} reset"), json!({ "reset": reset })))
    }
}
