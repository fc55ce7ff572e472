//! What all workers of one proxy share, and what a test asks and arranges.

use super::abi::{Answer, Level, Status};
use super::data::Data;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where the clock stands at first: 1 January 2026, 00:00:00 UTC, in nanoseconds since 1970.
pub const START: u64 = 1_767_225_600_000_000_000;

/// What Envoy puts before the name of a filter's metric.
const METRIC_PREFIX: &str = "wasmcustom.";

/// A clock moved by hand.
#[derive(Debug)]
pub struct Clock(AtomicU64);

impl Clock {
    /// Nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, nanoseconds: u64) {
        self.0.store(nanoseconds, Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_nanos()).expect("a step of under 584 years"), Ordering::SeqCst);
    }
}

/// What all workers share: store, metrics, clock, log, environment. One per test, so that tests do not meet.
pub struct Shared {
    clock: Clock,
    data: Mutex<Data>,
    metrics: Mutex<BTreeMap<String, u64>>,
    logs: Mutex<Vec<(Level, String)>>,
    environment: Mutex<BTreeMap<String, String>>,
    vm_configuration: Mutex<Vec<u8>>,
    calls: Mutex<BTreeMap<&'static str, u64>>,
    faults: Mutex<BTreeMap<&'static str, (usize, Status)>>,
    race: Mutex<Option<Race>>,
}

type Hook = Box<dyn FnMut(&Shared, &str) + Send>;

struct Race {
    left: usize,
    hook: Hook,
}

// === impl Shared: what a test asks and arranges ===

impl Shared {
    /// A proxy that has seen nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: Clock(AtomicU64::new(START)),
            data: Mutex::default(),
            metrics: Mutex::default(),
            logs: Mutex::default(),
            environment: Mutex::default(),
            vm_configuration: Mutex::default(),
            calls: Mutex::default(),
            faults: Mutex::default(),
            race: Mutex::default(),
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

    /// Writes a shared value, as another worker would. No hook sees it and it is not counted.
    pub fn set_data(&self, key: &str, value: impl AsRef<[u8]>) {
        lock(&self.data).set(key, value.as_ref(), 0).expect("a blind write is never refused");
    }

    /// The value of a metric by its full name, `wasmcustom.` and what the filter calls it; 0 when it is not defined.
    pub fn metric(&self, name: &str) -> u64 {
        assert!(name.starts_with(METRIC_PREFIX), "a filter's metric is named {METRIC_PREFIX}…, not {name}");
        lock(&self.metrics).get(name).copied().unwrap_or(0)
    }

    /// Every metric that was defined, by its full name.
    pub fn metrics(&self) -> BTreeMap<String, u64> {
        lock(&self.metrics).clone()
    }

    /// Every line the workers have logged.
    pub fn logs(&self) -> Vec<(Level, String)> {
        lock(&self.logs).clone()
    }

    /// Sets a variable of the VM's environment, for what is configured from now on.
    pub fn set_env(&self, name: &str, value: &str) {
        lock(&self.environment).insert(name.to_owned(), value.to_owned());
    }

    /// Sets the VM configuration, for workers started from now on. Empty at first.
    pub fn set_vm_configuration(&self, bytes: impl AsRef<[u8]>) {
        *lock(&self.vm_configuration) = bytes.as_ref().to_vec();
    }

    /// How often the workers have made that hostcall, e.g. `proxy_get_shared_data`.
    pub fn calls(&self, hostcall: &str) -> u64 {
        lock(&self.calls).get(hostcall).copied().unwrap_or(0)
    }

    /// Runs `hook` with the key just before each of the next `times` writes of a worker is applied, so that what the hook
    /// writes makes the worker lose its race. What is written while the hook runs does not run it again. The hook may use
    /// another worker.
    pub fn before_next_sets(&self, times: usize, hook: impl FnMut(&Shared, &str) + Send + 'static) {
        *lock(&self.race) = (times > 0).then(|| Race { left: times, hook: Box::new(hook) });
    }

    /// Makes the next `times` calls of that hostcall answer `status`. The SDK panics on most of them, which a test can
    /// outlive only in wasm.
    pub fn fail_next(&self, hostcall: &'static str, times: usize, status: Status) {
        lock(&self.faults).insert(hostcall, (times, status));
    }
}

// === impl Shared: what the workers do ===

impl Shared {
    /// Counts a hostcall, or answers what a test has arranged for it.
    pub(super) fn enter(&self, hostcall: &'static str) -> Answer {
        *lock(&self.calls).entry(hostcall).or_default() += 1;
        match lock(&self.faults).get_mut(hostcall) {
            Some((left @ 1.., status)) => {
                *left -= 1;
                Err(*status)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn get(&self, key: &str) -> Answer<(Vec<u8>, u32)> {
        lock(&self.data).get(key)
    }

    pub(super) fn set(&self, key: &str, value: &[u8], cas: u32) -> Answer {
        self.run_race(key);
        lock(&self.data).set(key, value, cas)
    }

    fn run_race(&self, key: &str) {
        // Taken out while it runs: the hook may write, and must neither run itself nor wait for itself.
        let Some(mut race) = lock(&self.race).take() else { return };
        (race.hook)(self, key);
        race.left -= 1;
        if race.left > 0 {
            lock(&self.race).get_or_insert(race);
        }
    }

    pub(super) fn log(&self, level: Level, message: String) {
        if level == Level::Critical {
            // Shown by the test's report even where the process does not outlive the panic.
            eprintln!("critical: {message}");
        }
        lock(&self.logs).push((level, message));
    }

    pub(super) fn define_metric(&self, name: &str) -> String {
        let name = format!("{METRIC_PREFIX}{name}");
        lock(&self.metrics).entry(name.clone()).or_default();
        name
    }

    pub(super) fn change_metric(&self, full_name: &str, change: impl FnOnce(u64) -> u64) {
        let mut metrics = lock(&self.metrics);
        let value = metrics.entry(full_name.to_owned()).or_default();
        *value = change(*value);
    }

    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        lock(&self.environment).clone()
    }

    pub(super) fn vm_configuration(&self) -> Vec<u8> {
        lock(&self.vm_configuration).clone()
    }
}

/// A test that failed while it held a lock must not hide its message behind a second one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
