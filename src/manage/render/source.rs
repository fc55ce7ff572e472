//! What is rendered: a document, and what Envoy must know of it.

/// A document, and what Envoy must know of it.
#[derive(Clone, Copy, Default)]
pub struct Source<'a> {
    /// The document as JSON.
    pub document: &'a str,
    /// The variables that Envoy needs in its environment.
    pub variables: &'a [&'a str],
    /// The engine's cluster, if the document has `options.fleet`.
    pub cluster: Option<&'a str>,
    /// Whether the filter adds headers to the responses of upstreams.
    pub adds_response_headers: bool,
}
