//! The binding of the dynamic module: its library, compiled into the test itself, and what Envoy does around
//! it.
//!
//! The test's program exports the functions that Envoy looks up in the library (`export!` of the module),
//! and this file calls them as Envoy does. Envoy's functions are in `dynamic::calls`. They mean what the
//! hostcalls of `hostcalls` mean, are counted under their names, and fail when a test has arranged it.
//!
//! Differences from Envoy: each worker has a configuration of its own, unless it is one of
//! [`workers`](Dynamic::workers); a metric with labels is shown under the name that a filter without labels
//! gives it; clock and store are those of [`Shared`], which the module gets as a [`Host`].

mod calls;
mod host;
mod pointers;

use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::Arc;

use testbed::Request;

use self::calls::{Filter, Plugin};
pub use self::host::Host;
use self::host::as_current;
use self::pointers::Buffer;
use crate::environment::Environment;
use crate::exchange::Exchange;
use crate::shared::Shared;
use crate::stream::Stream;
use crate::worker::{self as emulated, Failure, Worker};

// What the module exports.
unsafe extern "C" {
    fn envoy_dynamic_module_on_http_filter_config_new(
        envoy: *mut c_void,
        name: Buffer,
        document: Buffer,
    ) -> *const c_void;
    fn envoy_dynamic_module_on_http_filter_config_destroy(configuration: *const c_void);
    fn envoy_dynamic_module_on_http_filter_new(
        configuration: *const c_void,
        envoy: *mut c_void,
    ) -> *const c_void;
    fn envoy_dynamic_module_on_http_filter_destroy(filter: *const c_void);
    fn envoy_dynamic_module_on_http_filter_request_headers(
        envoy: *mut c_void,
        filter: *const c_void,
        end: bool,
    ) -> u32;
    fn envoy_dynamic_module_on_http_filter_request_trailers(envoy: *mut c_void, filter: *const c_void)
    -> u32;
    fn envoy_dynamic_module_on_http_filter_response_headers(
        envoy: *mut c_void,
        filter: *const c_void,
        end: bool,
    ) -> u32;
}

const CONTINUE: u32 = 0;

/// A worker that runs the dynamic module.
pub struct Dynamic<F> {
    shared: Arc<Shared>,
    /// Its index among Envoy's workers.
    worker: u32,
    configuration: Option<Arc<Configuration>>,
    filter: PhantomData<fn() -> F>,
}

/// A configuration that the module has accepted.
struct Configuration {
    shared: Arc<Shared>,
    plugin: Arc<Plugin>,
    module: *const c_void,
}

// SAFETY: Envoy calls the functions for a configuration from its main thread and those for streams from its
// workers, so the module cannot depend on a thread.
unsafe impl Send for Configuration {}
// SAFETY: as above; Envoy's workers use one configuration at once.
unsafe impl Sync for Configuration {}

// === impl Configuration ===

impl Drop for Configuration {
    fn drop(&mut self) {
        // SAFETY: the module made it, and it is destroyed once, when no stream of it is left.
        as_current(&self.shared, || unsafe {
            envoy_dynamic_module_on_http_filter_config_destroy(self.module);
        });
    }
}

// === impl Dynamic ===

impl<F: emulated::Filter> Dynamic<F> {
    /// Several workers with one configuration, as those of a real Envoy have.
    ///
    /// # Panics
    /// The module refuses the document.
    pub fn workers(shared: &Arc<Shared>, document: impl AsRef<[u8]>, number: u32) -> Vec<Self> {
        let first = Self::start(shared, document);
        let worker = |worker| Self {
            shared: Arc::clone(shared),
            worker,
            configuration: first.configuration.clone(),
            filter: PhantomData,
        };
        (0..number).map(worker).collect()
    }

    fn run(&self, filter: *mut Filter, module: *const c_void, end: bool) -> Result<(), String> {
        let envoy = filter.cast::<c_void>();
        let call = |call: &dyn Fn() -> u32| as_current(&self.shared, call);
        // SAFETY: the module gets what Envoy promises it, in Envoy's order, and the filter outlives the
        // stream. Between two calls of the module, nothing else uses the filter.
        unsafe {
            let http = as_current(&self.shared, || envoy_dynamic_module_on_http_filter_new(module, envoy));
            if http.is_null() {
                return Err("the module makes no filter".into());
            }
            let status = call(&|| envoy_dynamic_module_on_http_filter_request_headers(envoy, http, end));
            let has_reply = (*filter).stream.has_reply();
            if (status == CONTINUE) == has_reply {
                return Err("the request is paused without a reply, or goes on with one".into());
            }
            if (*filter).stream.end_headers().is_some() {
                call(&|| envoy_dynamic_module_on_http_filter_request_trailers(envoy, http));
            }
            let (_, ends) = (*filter).stream.respond();
            // Envoy does not ask the module about its own reply.
            if !has_reply {
                call(&|| envoy_dynamic_module_on_http_filter_response_headers(envoy, http, ends));
            }
            (*filter).stream.finish();
            as_current(&self.shared, || envoy_dynamic_module_on_http_filter_destroy(http));
        }
        Ok(())
    }
}

impl<F: emulated::Filter> Worker for Dynamic<F> {
    fn boot(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), worker: 0, configuration: None, filter: PhantomData }
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let mut plugin = Plugin::new(&self.shared);
        let (envoy, name) = ((&raw mut plugin).cast(), Buffer::of(b"usage_plan"));
        let environment = Environment::of(&self.shared);
        // SAFETY: the plugin and both buffers are valid for the call.
        let module = as_current(&self.shared, || unsafe {
            envoy_dynamic_module_on_http_filter_config_new(envoy, name, Buffer::of(document))
        });
        drop(environment);
        if module.is_null() {
            return Ok(false);
        }
        let (shared, plugin) = (Arc::clone(&self.shared), Arc::new(plugin));
        self.configuration = Some(Arc::new(Configuration { shared, plugin, module }));
        Ok(true)
    }

    fn try_request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        let Some(configuration) = &self.configuration else {
            return Err(Failure::Misused("no document is in force".into()));
        };
        let stream = Stream::new(request, self.shared.upstream_answer());
        let (_, end) = stream.request_size();
        let mut filter = Filter::new(&self.shared, self.worker, &configuration.plugin, stream);
        let result = self.run(&raw mut filter, configuration.module, end);
        filter.misuse.extend(result.err());
        match filter.misuse.as_slice() {
            [] => Ok(filter.stream.into_exchange(None)),
            misuse => Err(Failure::Misused(misuse.join("; "))),
        }
    }
}
