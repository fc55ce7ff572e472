//! The server: edits the one document for operators, and gives it to Envoys.
//!
//! | module | |
//! |---|---|
//! | [`server`], `routes` | listens, and ends on SIGTERM; where what is asked is answered |
//! | `connections`, [`tls`], [`peer`] | accepts connections, encrypts them, ends those that are slow |
//! | [`console`] | what operators do in a browser |
//! | [`desk`] | the one place where the document is read and edited |
//! | [`management`] | the management API, for scripts and SDKs |
//! | [`operators`], [`tries`] | who may use the server; who failed to get in |
//! | [`record`] | what the API tells of objects and the document has no place for |
//! | [`samples`] | what Envoys counted over time |
//! | [`used`] | what is used of usage plans |
//! | [`publishing`] | brings the document to Envoys |
//! | [`delivery`] | what Envoys did with it |
//! | [`xds`] | gives it to Envoys that subscribe to it |
//! | [`token`] | what an Envoy must know for that |
//! | [`envoys`] | what Envoys have in force, for programs |
//!
//! What is done to a document is [`usage_plan_manage`]'s, as on the command line: the same operations, under
//! the same lock, in the same log.

#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod connections;
pub mod console;
pub mod delivery;
pub mod desk;
pub mod envoys;
pub mod management;
pub mod operators;
pub mod peer;
pub mod publishing;
pub mod record;
mod routes;
pub mod samples;
pub mod server;
mod stamp;
pub mod tls;
pub mod token;
pub mod tries;
pub mod used;
pub mod xds;
