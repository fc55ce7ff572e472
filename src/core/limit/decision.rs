//! How requests are decided without the engine.

/// How a request is decided without the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// By the share of a rate that this Envoy has.
    LocalShare,
    /// It is refused.
    Deny,
    /// It is let through.
    Allow,
    /// By what this Envoy may let through beyond what is known of a quota.
    Grace,
}

/// The decisions of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decisions(u8);

// === impl Decisions ===

impl Decisions {
    /// Adds a decision.
    pub(super) fn add(&mut self, decision: Decision) {
        self.0 |= 1 << decision as u8;
    }

    /// Whether this is one of them.
    #[inline]
    pub(super) fn has(self, decision: Decision) -> bool {
        self.0 & (1 << decision as u8) != 0
    }

    /// The decisions.
    pub fn iter(self) -> impl Iterator<Item = Decision> {
        let all = [Decision::LocalShare, Decision::Deny, Decision::Allow, Decision::Grace];
        all.into_iter().filter(move |decision| self.has(*decision))
    }
}
