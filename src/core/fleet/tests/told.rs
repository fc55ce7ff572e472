//! What a simulation tells.

/// A request that was admitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    /// When, in microseconds since the beginning, by the engine's clock.
    pub(super) at: u64,
    pub(super) envoy: usize,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) admitted: Vec<Admitted>,
    pub(super) offered: u64,
    pub(super) calls: u64,
    pub(super) forgotten: u64,
    pub(super) crashes: u64,
    pub(super) debt_taken: u64,
    pub(super) debt_reported: u64,
    pub(super) debt_written_off: u64,
    pub(super) opened: u64,
    pub(super) closed: u64,
    /// The longest wait of a request, in microseconds.
    pub(super) longest_wait: u64,
    /// Requests that nobody decided.
    pub(super) hung: usize,
}
