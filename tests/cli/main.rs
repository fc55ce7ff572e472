//! The command line: what each command prints, what it refuses, and its exit code.
#![allow(clippy::disallowed_methods, reason = "these tests compare times with the clock")]

mod admin;
mod apply;
mod bindings;
mod check;
mod cli;
mod edit;
mod explain;
mod file;
mod help;
mod import;
mod init;
mod key;
mod log;
mod man;
mod plan;
mod publish;
mod render;
mod reset;
mod rotate;
mod schema;
mod secrets;
mod service;
mod settings;
mod sign;
mod status;
mod terminal;
mod usage;
