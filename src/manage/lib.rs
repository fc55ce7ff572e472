//! What is done to a document and with it, by a command line, a server or a test alike.
//!
//! | module | |
//! |---|---|
//! | [`mod@file`] | the file that holds the document: reading, locking, editing and replacing it |
//! | [`draft`], [`position`] | the document while it is edited; lines and columns in its text |
//! | [`audit`] | who did what: the log of edits, and taking one back |
//! | [`operations`] | what can be done to its keys, usage plans and services |
//! | [`publish`] | the document in a running Envoy |
//! | [`status`]; [`usage`] | what is in force in running Envoys; what they count |
//! | [`remaining`] | what is left of a key's limits, asked of a gateway |
//! | [`admin`] | Envoy's admin interface |
//! | [`subscriptions`] | the Envoys that subscribe to a server |
//! | [`mod@engine`] | the engine's admin port; what is spent of quotas, to begin with there |
//! | [`render`] | configuration of the proxy that runs the filter |
//! | [`mod@init`] | a gateway from nothing |
//! | [`import`]; [`tencent`] | another gateway's keys, plans and services; the cloud product's API |
//! | [`limits`], [`effective_status`] | limits as text; whether a key verifies, in one word |
//! | [`sign`], [`explain`] | signing a request; explaining what the filter does with one |
//! | [`secrets`] | the secrets that a document keeps in environment variables |
//! | [`warnings`] | what a valid document has, and its operator should know of |
//! | [`dates`], [`random`] | dates as text; random ids and secrets |
//! | [`Refusal`], [`Error`] | why an operation is refused; why something cannot be read, reached or used |
//!
//! Nothing here knows a command line or a terminal: functions take and return plain values, and refuse by
//! kind. Every rule is the filter's own: before a document is written, [`usage_plan_core::lookup`] has read
//! it as the filter will.

#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

pub mod admin;
pub mod audit;
pub mod dates;
pub mod draft;
pub mod effective_status;
pub mod engine;
mod error;
pub mod explain;
pub mod file;
mod http_address;
pub mod import;
pub mod init;
pub mod limits;
pub mod operations;
pub mod position;
#[allow(clippy::disallowed_methods, reason = "it waits for an Envoy, and says how long that took")]
pub mod publish;
pub mod random;
mod refusal;
pub mod remaining;
pub mod render;
pub mod secrets;
pub mod sign;
#[allow(clippy::disallowed_methods, reason = "it watches an Envoy for a moment")]
pub mod status;
pub mod subscriptions;
pub mod tencent;
pub mod usage;
pub mod warnings;

pub use self::error::{Error, Result};
pub use self::refusal::{Binding, BindingKind, Bound, InUse, KeyState, Refusal};
