//! How the management API is run.

/// How the management API is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What stands after a service's id in the host that it is given when it is created.
    pub domain: String,
}

// === impl Options ===

impl Default for Options {
    /// The domain that RFC 9476 and ICANN keep for names that are nobody's outside: `internal`.
    fn default() -> Self {
        Self { domain: "gateway.internal".to_owned() }
    }
}
