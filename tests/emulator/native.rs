//! The native binding: the real SDK and the filter, compiled into the test itself.
//!
//! The SDK keeps its contexts in a thread-local variable, so a worker is a thread. A worker's handle may move
//! between threads; its requests run on the worker's own thread.
//!
//! Differences from wasm: a panic in the filter cannot unwind through `extern "C"`, so it aborts the process
//! after its message is shown; all workers have the same copy of the filter's statics; the filter also sees
//! the variables of the process's own environment; `std::time` is the machine's clock, and only the hostcall
//! reads the clock that a test moves.

mod calls;

use std::marker::PhantomData;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use proxy_wasm::types::{LogLevel, NewRootContext};
use testbed::Request;

use crate::driver::{Callback, Driver, Vm};
use crate::environment::{Environment, process};
use crate::exchange::Exchange;
use crate::hostcalls::Proxy;
use crate::shared::Shared;
use crate::worker::{Failure, Filter, ProxyWasm, Worker};

// What the SDK exports. All parameters and results are plain numbers, so a call is as safe as the filter is.
unsafe extern "C" {
    safe fn proxy_on_context_create(id: u32, root: u32);
    safe fn proxy_on_vm_start(id: u32, size: usize) -> bool;
    safe fn proxy_on_configure(id: u32, size: usize) -> bool;
    safe fn proxy_on_request_headers(id: u32, count: usize, end: bool) -> u32;
    safe fn proxy_on_request_trailers(id: u32, count: usize) -> u32;
    safe fn proxy_on_response_headers(id: u32, count: usize, end: bool) -> u32;
    safe fn proxy_on_queue_ready(id: u32, queue: u32);
    safe fn proxy_on_tick(id: u32);
    safe fn proxy_on_grpc_receive(id: u32, call: u32, size: usize);
    safe fn proxy_on_grpc_close(id: u32, call: u32, status: u32);
    safe fn proxy_on_log(id: u32);
    safe fn proxy_on_done(id: u32) -> bool;
    safe fn proxy_on_delete(id: u32);
}

/// A worker whose filter is native code.
pub struct Native<F> {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    filter: PhantomData<fn() -> F>,
}

type Job = Box<dyn FnOnce(&mut Driver<NativeVm>) + Send>;

impl<F> Native<F> {
    fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut Driver<NativeVm>) -> R + Send + 'static) -> R {
        let (result, results) = channel();
        let job: Job = Box::new(move |driver| drop(result.send(job(driver))));
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .expect("the worker's thread takes jobs until dropped");
        results.recv().expect("every job of the worker's thread has a result")
    }
}

impl<F: Filter> Worker for Native<F> {
    fn boot(shared: &Arc<Shared>) -> Self {
        let (jobs, queue) = channel::<Job>();
        let shared = Arc::clone(shared);
        // The thread has the test's name, because a panic in the filter is reported under the thread's name.
        let name = thread::current().name().unwrap_or("worker").to_owned();
        let work = move || {
            let mut driver = Driver::new(NativeVm::boot(F::root_context, shared));
            queue.into_iter().for_each(|job| job(&mut driver));
            driver.shut_down().expect("the root context ends");
        };
        let thread = thread::Builder::new().name(name).spawn(work).expect("the system starts a thread");
        Self { jobs: Some(jobs), thread: Some(thread), filter: PhantomData }
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let document = document.to_vec();
        self.run(move |driver| driver.configure(&document))
    }

    fn try_request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        let request = request.clone();
        self.run(move |driver| driver.request(&request))
    }
}

impl<F: Filter> ProxyWasm for Native<F> {
    fn try_begin(&mut self, request: &Request) -> Result<u32, Failure> {
        let request = request.clone();
        self.run(move |driver| driver.begin(&request))
    }

    fn take(&mut self, id: u32) -> Option<Exchange> {
        self.run(move |driver| driver.take(id))
    }

    fn try_step(&mut self) -> Result<bool, Failure> {
        self.run(Driver::step)
    }

    fn try_tick(&mut self) -> Result<(), Failure> {
        self.run(Driver::tick)
    }

    fn try_hang_up(&mut self, id: u32) -> Result<(), Failure> {
        self.run(move |driver| driver.hang_up(id))
    }
}

impl<F> Drop for Native<F> {
    fn drop(&mut self) {
        self.jobs.take();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(!matches!(ended, Some(Err(_))) || thread::panicking(), "the worker's thread panicked");
    }
}

/// The filter on this thread.
struct NativeVm;

impl NativeVm {
    fn boot(root_context: NewRootContext, shared: Arc<Shared>) -> Self {
        calls::install(Proxy::new(shared));
        // The SDK's `set_log_level` is not made for threads. It also sets a panic hook that would keep the
        // messages of a test's own assertions out of the test's report.
        let _process = process();
        let hook = panic::take_hook();
        proxy_wasm::set_log_level(LogLevel::Info);
        panic::set_hook(hook);
        proxy_wasm::set_root_context(root_context);
        Self
    }
}

/// Calls what answers nothing.
fn tell(callback: Callback) {
    match callback {
        Callback::ContextCreate { id, root } => proxy_on_context_create(id, root),
        Callback::QueueReady { id, queue } => proxy_on_queue_ready(id, queue),
        Callback::Tick { id } => proxy_on_tick(id),
        Callback::GrpcReceive { id, call, size } => proxy_on_grpc_receive(id, call, size),
        Callback::GrpcClose { id, call, status } => proxy_on_grpc_close(id, call, status),
        Callback::Log { id } => proxy_on_log(id),
        Callback::Delete { id } => proxy_on_delete(id),
        Callback::VmStart { .. }
        | Callback::Configure { .. }
        | Callback::RequestHeaders { .. }
        | Callback::RequestTrailers { .. }
        | Callback::ResponseHeaders { .. }
        | Callback::Done { .. } => {}
    }
}

impl Vm for NativeVm {
    fn call(&mut self, callback: Callback) -> Result<Option<u32>, String> {
        let answer = match callback {
            Callback::VmStart { id, size } => {
                let _environment = self.with_proxy(|proxy| Environment::of(&proxy.shared));
                proxy_on_vm_start(id, size).into()
            }
            Callback::Configure { id, size } => {
                let _environment = self.with_proxy(|proxy| Environment::of(&proxy.shared));
                proxy_on_configure(id, size).into()
            }
            Callback::RequestHeaders { id, count, end } => proxy_on_request_headers(id, count, end),
            Callback::RequestTrailers { id, count } => proxy_on_request_trailers(id, count),
            Callback::ResponseHeaders { id, count, end } => proxy_on_response_headers(id, count, end),
            Callback::Done { id } => proxy_on_done(id).into(),
            other => {
                tell(other);
                return Ok(None);
            }
        };
        Ok(Some(answer))
    }

    fn with_proxy<R>(&mut self, f: impl FnOnce(&mut Proxy) -> R) -> R {
        calls::with_proxy(|proxy| f(proxy.expect("boot has installed it")))
    }

    fn take_fuel(&mut self) -> Option<u64> {
        None
    }
}
