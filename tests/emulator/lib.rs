//! A host for tests: what Envoy does around a filter, without Envoy.
//!
//! It emulates state instead of replaying a script of calls. A test arranges a proxy, sends requests and asks
//! which status the caller got, which headers went upstream, which value a shared key has, what a metric
//! counts. There are three bindings: [`Native`], the filter compiled into the test, with one thread per
//! worker; [`Wasm`], the filter's module in an interpreter, which also reports fuel, memory and imports; and
//! [`Dynamic`], the dynamic module, which Envoy calls without proxy-wasm.
//!
//! The behaviour of every hostcall is that of Envoy 1.40. `tests/emulator/conformance/main.rs` shows this: it
//! runs one filter on both bindings of proxy-wasm and on a real Envoy, and compares what the filter
//! observes.
//!
//! # A scenario, written once
//!
//! A scenario is a function that is generic over the kind of worker. [`on_all!`] makes a test of it on each
//! binding, `native::…`, `wasm::…` and `dynamic::…`:
//!
//! ```ignore
//! use emulator::{Filter, Shared, Worker, on_all};
//!
//! struct UsagePlan;
//! impl Filter for UsagePlan { /* its root context and its module */ }
//!
//! on_all! {
//!     UsagePlan =>
//!     an_unknown_domain_is_404,
//!     workers_share_a_counter,
//! }
//!
//! fn an_unknown_domain_is_404<W: Worker>() {
//!     let shared = Shared::new();
//!     let mut worker = W::start(&shared, DOCUMENT);
//!     let exchange = worker.request(&Request::get("nobody.example", "/release/x").header("x-any", b"\xff"));
//!     assert_eq!(exchange.status(), 404);
//!     assert_eq!(shared.metric("wasmcustom.usage_plan_requests.plan=.outcome=service_not_found"), 1);
//! }
//!
//! fn workers_share_a_counter<W: Worker>() {
//!     let shared = Shared::new();
//!     let mut workers: Vec<_> = (0..8).map(|_| W::start(&shared, DOCUMENT)).collect();
//!     std::thread::scope(|scope| {
//!         for worker in &mut workers {
//!             scope.spawn(|| worker.request(&signed_request()));
//!         }
//!     });
//!     shared.clock().advance(Duration::from_secs(1));
//! }
//! ```
//!
//! - A worker that loses a race: [`Shared::before_next_sets`]. A hostcall that fails: [`Shared::fail_next`].
//! - A new document: [`Worker::configure`] again. When the filter refuses it, the previous one stays in
//!   force.
//! - A VM that dies: [`Worker::try_request`] returns [`Failure::Died`] on [`Wasm`]. A new worker on the same
//!   [`Shared`] is the VM with which Envoy replaces it. On [`Native`] a panic in the filter aborts the
//!   process, and on [`Dynamic`] the module answers the request.
//! - A filter that does what no filter should (a second local reply, a request paused forever), or that makes
//!   a hostcall that is not emulated (bodies, properties, HTTP calls to clusters), fails the test with the
//!   name of the call, as soon as the callback has returned.
//! - Requests that wait, and what wakes them: [`ProxyWasm`], [`Shared::answer_grpc`] and [`on_proxy_wasm!`],
//!   because a dynamic module has other ways to wait.
//!
//! # The map
//!
//! | file | |
//! |---|---|
//! | `shared` | what all workers share, and what a test arranges; `data` is its compare-and-swap store |
//! | `exchange` | a request's result |
//! | `worker` | the filter under test, and one worker that runs it |
//! | `driver` | the callbacks, in Envoy's order |
//! | `hostcalls` | the meaning of every hostcall; `stream` one exchange, `headers` a header map |
//! | `queues`, `grpc` | shared queues; calls of gRPC, and the script that answers them |
//! | `pending` | what happens later, once a callback has returned or between two of them |
//! | `abi` | statuses, log levels, header maps as bytes |
//! | `native` | the native binding; `native::calls` is what the SDK imports |
//! | `dynamic` | the dynamic module's binding; `dynamic::calls` is what the module imports |
//! | `environment` | what both of them share: the environment of the process |
//! | `wasm` | the wasm binding: `wasm::calls`, `wasm::events` and `wasm::wasi` are what a module imports |

mod abi;
mod data;
mod driver;
mod dynamic;
mod environment;
mod exchange;
mod grpc;
mod headers;
mod hostcalls;
mod native;
mod pending;
mod queues;
mod shared;
mod stream;
mod wasm;
mod worker;

pub use abi::{Answer, Level, Status};
pub use dynamic::{Dynamic, Host};
pub use exchange::{Exchange, LocalReply};
pub use grpc::{DEADLINE_EXCEEDED, GrpcAnswer, GrpcCall};
pub use headers::Headers;
pub use native::Native;
pub use shared::{Clock, START, Shared};
pub use wasm::Wasm;
pub use worker::{Failure, Filter, ProxyWasm, Worker};

/// Makes a test on each binding of each function that is generic over a [`Worker`]: `on_all! { TheFilter =>
/// a, b }`.
#[macro_export]
macro_rules! on_all {
    ($filter:ty => $($(#[$attribute:meta])* $scenario:ident),+ $(,)?) => {
        mod native {
            use super::*;
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::Native<$filter>>(); })+
        }
        mod wasm {
            use super::*;
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::Wasm<$filter>>(); })+
        }
        mod dynamic {
            use super::*;
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::Dynamic<$filter>>(); })+
        }
    };
}

/// Makes a test on each binding of proxy-wasm of each function that is generic over a [`ProxyWasm`].
#[macro_export]
macro_rules! on_proxy_wasm {
    ($filter:ty => $($(#[$attribute:meta])* $scenario:ident),+ $(,)?) => {
        mod native {
            use super::*;
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::Native<$filter>>(); })+
        }
        mod wasm {
            use super::*;
            $($(#[$attribute])* #[test] fn $scenario() { super::$scenario::<$crate::Wasm<$filter>>(); })+
        }
    };
}
