//! The names by which Envoy finds the functions that it calls.

/// Exports the functions of the module that Envoy calls, for a kind of [`Host`](crate::Host), with a function
/// of its own for the headers of a request if it names one.
///
/// Envoy looks up all of them, also those for what this module never asks for, such as calls of its own to
/// other services. These do nothing. They read none of their arguments, so they name none: a function of
/// Envoy's platforms need not know how many arguments it got.
#[macro_export]
macro_rules! export {
    ($host:ty) => {
        $crate::export! { $host, $crate::abi::hooks::request_headers::<$host> }
    };
    ($host:ty, $request_headers:expr) => {
        mod exported {
            #![allow(unsafe_code, reason = "Envoy finds these functions by their names")]

            use super::*;
            use $crate::abi::{Buffer, Opaque, Status, hooks};

            $crate::export! { @hooks
                envoy_dynamic_module_on_program_init = hooks::program_init, () -> Opaque;
                envoy_dynamic_module_on_http_filter_config_new =
                    hooks::config_new::<$host>, (envoy: Opaque, name: Buffer, document: Buffer) -> Opaque;
                envoy_dynamic_module_on_http_filter_config_destroy =
                    hooks::config_destroy::<$host>, (plugin: Opaque) -> ();
                envoy_dynamic_module_on_http_filter_new =
                    hooks::filter_new::<$host>, (plugin: Opaque, envoy: Opaque) -> Opaque;
                envoy_dynamic_module_on_http_filter_destroy =
                    hooks::filter_destroy::<$host>, (request: Opaque) -> ();
                envoy_dynamic_module_on_http_filter_request_headers =
                    $request_headers, (envoy: Opaque, request: Opaque, end: bool) -> Status;
                envoy_dynamic_module_on_http_filter_request_trailers =
                    hooks::request_trailers::<$host>, (envoy: Opaque, request: Opaque) -> Status;
                envoy_dynamic_module_on_http_filter_response_headers =
                    hooks::response_headers::<$host>, (envoy: Opaque, request: Opaque, end: bool) -> Status;
            }
            $crate::export! { @nothing
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
        }
    };
    (@hooks $($name:ident = $hook:expr, ($($argument:ident: $type:ty),*) -> $result:ty;)*) => {$(
        // SAFETY: no other function of Envoy or of a library has this name.
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $type),*) -> $result {
            // SAFETY: Envoy alone calls this, with the arguments that its ABI promises.
            unsafe { $hook($($argument),*) }
        }
    )*};
    (@nothing $($name:ident)*) => {$(
        // SAFETY: no other function of Envoy or of a library has this name.
        #[unsafe(no_mangle)]
        extern "C" fn $name() -> Status {
            Status::Continue
        }
    )*};
}
