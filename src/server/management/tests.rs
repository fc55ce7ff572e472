//! The wire, trap by trap, and the actions, group by group: signed requests to the API of a small document.

mod client;
mod environments;
mod keys;
mod plans;
mod record;
mod round_trip;
mod wire;
