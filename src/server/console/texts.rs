//! Every text of the console, by the group of pages that says it.

pub(super) mod activity;
pub(super) mod binding;
pub(super) mod document;
pub(super) mod explain;
pub(super) mod frame;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod mistakes;
pub(super) mod outcomes;
pub(super) mod overview;
pub(super) mod parsers;
pub(super) mod plans;
pub(super) mod refusals;
pub(super) mod rules;
pub(super) mod services;
pub(super) mod sign;
pub(super) mod signing;
pub(super) mod steps;
pub(super) mod usage;

#[cfg(test)]
mod tests;
