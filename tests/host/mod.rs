//! A proxy-wasm host for tests: what Envoy does around the filter, without Envoy.
//!
//! It is an emulator that is asked about state, not a script of calls: a test arranges a proxy, sends requests and asks
//! what status the caller got, which headers went upstream, what a cell holds, what a metric says. What it does at each
//! hostcall was observed on Envoy 1.40. There are two bindings: [`Native`], the filter compiled into the test, one thread
//! a worker; and [`Wasm`], the shipped module in an interpreter, which also tells fuel, memory, imports and exports.
//!
//! # A scenario, written once
//!
//! A test file says `mod host;` at its root. A scenario is a function of the worker's type, and [`on_both!`] makes a test
//! of it on each binding, `native::…` and `wasm::…`:
//!
//! ```ignore
//! mod host;
//! use host::{Shared, Worker, get, on_both};
//!
//! on_both! {
//!     /// SPEC 7, 404: no service has the domain.
//!     an_unknown_host_is_404,
//!     workers_share_a_counter,
//! }
//!
//! fn an_unknown_host_is_404<W: Worker>() {
//!     let shared = Shared::new();
//!     let mut worker = W::start(&shared, DOCUMENT);
//!     let exchange = worker.request(get("/release/x").host("nobody.example").header("x-any", b"\xff"));
//!     assert_eq!(exchange.status(), 404);
//!     assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=.outcome=service_not_found"), 1);
//! }
//!
//! fn workers_share_a_counter<W: Worker>() {
//!     let shared = Shared::new();
//!     let mut workers: Vec<_> = (0..8).map(|_| W::start(&shared, DOCUMENT)).collect();
//!     std::thread::scope(|scope| {
//!         for worker in &mut workers {
//!             scope.spawn(|| worker.request(signed_request()));
//!         }
//!     });
//!     shared.clock().advance(Duration::from_secs(1));
//! }
//! ```
//!
//! - A lost race: [`Shared::before_next_sets`]. A host that fails: [`Shared::fail_next`].
//! - A new document: [`Worker::configure`] again; the old one stays in force when it is refused.
//! - A VM that dies: [`Worker::try_request`] gives [`Failure::Died`] on [`Wasm`]; a new worker on the same [`Shared`] is
//!   the VM that Envoy reloads. On [`Native`] a panic in the filter aborts the process, with its message.
//! - What no filter should do (a second local reply, a request paused for good) and what is not emulated (bodies,
//!   trailers, ticks, queues, calls to clusters) fails the test with its name, once the callback has returned.
//!
//! # The map
//!
//! | file | |
//! |---|---|
//! | [`shared`] | what all workers share, and what a test asks and arranges; [`data`] is its compare-and-swap store |
//! | [`exchange`] | a request, and what became of it |
//! | [`worker`] | a worker, for tests |
//! | [`driver`] | the callbacks, in Envoy's order |
//! | [`hostcalls`] | the meaning of every hostcall; [`stream`] what a filter may touch when, [`headers`] a header map |
//! | [`abi`] | statuses, levels, header maps as bytes |
//! | [`native`], [`native_calls`] | the native binding, and the only `unsafe` |
//! | [`wasm`], [`wasm_calls`], [`wasi`] | the wasm binding |
#![allow(
    dead_code,
    unused_imports,
    reason = "every test file has its own copy of this room, and uses a part of it"
)]
#![allow(unreachable_pub, reason = "`pub` is what scenarios use, `pub(super)` what the room keeps to itself")]

mod abi;
mod data;
mod driver;
mod exchange;
mod headers;
mod hostcalls;
mod native;
mod native_calls;
mod shared;
mod stream;
mod wasi;
mod wasm;
mod wasm_calls;
mod worker;

pub use abi::{Level, Status};
pub use exchange::{Exchange, LocalReply, Request, get};
pub use headers::Headers;
pub use native::Native;
pub use shared::{Clock, START, Shared};
pub use wasm::Wasm;
pub use worker::{Failure, Worker};

use std::env;
use std::path::{Path, PathBuf};

/// Where the module is: `USAGE_PLAN_WASM`, or where `make build` leaves it.
pub fn module() -> PathBuf {
    env::var_os("USAGE_PLAN_WASM").map_or_else(built_module, PathBuf::from)
}

fn built_module() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A relative target directory is relative to where cargo was called from, which for a test is its package.
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    package.join(target).join("wasm32-wasip1/release/envoy_usage_plan.wasm")
}

/// Makes of each function of a [`Worker`] type a test on either binding.
macro_rules! on_both {
    ($($(#[$attribute:meta])* $scenario:ident),+ $(,)?) => {
        mod native {
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::host::Native>(); })+
        }
        mod wasm {
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::host::Wasm>(); })+
        }
    };
}
pub(crate) use on_both;
