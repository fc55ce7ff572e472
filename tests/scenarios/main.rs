//! What the product does, as callers and operators see it: each scenario on the filter compiled natively, on
//! the shipped module in an interpreter, and on the dynamic module.

mod attacks;
mod authentication;
mod caller;
mod configuration;
mod cost;
mod counting;
mod document;
mod dynamic_module;
mod explain;
mod fleet;
mod histories;
mod memory;
mod module;
mod plans;
mod quotas;
mod refusals;
mod routing;
mod telemetry;
mod timing;
mod usage;

use std::path::PathBuf;

use emulator::Filter;
use proxy_wasm::traits::RootContext;
use usage_plan_core::limit::{Clock, Conflict, Store, Version};
use usage_plan_core::timestamp::Timestamp;

/// The filter under test.
struct UsagePlan;

impl Filter for UsagePlan {
    fn root_context(id: u32) -> Box<dyn RootContext> {
        Box::new(envoy_usage_plan::Root::new(id))
    }

    fn module() -> PathBuf {
        testbed::module()
    }
}

/// The emulated proxy as the host of the dynamic module.
struct Emulated(emulator::Host);

impl envoy_usage_plan_module::Host for Emulated {
    fn of(_: &[u8]) -> Self {
        Self(emulator::Host::current())
    }
}

impl Clock for Emulated {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.now())
    }
}

impl Store for Emulated {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.0.get(key)
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        self.0.set(key, cell, version).ok_or(Conflict)
    }
}

envoy_usage_plan_module::export!(Emulated);
