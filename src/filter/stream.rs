//! What a verdict does to a request.

use proxy_wasm::traits::{Context, HttpContext};
use usage_plan_core::gate::{Forward, Gate};
use usage_plan_core::request::Headers;

/// The request of the context for which host calls are made: that which Envoy calls, or the one that was
/// chosen with `set_effective_context`.
pub(super) struct Stream;

// === impl Stream ===

impl Context for Stream {}

impl HttpContext for Stream {}

impl Stream {
    /// Changes the headers of a request that goes upstream.
    pub(super) fn forward(&self, forward: &Forward, gate: &Gate, headers: Headers<'_>) {
        // Chained and flattened iterators cost a request less with `for_each` than with a `for` loop.
        forward.removed(headers).for_each(|name| self.set_http_request_header(name, None));
        forward.show_identity(gate.config(), gate.joined_headers(), |name, value| {
            self.add_http_request_header(name, value);
        });
        if let Some(path) = &forward.path {
            // Envoy then selects the route again. A module of ABI 0.2.1 need not request that.
            self.set_http_request_header_bytes(":path", Some(path));
        }
    }
}
