//! `usage-plan import`: what another gateway has, into the document.
//!
//! A source is read into a [`Proposal`](proposal::Proposal), which is merged into the document: what is there already and
//! equal is kept, what differs is an error, and what cannot be carried over is told.

mod compare;
mod kong;
mod members;
mod merge;
mod proposal;
mod report;
mod settle;
mod tencent;

use clap::{Args, Subcommand};

use super::answer::Answer;
use super::document_file::DocumentFile;
use super::error::Result;

/// What to import from.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// From the cloud API's answers: keys, usage plans, services and what is bound
    #[command(after_help = tencent::HELP)]
    Tencent(tencent::Arguments),
    /// From a decK file: consumers with hmac-auth credentials, their rate limits, services with hosts
    #[command(after_help = kong::HELP)]
    Kong(kong::Arguments),
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match &self.from {
            From::Tencent(arguments) => arguments.run(file),
            From::Kong(arguments) => arguments.run(file),
        }
    }
}
