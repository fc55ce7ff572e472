//! What only a real Envoy can show, with the configurations of `envoy/` as users copy them.

mod configuration;
mod console;
mod limits;
mod requests;
mod signing;
