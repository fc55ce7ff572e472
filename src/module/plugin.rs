//! A configuration in force: the document, what its requests are counted in, and a gate for each worker.

use std::sync::{Arc, Mutex};

use usage_plan_core::document::{DateHeader, Digest};
use usage_plan_core::gate::Gate;
use usage_plan_core::lookup::Config;
use usage_plan_core::telemetry::metric_names;

use crate::abi::{self, LogLevel, NewConfiguration};
use crate::host::Host;
use crate::metrics::Metrics;

/// A configuration in force.
pub(crate) struct Plugin<H: Host> {
    config: Arc<Config>,
    pub(crate) host: H,
    pub(crate) metrics: Metrics,
    /// The gate of each worker, made by its first request. Only that worker locks it. A worker that panicked
    /// begins with a new one.
    gates: Box<[Mutex<Option<Gate>>]>,
    /// The gate of whoever is not among the workers that Envoy promised.
    another_gate: Mutex<Option<Gate>>,
}

// === impl Plugin ===

impl<H: Host> Plugin<H> {
    /// Reads a document. Says in Envoy's log why it is refused, if it is.
    pub(crate) fn new(envoy: &mut NewConfiguration<'_>, filter: &[u8], document: &[u8]) -> Option<Self> {
        match Config::parse(document, &|name| std::env::var(name).ok()) {
            Ok(config) if config.options().fleet.is_some() => {
                abi::log(
                    LogLevel::Error,
                    "the usage plan document is refused: the native module counts by itself and asks no engine, so \
                     options.fleet would not hold; leave it out, or use the filter's wasm module",
                );
                None
            }
            Ok(config) => {
                warn_of_unsafe_options(&config);
                show_digest(envoy, Digest::of(document));
                let (workers, host) = (envoy.workers(), H::of(filter));
                Some(Self {
                    metrics: Metrics::new(envoy, &config, host.counted()),
                    config: Arc::new(config),
                    host,
                    gates: std::iter::repeat_with(Mutex::default).take(workers).collect(),
                    another_gate: Mutex::default(),
                })
            }
            Err(errors) => {
                errors.log(|line| abi::log(LogLevel::Error, line));
                None
            }
        }
    }

    /// The document.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Asks the gate of a worker.
    pub(crate) fn gate<R>(&self, worker: usize, ask: impl FnOnce(&Gate) -> R) -> R {
        let gate = self.gates.get(worker).unwrap_or(&self.another_gate);
        let mut gate = gate.lock().unwrap_or_else(|poisoned| {
            gate.clear_poison();
            let mut gate = poisoned.into_inner();
            *gate = None;
            gate
        });
        ask(gate.get_or_insert_with(|| Gate::new(Arc::clone(&self.config))))
    }
}

impl<H: Host> Drop for Plugin<H> {
    /// A document that another one has replaced, and whose last request is over, gives back what was reserved
    /// under it.
    fn drop(&mut self) {
        for gate in self.gates.iter_mut().chain([&mut self.another_gate]) {
            if let Ok(Some(gate)) = gate.get_mut() {
                gate.give_back(&self.host);
            }
        }
    }
}

fn show_digest(envoy: &mut NewConfiguration<'_>, digest: Digest) {
    let name = metric_names::document_digest();
    if let Err(result) = envoy.set_gauge(name, digest.to_gauge()) {
        abi::log(LogLevel::Warn, &format!("cannot set the metric {name}: {result:?}"));
    }
}

fn warn_of_unsafe_options(config: &Config) {
    if config.options().date_header == DateHeader::Unchecked {
        abi::log(
            LogLevel::Warn,
            "options.date_header is \"unchecked\": a captured request that signs only Date can be replayed for \
             ever; the metric usage_plan_unchecked_dates counts the requests that depend on it",
        );
    }
}
