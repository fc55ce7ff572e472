//! What all workers of one proxy share, and what a test asks and arranges.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::abi::{Answer, Level, Status};
use crate::data::Data;
use crate::grpc::{GrpcAnswer, GrpcCall, Script};
use crate::headers::Headers;
use crate::queues::Queues;

/// The time that the clock shows at first: 1 January 2026, 00:00:00 UTC, in nanoseconds since 1970.
pub const START: u64 = 1_767_225_600_000_000_000;

/// What Envoy puts before the name of a filter's metric.
const METRIC_PREFIX: &str = "wasmcustom.";

/// A clock that only a test moves.
#[derive(Debug)]
pub struct Clock(AtomicU64);

impl Clock {
    /// Nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets the clock to a number of nanoseconds since 1970, forwards or backwards.
    pub fn set(&self, nanoseconds: u64) {
        self.0.store(nanoseconds, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    ///
    /// # Panics
    /// The step is longer than 584 years.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_nanos()).expect("a step of under 584 years"), Ordering::SeqCst);
    }
}

/// What all workers share: store, metrics, clock, log, environment, upstream. Each test has its own.
pub struct Shared {
    clock: Clock,
    data: Mutex<Data>,
    metrics: Mutex<BTreeMap<String, u64>>,
    logs: Mutex<Vec<(Level, String)>>,
    environment: Mutex<BTreeMap<String, String>>,
    upstream_answer: Mutex<Headers>,
    calls: Mutex<BTreeMap<&'static str, u64>>,
    faults: Mutex<BTreeMap<&'static str, (usize, Status)>>,
    race: Mutex<Option<Race>>,
    vms: AtomicU32,
    queues: Mutex<Queues>,
    grpc_calls: Mutex<Vec<GrpcCall>>,
    script: Mutex<Script>,
}

type Hook = Box<dyn FnMut(&Shared, &str) + Send>;

struct Race {
    left: usize,
    hook: Hook,
}

// === impl Shared: what a test asks and arranges ===

impl Shared {
    /// A new proxy.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: Clock(AtomicU64::new(START)),
            data: Mutex::default(),
            metrics: Mutex::default(),
            logs: Mutex::default(),
            environment: Mutex::default(),
            upstream_answer: Mutex::new(Headers::from_iter([(":status", "200")])),
            calls: Mutex::default(),
            faults: Mutex::default(),
            race: Mutex::default(),
            vms: AtomicU32::new(0),
            queues: Mutex::default(),
            grpc_calls: Mutex::default(),
            script: Mutex::new(Box::new(|_| GrpcAnswer::NotMade)),
        })
    }

    /// The clock that every worker reads.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A shared value and its compare-and-swap number.
    pub fn data(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        lock(&self.data).get(key).ok()
    }

    /// The keys of all shared values.
    pub fn data_keys(&self) -> Vec<String> {
        lock(&self.data).keys()
    }

    /// Writes a shared value, as another worker would. No hook sees this write, and no call is counted.
    pub fn set_data(&self, key: &str, value: impl AsRef<[u8]>) {
        lock(&self.data).set(key, value.as_ref(), 0).expect("a write without a version always succeeds");
    }

    /// The value of a counter or a gauge by its full name: `wasmcustom.` and the filter's name for it. 0 when
    /// it is not defined.
    ///
    /// # Panics
    /// The name lacks its prefix.
    pub fn metric(&self, name: &str) -> u64 {
        assert!(
            name.starts_with(METRIC_PREFIX),
            "the name of a filter's metric begins with {METRIC_PREFIX}: {name}"
        );
        lock(&self.metrics).get(name).copied().unwrap_or(0)
    }

    /// The full names of all counters and gauges that are defined.
    pub fn metric_names(&self) -> Vec<String> {
        lock(&self.metrics).keys().cloned().collect()
    }

    /// Every line that the workers have logged.
    pub fn logs(&self) -> Vec<(Level, String)> {
        lock(&self.logs).clone()
    }

    /// Sets a variable of the VM's environment. A filter sees it when it is configured the next time.
    pub fn set_env(&self, name: &str, value: &str) {
        lock(&self.environment).insert(name.to_owned(), value.to_owned());
    }

    /// Sets what the upstream answers from now on, instead of a bare 200. The first header is `:status`.
    pub fn set_upstream_answer(&self, headers: &[(&str, &str)]) {
        *lock(&self.upstream_answer) = headers.iter().copied().collect();
    }

    /// How often the workers have made that hostcall, e.g. `proxy_get_shared_data`.
    pub fn calls(&self, hostcall: &str) -> u64 {
        lock(&self.calls).get(hostcall).copied().unwrap_or(0)
    }

    /// Answers the filter's calls of gRPC from now on. Without it, there is no
    /// cluster that they could go to.
    pub fn answer_grpc(&self, script: impl FnMut(&GrpcCall) -> GrpcAnswer + Send + 'static) {
        *lock(&self.script) = Box::new(script);
    }

    /// The calls of gRPC that the workers have made.
    pub fn grpc_calls(&self) -> Vec<GrpcCall> {
        lock(&self.grpc_calls).clone()
    }

    /// The names of all shared queues.
    pub fn queue_names(&self) -> Vec<String> {
        self.queues().names()
    }

    /// Runs `hook` with the key just before each of the workers' next `times` writes is applied. When the
    /// hook writes the same key, the worker loses its race. A write during the hook does not run the hook
    /// again. The hook may use another worker.
    pub fn before_next_sets(&self, times: usize, hook: impl FnMut(&Shared, &str) + Send + 'static) {
        *lock(&self.race) = (times > 0).then(|| Race { left: times, hook: Box::new(hook) });
    }

    /// Makes the next `times` calls of that hostcall answer `status`. On most of them the SDK panics, which a
    /// test survives only with the wasm binding.
    pub fn fail_next(&self, hostcall: &'static str, times: usize, status: Status) {
        lock(&self.faults).insert(hostcall, (times, status));
    }
}

