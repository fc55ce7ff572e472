//! The functions of Envoy that this module calls, as `source/extensions/dynamic_modules/abi/abi.h` of Envoy
//! 1.40 declares them. A pointer that Envoy calls `…_envoy_ptr` is [`Opaque`].

use super::types::{Buffer, HeaderField, HeaderType, LogLevel, MetricsResult, Opaque};

unsafe extern "C" {
    pub(super) fn envoy_dynamic_module_callback_log(level: LogLevel, message: Buffer);

    pub(super) fn envoy_dynamic_module_callback_get_concurrency() -> u32;

    pub(super) fn envoy_dynamic_module_callback_http_filter_config_define_counter(
        configuration: Opaque,
        name: Buffer,
        label_names: *const Buffer,
        label_names_length: usize,
        id: *mut usize,
    ) -> MetricsResult;

    pub(super) fn envoy_dynamic_module_callback_http_filter_config_define_gauge(
        configuration: Opaque,
        name: Buffer,
        label_names: *const Buffer,
        label_names_length: usize,
        id: *mut usize,
    ) -> MetricsResult;

    pub(super) fn envoy_dynamic_module_callback_http_filter_config_set_gauge(
        configuration: Opaque,
        id: usize,
        label_values: *const Buffer,
        label_values_length: usize,
        value: u64,
    ) -> MetricsResult;

    pub(super) fn envoy_dynamic_module_callback_http_filter_config_increment_counter(
        configuration: Opaque,
        id: usize,
        label_values: *const Buffer,
        label_values_length: usize,
        value: u64,
    ) -> MetricsResult;

    pub(super) fn envoy_dynamic_module_callback_http_filter_increment_counter(
        stream: Opaque,
        id: usize,
        label_values: *const Buffer,
        label_values_length: usize,
        value: u64,
    ) -> MetricsResult;

    pub(super) fn envoy_dynamic_module_callback_http_filter_get_worker_index(stream: Opaque) -> u32;

    pub(super) fn envoy_dynamic_module_callback_http_get_headers_size(
        stream: Opaque,
        of: HeaderType,
    ) -> usize;

    pub(super) fn envoy_dynamic_module_callback_http_get_headers(
        stream: Opaque,
        of: HeaderType,
        fields: *mut HeaderField,
    ) -> bool;

    pub(super) fn envoy_dynamic_module_callback_http_add_header(
        stream: Opaque,
        to: HeaderType,
        name: Buffer,
        value: Buffer,
    ) -> bool;

    pub(super) fn envoy_dynamic_module_callback_http_set_header(
        stream: Opaque,
        of: HeaderType,
        name: Buffer,
        value: Buffer,
    ) -> bool;

    pub(super) fn envoy_dynamic_module_callback_http_send_response(
        stream: Opaque,
        status: u32,
        headers: *const HeaderField,
        headers_length: usize,
        body: Buffer,
        details: Buffer,
    );

    pub(super) fn envoy_dynamic_module_callback_http_set_filter_state_bytes(
        stream: Opaque,
        name: Buffer,
        value: Buffer,
    ) -> bool;

    pub(super) fn envoy_dynamic_module_callback_http_clear_route_cache(stream: Opaque);
}
