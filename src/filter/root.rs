//! The plugin: reads its configuration, and makes the contexts of requests.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;
use usage_plan_core::document::{DateHeader, Digest};
use usage_plan_core::lookup::Config;

use crate::http::Http;
use crate::installed::Installed;
use crate::metrics;

/// How many errors of a document are logged. One mistake can be in each of a hundred thousand keys, and every
/// worker logs what it finds.
const MOST_LOGGED: usize = 50;

/// The root context. Envoy makes a new one for every configuration, so a refused configuration leaves the
/// last one in force.
#[derive(Default)]
pub struct Root {
    installed: Option<Rc<Installed>>,
}

// === impl Root ===

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        let text = self.get_plugin_configuration().unwrap_or_default();
        match Config::parse(&text, &|name| std::env::var(name).ok()) {
            Ok(config) => {
                warn_of_unsafe_options(&config);
                metrics::set_document_digest(Digest::of(&text));
                self.installed = Some(Rc::new(Installed::new(config)));
                true
            }
            Err(errors) => {
                log::error!("the usage plan document is refused; errors: {}", errors.count());
                errors.iter().take(MOST_LOGGED).for_each(|error| log::error!("{error}"));
                if let Some(more @ 1..) = errors.count().checked_sub(MOST_LOGGED) {
                    log::error!("and {more} more: `usage-plan check` prints all of them");
                }
                false
            }
        }
    }

    fn create_http_context(&self, _: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Http::new(self.installed.clone())))
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