// === impl Shared: what the workers do ===

impl Shared {
    /// Counts a hostcall. Fails when a test has arranged that it fails.
    pub(crate) fn enter(&self, hostcall: &'static str) -> Answer {
        *lock(&self.calls).entry(hostcall).or_default() += 1;
        match lock(&self.faults).get_mut(hostcall) {
            Some((left @ 1.., status)) => {
                *left -= 1;
                Err(*status)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Answer<(Vec<u8>, u32)> {
        lock(&self.data).get(key)
    }

    pub(crate) fn set(&self, key: &str, value: &[u8], cas: u32) -> Answer<u32> {
        self.run_race(key);
        lock(&self.data).set(key, value, cas)
    }

    fn run_race(&self, key: &str) {
        // It is taken out while it runs, because the hook may write and must neither run itself nor wait for
        // itself.
        let Some(mut race) = lock(&self.race).take() else { return };
        (race.hook)(self, key);
        race.left -= 1;
        if race.left > 0 {
            lock(&self.race).get_or_insert(race);
        }
    }

    pub(crate) fn log(&self, level: Level, message: String) {
        if level == Level::Critical {
            // The test's report shows it even when the panic ends the process.
            eprintln!("critical: {message}");
        }
        lock(&self.logs).push((level, message));
    }

    pub(crate) fn define_metric(&self, name: &str) -> String {
        let name = format!("{METRIC_PREFIX}{name}");
        lock(&self.metrics).entry(name.clone()).or_default();
        name
    }

    pub(crate) fn increment_metric(&self, full_name: &str, offset: u64) {
        *lock(&self.metrics).entry(full_name.to_owned()).or_default() += offset;
    }

    pub(crate) fn record_metric(&self, full_name: &str, value: u64) {
        lock(&self.metrics).insert(full_name.to_owned(), value);
    }

    /// The number of a new VM.
    pub(crate) fn next_vm(&self) -> u32 {
        self.vms.fetch_add(1, Ordering::SeqCst)
    }

    pub(crate) fn queues(&self) -> MutexGuard<'_, Queues> {
        lock(&self.queues)
    }

    pub(crate) fn ask_grpc(&self, call: GrpcCall) -> GrpcAnswer {
        let answer = lock(&self.script)(&call);
        lock(&self.grpc_calls).push(call);
        answer
    }

    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        lock(&self.environment).clone()
    }

    pub(crate) fn upstream_answer(&self) -> Headers {
        lock(&self.upstream_answer).clone()
    }
}

/// Locks even after a panic: a test that failed while it held a lock must not hide its message behind a
/// second one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
