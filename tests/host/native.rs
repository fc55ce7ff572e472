//! The native binding: the real SDK and the real filter, compiled into the test itself.
//!
//! The SDK keeps its contexts in a thread-local, so a worker is a thread. A worker's handle may be moved between threads;
//! what it is asked to do runs on the worker's own.
//!
//! What is not as in wasm: a panic in the filter cannot unwind through `extern "C"` and aborts the process, with the
//! panic's message before it; the filter's statics are one for all workers; a variable that the process itself has in its
//! environment is seen too; `std::time` is the machine's, only the hostcall reads the clock moved by hand.

use super::driver::{Callback, Driver, Vm};
use super::exchange::{Exchange, Request};
use super::hostcalls::Host;
use super::native_calls;
use super::shared::Shared;
use super::worker::{Failure, Worker};
use std::panic;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
// The filter's entry point is reached by its symbol only; this makes it part of the binary.
use envoy_usage_plan as _;

// What the SDK exports. All of it takes and gives plain numbers, so a call is as safe as the filter is.
unsafe extern "C" {
    safe fn _initialize();
    safe fn proxy_on_context_create(id: u32, root: u32);
    safe fn proxy_on_vm_start(id: u32, size: usize) -> bool;
    safe fn proxy_on_configure(id: u32, size: usize) -> bool;
    safe fn proxy_on_request_headers(id: u32, count: usize, end: bool) -> u32;
    safe fn proxy_on_response_headers(id: u32, count: usize, end: bool) -> u32;
    safe fn proxy_on_log(id: u32);
    safe fn proxy_on_done(id: u32) -> bool;
    safe fn proxy_on_delete(id: u32);
}

/// What the whole process has one of: the environment, the logger, the panic hook.
static PROCESS: Mutex<()> = Mutex::new(());

fn process() -> MutexGuard<'static, ()> {
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker whose filter is native code.
pub struct Native {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

type Job = Box<dyn FnOnce(&mut Driver<NativeVm>) + Send>;

impl Native {
    fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut Driver<NativeVm>) -> R + Send + 'static) -> R {
        let (result, results) = channel();
        let job: Job = Box::new(move |driver| drop(result.send(job(driver))));
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .expect("the worker's thread takes jobs until dropped");
        results.recv().expect("the worker's thread ends no job without a result")
    }
}

impl Worker for Native {
    fn boot(shared: &Arc<Shared>) -> Self {
        let (jobs, queue) = channel::<Job>();
        let shared = Arc::clone(shared);
        // Named after the test: a filter that panics is not reported under any other name.
        let name = thread::current().name().unwrap_or("worker").to_owned();
        let work = move || {
            let mut driver = Driver::new(NativeVm::boot(shared));
            queue.into_iter().for_each(|job| job(&mut driver));
            driver.shut_down().expect("the root context ends");
        };
        let thread = thread::Builder::new().name(name).spawn(work).expect("a thread can be had");
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let document = document.to_vec();
        self.run(move |driver| driver.configure(&document))
    }

    fn try_request(&mut self, request: Request) -> Result<Exchange, Failure> {
        self.run(move |driver| driver.request(request))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.jobs.take();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(!matches!(ended, Some(Err(_))) || thread::panicking(), "the worker's thread panicked");
    }
}

/// The filter on this thread.
struct NativeVm;

impl NativeVm {
    fn boot(shared: Arc<Shared>) -> Self {
        native_calls::install(Host::new(shared));
        // The SDK's `set_log_level` is not made for threads, and sets a hook that keeps every panic's message, also those
        // of a test's own assertions, from the test's report.
        let _process = process();
        let hook = panic::take_hook();
        _initialize();
        panic::set_hook(hook);
        Self
    }
}

impl Vm for NativeVm {
    fn call(&mut self, callback: Callback) -> Result<Option<u32>, String> {
        Ok(match callback {
            Callback::ContextCreate { id, root } => {
                proxy_on_context_create(id, root);
                None
            }
            Callback::VmStart { id, size } => {
                let _environment = self.with_host(|host| Environment::of(&host.shared));
                Some(proxy_on_vm_start(id, size).into())
            }
            Callback::Configure { id, size } => {
                let _environment = self.with_host(|host| Environment::of(&host.shared));
                Some(proxy_on_configure(id, size).into())
            }
            Callback::RequestHeaders { id, count, end } => Some(proxy_on_request_headers(id, count, end)),
            Callback::ResponseHeaders { id, count, end } => Some(proxy_on_response_headers(id, count, end)),
            Callback::Log { id } => {
                proxy_on_log(id);
                None
            }
            Callback::Done { id } => Some(proxy_on_done(id).into()),
            Callback::Delete { id } => {
                proxy_on_delete(id);
                None
            }
        })
    }

    fn with_host<R>(&mut self, f: impl FnOnce(&mut Host) -> R) -> R {
        native_calls::with_host(|host| f(host.expect("installed at boot")))
    }

    fn take_fuel(&mut self) -> Option<u64> {
        None
    }
}

/// The process's environment while a filter reads its own from it: one VM's variables, and nobody else's turn.
struct Environment {
    names: Vec<String>,
    _process: MutexGuard<'static, ()>,
}

impl Environment {
    fn of(shared: &Shared) -> Self {
        let _process = process();
        let variables = shared.environment();
        for (name, value) in &variables {
            assert!(std::env::var_os(name).is_none(), "{name} is in the environment of the test itself");
            // SAFETY: this process reads its environment through `std` only, which guards it with a lock.
            unsafe { std::env::set_var(name, value) };
        }
        Self { names: variables.into_keys().collect(), _process }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        for name in &self.names {
            // SAFETY: as in `of`.
            unsafe { std::env::remove_var(name) };
        }
    }
}
