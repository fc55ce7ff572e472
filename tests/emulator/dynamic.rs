//! The binding of the dynamic module: its library, compiled into the test itself, and what Envoy does around
//! it.
//!
//! The test's program exports the functions that Envoy looks up in the library (`export!` of the module),
//! and this file calls them as Envoy does. Envoy's functions are in `dynamic::calls`. They mean what the
//! hostcalls of `hostcalls` mean, are counted under their names, and fail when a test has arranged it.
//!
//! Differences from Envoy: each worker has a configuration of its own; a metric with labels is shown under
//! the name that a filter without labels gives it; clock and store are those of [`Shared`], which the module
//! gets as a [`Host`].

mod calls;
mod host;

use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::Arc;

use testbed::Request;

use self::calls::{Buffer, Plugin};
pub use self::host::Host;
use self::host::as_current;
use crate::environment::Environment;
use crate::exchange::Exchange;
use crate::shared::Shared;
use crate::stream::Stream;
use crate::worker::{Failure, Filter, Worker};

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
    configuration: Option<Configuration>,
    filter: PhantomData<fn() -> F>,
}

/// A configuration that the module has accepted.
struct Configuration {
    envoy: Box<Plugin>,
    module: *const c_void,
}

// SAFETY: Envoy calls the functions for a configuration from its main thread and those for streams from its
// workers, so the module cannot depend on a thread.
unsafe impl Send for Configuration {}

// === impl Dynamic ===

impl<F: Filter> Dynamic<F> {
    fn call<R>(&self, call: impl FnOnce() -> R) -> R {
        as_current(&self.shared, call)
    }

    fn destroy(&self, configuration: Configuration) {
        // SAFETY: the module made it, and it is destroyed once, when no stream of it is left.
        self.call(|| unsafe { envoy_dynamic_module_on_http_filter_config_destroy(configuration.module) });
    }

    fn run(&self, plugin: *mut Plugin, module: *const c_void, end: bool) -> Result<(), String> {
        let envoy = plugin.cast::<c_void>();
        // SAFETY: between two calls of the module, nothing else uses the plugin.
        let with_stream = |f: &mut dyn FnMut(&mut Stream)| unsafe {
            f((*plugin).stream.as_mut().expect("a request is in progress"));
        };
        // SAFETY: the module gets what Envoy promises it, in Envoy's order. The plugin outlives the stream.
        unsafe {
            let filter = self.call(|| envoy_dynamic_module_on_http_filter_new(module, envoy));
            if filter.is_null() {
                return Err("the module makes no filter".into());
            }
            let status =
                self.call(|| envoy_dynamic_module_on_http_filter_request_headers(envoy, filter, end));
            let (mut has_reply, mut trailers) = (false, None);
            with_stream(&mut |stream| has_reply = stream.has_reply());
            if (status == CONTINUE) == has_reply {
                return Err("the request is paused without a reply, or goes on with one".into());
            }
            with_stream(&mut |stream| trailers = stream.end_headers());
            if trailers.is_some() {
                self.call(|| envoy_dynamic_module_on_http_filter_request_trailers(envoy, filter));
            }
            let mut ends = false;
            with_stream(&mut |stream| ends = stream.respond().1);
            // Envoy does not ask the module about its own reply.
            if !has_reply {
                self.call(|| envoy_dynamic_module_on_http_filter_response_headers(envoy, filter, ends));
            }
            with_stream(&mut |stream| stream.finish());
            self.call(|| envoy_dynamic_module_on_http_filter_destroy(filter));
        }
        Ok(())
    }
}

impl<F: Filter> Worker for Dynamic<F> {
    fn boot(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), configuration: None, filter: PhantomData }
    }

    fn try_configure(&mut self, document: &[u8]) -> Result<bool, Failure> {
        let mut envoy = Box::new(Plugin::new(Arc::clone(&self.shared)));
        let (pointer, name) = (&raw mut *envoy, Buffer::of(b"usage_plan"));
        let environment = Environment::of(&self.shared);
        // SAFETY: the plugin and both buffers are valid for the call, and the plugin longer than the result.
        let module = self.call(|| unsafe {
            envoy_dynamic_module_on_http_filter_config_new(pointer.cast(), name, Buffer::of(document))
        });
        drop(environment);
        envoy.frozen = true;
        if !envoy.misuse.is_empty() {
            return Err(Failure::Misused(envoy.misuse.join("; ")));
        }
        if module.is_null() {
            return Ok(false);
        }
        if let Some(replaced) = self.configuration.replace(Configuration { envoy, module }) {
            self.destroy(replaced);
        }
        Ok(true)
    }

    fn try_request(&mut self, request: &Request) -> Result<Exchange, Failure> {
        let Some(configuration) = &mut self.configuration else {
            return Err(Failure::Misused("no document is in force".into()));
        };
        let stream = Stream::new(request, self.shared.upstream_answer());
        let (_, end) = stream.request_size();
        configuration.envoy.stream = Some(stream);
        let (plugin, module) = (&raw mut *configuration.envoy, configuration.module);
        let result = self.run(plugin, module, end);
        let configuration = self.configuration.as_mut().expect("as before");
        let stream = configuration.envoy.stream.take().expect("only this function takes the stream away");
        let mut misuse = std::mem::take(&mut configuration.envoy.misuse);
        misuse.extend(result.err());
        if misuse.is_empty() {
            Ok(stream.into_exchange(None))
        } else {
            Err(Failure::Misused(misuse.join("; ")))
        }
    }
}

impl<F> Drop for Dynamic<F> {
    fn drop(&mut self) {
        // The module frees what it keeps, as at the end of Envoy.
        if let Some(configuration) = self.configuration.take() {
            // SAFETY: the module made it, and no stream of it is left.
            unsafe { envoy_dynamic_module_on_http_filter_config_destroy(configuration.module) };
        }
    }
}
