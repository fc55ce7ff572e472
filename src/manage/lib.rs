//! What is done to a document and with it, by a command line, a server or a test alike.
//!
//! | module | |
//! |---|---|
//! | [`file`] | the file that holds the document: reading, locking, editing and replacing it |
//! | [`draft`] | the document while it is edited |
//! | [`operations`] | what can be done to its keys, usage plans and services |
//! | [`limits`] | limits as text |
//! | [`secrets`] | the secrets that a document keeps in environment variables |
//! | [`dates`], [`random`] | dates as text; random ids and secrets |
//! | [`Refusal`], [`Error`] | why an operation is refused; why something cannot be read, reached or used |
//!
//! Nothing here knows a command line or a terminal: functions take and return plain values, and refuse by
//! kind. Every rule is the filter's own: before a document is written, [`usage_plan_core::lookup`] has read
//! it as the filter will.

#![forbid(unsafe_code)]

pub mod dates;
pub mod draft;
mod error;
pub mod file;
pub mod limits;
pub mod operations;
pub mod random;
mod refusal;
pub mod secrets;

pub use self::error::{Error, Result};
pub use self::refusal::{Binding, Bound, KeyState, Refusal};
