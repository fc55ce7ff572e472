//! The server: edits the one document for operators, and gives it to Envoys.
//!
//! | module | |
//! |---|---|
//! | [`server`] | listens, serves connections, and ends on SIGTERM |
//! | [`desk`] | the one place where the document is read and edited |
//! | [`publishing`] | brings the document to Envoys |
//! | [`delivery`] | what Envoys did with it |
//!
//! What is done to a document is [`usage_plan_manage`]'s, as on the command line: the same operations, under
//! the same lock, in the same log.

#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

pub mod delivery;
pub mod desk;
pub mod publishing;
pub mod server;
