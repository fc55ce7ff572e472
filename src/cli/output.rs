//! What the command line prints: answers, tables and errors, as text for people or JSON for programs.

pub(crate) mod answer;
pub(crate) mod error;
pub(crate) mod print;
mod refusals;
mod table;
