//! Carries another gateway's keys, usage plans and services over into the document.
//!
//! A source is read into a [`Proposal`], which [`merge()`] adds to the document. An object that the document
//! already has is kept if it is equal, and a conflict if it differs. What cannot be carried over is in the
//! notes of [`Merged`].

mod compare;
mod error;
pub mod kong;
mod members;
mod merge;
mod proposal;
pub mod tencent;
#[cfg(test)]
mod tests;
mod validate;

pub use self::compare::Difference;
pub use self::error::{Conflict, Error, Problem};
pub use self::merge::{Counts, Merged, merge};
pub use self::proposal::{Advice, Entry, Note, Proposal};
