//! What the command line prints: answers, tables and errors, as text for people or JSON for programs.

pub(crate) mod age;
pub(crate) mod answer;
pub(crate) mod error;
mod escape;
pub(crate) mod flags;
pub(crate) mod labels;
pub(crate) mod print;
mod refusals;
pub(crate) mod style;
mod table;
mod text;
