//! What the filter does, as callers and operators see it: each scenario on the filter compiled natively and
//! on the shipped module in an interpreter.

mod attacks;
mod authentication;
mod caller;
mod configuration;
mod cost;
mod counting;
mod document;
mod explain;
mod histories;
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

/// The filter under test.
struct UsagePlan;

impl Filter for UsagePlan {
    fn root_context(_: u32) -> Box<dyn RootContext> {
        Box::new(envoy_usage_plan::Root::default())
    }

    fn module() -> PathBuf {
        testbed::module()
    }
}
