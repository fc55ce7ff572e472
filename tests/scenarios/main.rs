//! What the filter does, as callers and operators see it: each scenario on the filter compiled natively and on the shipped
//! module in an interpreter.

#[path = "../host/mod.rs"]
mod host;

mod authentication;
mod caller;
mod configuration;
mod counting;
mod explain;
mod histories;
mod module;
mod plans;
mod refusals;
mod routing;
