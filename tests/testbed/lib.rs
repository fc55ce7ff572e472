//! Runs the real Envoy on loopback with the configurations that users copy, for the tests and the demo.
//!
//! ```no_run
//! use testbed::{Client, Config, Envoy, Request, Signer};
//!
//! let config = Config::plain().concurrency(2).document(r#"{"services": []}"#);
//! let envoy = Envoy::start(&config);
//! let caller = Signer::new("AKIDacme0001", "acme-secret-key-0001");
//! let request = caller.sign(Request::get("orders.example.com", "/release/x"));
//! let response = Client::new(envoy.ingress()).send(&request).expect("Envoy answers");
//! assert_eq!(response.status, 404, "{}", response.text());
//! assert_eq!(envoy.metric("usage_plan_requests", &[("outcome", "service_not_found")]), 1.0);
//! ```
//!
//! | module | |
//! |---|---|
//! | [`config`] | the files in `envoy/`, with other ports, another document, more listeners |
//! | [`version`], [`filter_kind`], [`plugin`] | what differs between Envoys, and kinds of filters |
//! | [`envoy`], [`admin`], [`hot_reload`] | a running Envoy, its admin interface, publishing to it |
//! | [`shared`] | an Envoy for several tests |
//! | [`engine`], [`member`] | a running engine, and an Envoy that asks it, and can be killed |
//! | [`console`], [`terminal`] | the command line, each command in a process of its own; on a terminal |
//! | [`process`], [`interrupt`] | how a child process is ended, and when the user asks for it |
//! | [`http`], [`sign`] | requests byte by byte, and their signatures |
//! | [`operator`] | requests of the management API, and their signatures |
//! | [`http2`] | the same over HTTP/2, and a service that records what reaches it |
//! | [`flood`](mod@flood), [`paced`](mod@paced) | load, and a caller that keeps a pace |
//! | [`attacks`] | the corpus of attacks, read and judged |
//! | [`markdown`], [`transcript`] | the commands of the docs, and the answers that they show |
//! | [`access_log`], [`busiest`] | when each request was decided, and what a limit owes for it |

pub mod access_log;
pub mod admin;
pub mod attacks;
pub mod busiest;
pub mod config;
pub mod console;
pub mod engine;
pub mod envoy;
pub mod error;
pub mod filter_kind;
mod fleet;
pub mod flood;
mod head;
pub mod hot_reload;
pub mod http;
pub mod http2;
pub mod interrupt;
mod log;
pub mod markdown;
pub mod member;
pub mod operator;
pub mod paced;
mod paths;
pub mod plugin;
pub mod ports;
pub mod process;
mod render;
pub mod shared;
mod shipped;
pub mod sign;
mod skip;
pub mod terminal;
pub mod transcript;
pub mod version;
mod yaml;

pub use access_log::Entry;
pub use busiest::certainly_busiest;
pub use config::Config;
pub use console::UsagePlan;
pub use engine::Engine;
pub use envoy::Envoy;
pub use error::{Context, Error, Result};
pub use filter_kind::FilterKind;
pub use flood::{Flood, Sample, Target, flood};
pub use hot_reload::Verdict;
pub use http::{Client, Request, Response};
pub use http2::{Http2Client, Recorded, Recorder};
pub use interrupt::Interrupt;
pub use member::Member;
pub use operator::Operator;
pub use paced::{Paced, closed_loop, closed_loop_while, paced};
pub use paths::{module, repository};
pub use ports::Ports;
pub use shared::Shared;
pub use sign::{Algorithm, Signer};
pub use skip::skip;
pub use version::Version;
