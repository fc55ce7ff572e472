//! The types that Envoy and the module pass each other.

use std::ffi::{CStr, c_void};

/// The version of the ABI that this module was written for. Envoy warns of one that is not its own.
pub const VERSION: &CStr = c"v0.2.0";

/// A pointer that is meaningful only to the side that made it.
pub type Opaque = *const c_void;

/// Bytes of Envoy or of the module (`envoy_dynamic_module_type_envoy_buffer`, `…_module_buffer`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// The first byte; it can be null if there are none.
    pub ptr: *const u8,
    /// The number of bytes.
    pub length: usize,
}

/// A header field of Envoy or of the module (`envoy_dynamic_module_type_envoy_http_header`,
/// `…_module_http_header`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HeaderField {
    /// The first byte of the name.
    pub key_ptr: *const u8,
    /// The number of bytes of the name.
    pub key_length: usize,
    /// The first byte of the value.
    pub value_ptr: *const u8,
    /// The number of bytes of the value.
    pub value_length: usize,
}

/// Which header map of a stream is meant (`envoy_dynamic_module_type_http_header_type`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderType {
    /// The headers of the request.
    RequestHeader,
    /// The trailers of the request.
    RequestTrailer,
    /// The headers of the response.
    ResponseHeader,
    /// The trailers of the response.
    ResponseTrailer,
}

/// How urgent a line of Envoy's log is (`envoy_dynamic_module_type_log_level`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something unsafe was asked for.
    Warn = 3,
    /// Something failed.
    Error = 4,
}

/// Whether a metric was changed (`envoy_dynamic_module_type_metrics_result`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsResult {
    /// The metric was changed.
    Success,
    /// There is no metric with this number.
    MetricNotFound,
    /// The labels are not those that the metric was defined with.
    InvalidLabels,
    /// Envoy takes no new metrics now.
    Frozen,
}

/// What Envoy does after a hook for headers or trailers: go on with the next filter, or stop because the
/// module has answered.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Envoy goes on.
    Continue,
    /// Envoy stops here.
    Stop,
}

/// Envoy's number of a counter without labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter(pub(super) usize);

/// Envoy's number of a counter with labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelledCounter(pub(super) usize);

// === impl Buffer ===

impl From<&str> for Buffer {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<&[u8]> for Buffer {
    fn from(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), length: bytes.len() }
    }
}
