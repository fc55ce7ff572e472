//! What is rendered: a document, and what Envoy must know of it.

/// A document, and what Envoy must know of it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The document as JSON.
    pub document: &'a str,
    /// The variables that Envoy needs in its environment.
    pub variables: &'a [&'a str],
    /// The engine's cluster, if the document has `options.fleet`.
    pub cluster: Option<&'a str>,
}
