//! Every text of the console, by the group of pages that says it.

pub(super) mod activity;
pub(super) mod binding;
pub(super) mod document;
pub(super) mod explain;
pub(super) mod frame;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod outcomes;
pub(super) mod overview;
pub(super) mod plans;
pub(super) mod refusals;
pub(super) mod services;
pub(super) mod sign;

#[cfg(test)]
mod tests;
