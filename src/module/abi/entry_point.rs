//! The names by which Envoy finds the functions that it calls. It looks up all of these, also for what this
//! module never asks for, such as calls of its own to other services.

use super::hooks;
use super::types::{Buffer, Opaque, Status};
use crate::clock::SystemClock;
use crate::panics;

macro_rules! export {
    ($($name:ident ($($argument:ident: $type:ty),*) $(-> $result:ty)? = $body:expr;)*) => {$(
        // SAFETY: no other function of Envoy or of a library has this name.
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            // SAFETY: Envoy alone calls this, with the arguments that its ABI promises.
            unsafe { $body }
        }
    )*};
}

#[rustfmt::skip]
export! {
    envoy_dynamic_module_on_http_filter_config_new(envoy: Opaque, name: Buffer, document: Buffer) -> Opaque =
        hooks::config_new(envoy, name, document);
    envoy_dynamic_module_on_http_filter_config_destroy(plugin: Opaque) = hooks::config_destroy(plugin);
    envoy_dynamic_module_on_http_filter_new(plugin: Opaque, envoy: Opaque) -> Opaque =
        hooks::filter_new(plugin, envoy);
    envoy_dynamic_module_on_http_filter_destroy(request: Opaque) = hooks::filter_destroy(request);
    envoy_dynamic_module_on_http_filter_request_headers(envoy: Opaque, request: Opaque, end: bool) -> Status =
        hooks::request_headers::<SystemClock>(envoy, request, end);
    envoy_dynamic_module_on_http_filter_request_trailers(envoy: Opaque, request: Opaque) -> Status =
        hooks::request_trailers(envoy, request);
    envoy_dynamic_module_on_http_filter_response_headers(envoy: Opaque, request: Opaque, end: bool)
        -> Status =
        hooks::response_headers(envoy, request, end);
}

/// Envoy loads the library.
// SAFETY: no other function of Envoy or of a library has this name.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_program_init() -> Opaque {
    panics::log_them();
    hooks::program_init()
}

/// Exports hooks that do nothing. Whatever their arguments are, they are not read.
macro_rules! ignore {
    ($($name:ident)*) => {$(
        // SAFETY: no other function of Envoy or of a library has this name.
        #[unsafe(no_mangle)]
        extern "C" fn $name() -> Status {
            Status::Continue
        }
    )*};
}

ignore! {
    envoy_dynamic_module_on_http_filter_request_body
    envoy_dynamic_module_on_http_filter_response_body
    envoy_dynamic_module_on_http_filter_response_trailers
    envoy_dynamic_module_on_http_filter_stream_complete
    envoy_dynamic_module_on_http_filter_scheduled
    envoy_dynamic_module_on_http_filter_http_callout_done
    envoy_dynamic_module_on_http_filter_http_stream_headers
    envoy_dynamic_module_on_http_filter_http_stream_data
    envoy_dynamic_module_on_http_filter_http_stream_trailers
    envoy_dynamic_module_on_http_filter_http_stream_complete
    envoy_dynamic_module_on_http_filter_http_stream_reset
    envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark
    envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark
}
