//! Every text of the console, by the group of pages that says it.

pub(super) mod binding;
pub(super) mod frame;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod plans;
pub(super) mod refusals;
pub(super) mod services;

#[cfg(test)]
mod tests;
