//! `usage-plan apply`: merges a part of a document into the document.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, json};
use usage_plan_manage::dates::now;
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::apply::{Applied, Counts, Part, apply};

use super::{EditOptions, read_input};
use crate::output::answer::Answer;
use crate::output::error::Result;

/// What to apply.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A part of a document, JSON or YAML; `-` is standard input
    #[arg(short = 'f', long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (name, bytes) = read_input(&self.from)?;
        let part = Part::read(&bytes, &name)?;
        self.edit.edit(file, Missing::IsEmpty, |draft| apply(draft, part, now()), |applied| answer(&applied))
    }
}

fn answer(applied: &Applied) -> Answer {
    let line = |(list, Counts { created, changed, unchanged }): &(&str, Counts)| {
        let list = list.replace('_', " ");
        format!("{list}: {created} created, {changed} changed, {unchanged} unchanged")
    };
    let lines: Vec<String> = applied.iter().map(line).collect();
    let text = if lines.is_empty() { "there was nothing to apply".to_owned() } else { lines.join("\n") };
    let counts = applied.iter().map(|(list, Counts { created, changed, unchanged })| {
        let counts = json!({"created": created, "changed": changed, "unchanged": unchanged});
        ((*list).to_owned(), counts)
    });
    Answer::new(text, counts.collect::<Map<_, _>>().into())
}
