//! The plugin: reads its configuration, and makes the contexts of requests.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;
use usage_plan_core::document::{DateHeader, Digest};
use usage_plan_core::limit::Clock;
use usage_plan_core::lookup::Config;

use crate::fleet::Fleet;
use crate::host::Envoy;
use crate::http::Http;
use crate::installed::Installed;
use crate::metrics;
use crate::worker::Worker;

/// The root context. Envoy makes a new one for every configuration, so a refused configuration leaves the
/// last one in force.
pub struct Root {
    id: u32,
    installed: Option<Rc<Installed>>,
}

// === impl Root ===

impl Root {
    /// A root context with Envoy's number for it.
    #[must_use]
    pub fn new(id: u32) -> Self {
        Self { id, installed: None }
    }

    /// What asks the engine, if the options name one; an error when the host does not allow it.
    fn start_fleet(&self, config: &Config) -> Result<Option<Fleet>, String> {
        let fleet = config.options().fleet.as_ref();
        fleet.map(|fleet| Fleet::start(self.id, fleet, Envoy.now())).transpose()
    }

    fn worker(&self) -> Option<Worker<'_>> {
        self.installed.as_deref().and_then(Worker::of)
    }
}

impl Context for Root {
    fn on_grpc_call_response(&mut self, token: u32, status: u32, size: usize) {
        if let Some(worker) = self.worker() {
            let message = if status == 0 { self.get_grpc_call_response_body(0, size) } else { None };
            worker.on_answer(token, status, &message.unwrap_or_default());
        }
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        let text = self.get_plugin_configuration().unwrap_or_default();
        match Config::parse(&text, &|name| std::env::var(name).ok()) {
            Ok(config) => {
                let fleet = match self.start_fleet(&config) {
                    Ok(fleet) => fleet,
                    Err(missing) => {
                        log::error!(
                            "the usage plan document is refused: options.fleet cannot work: {missing}"
                        );
                        return false;
                    }
                };
                warn_of_unsafe_options(&config);
                metrics::set_document_digest(Digest::of(&text));
                self.installed = Some(Rc::new(Installed::new(config, fleet)));
                true
            }
            Err(errors) => {
                errors.log(|line| log::error!("{line}"));
                false
            }
        }
    }

    fn on_queue_ready(&mut self, _: u32) {
        if let Some(worker) = self.worker() {
            worker.on_kick();
        }
    }

    fn on_tick(&mut self) {
        if let Some(worker) = self.worker() {
            worker.on_tick();
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Http::new(id, self.installed.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

fn warn_of_unsafe_options(config: &Config) {
    if config.options().date_header == DateHeader::Unchecked {
        log::warn!(
            "options.date_header is \"unchecked\": a captured request that signs only Date can be replayed for ever; \
             the metric usage_plan_unchecked_dates counts the requests that depend on it"
        );
    }
}
