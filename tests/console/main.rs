//! The command line itself: each command, what it prints, refuses and exits with.

mod cli;
mod key;
