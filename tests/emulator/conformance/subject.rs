//! The filter that runs everywhere, and what is compared.

use std::path::PathBuf;

use emulator::Filter;
use proxy_wasm::traits::RootContext;

pub(super) struct Probe;

impl Filter for Probe {
    fn root_context(id: u32) -> Box<dyn RootContext> {
        Box::new(probe_filter::Root::new(id))
    }

    fn module() -> PathBuf {
        testbed::module().with_file_name("probe_filter.wasm")
    }
}

/// What a caller gets, and what the upstream got.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Observed {
    pub(super) status: u16,
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<String>,
}

/// What the upstream reports of the request that it got.
pub(super) const REPORTED: [&str; 5] = [":path", ":method", "x-added", "x-set", "x-removed"];
/// Filter state by its full name.
pub(super) const STATES: [&str; 2] = ["wasm.probe", "wasm.probe_not_set"];
pub(super) const METRICS: [&str; 3] = ["probe_counter", "probe_counter.plan=a-b.outcome=c", "probe_gauge"];
