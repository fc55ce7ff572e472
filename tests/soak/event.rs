//! What the judge hears of.

use testbed::Entry;

use crate::sample::Sample;

/// What the callers and Envoy's log report, each of them in the order in which they saw it.
pub enum Event {
    /// A request was sent, and was answered or lost.
    Answered(Sample),
    /// A command or a publication has succeeded.
    Done,
    /// What must not happen: a connection that cannot be opened, a line of the log that cannot be read, a
    /// command that fails.
    Failed(String),
    /// Envoy logged requests.
    Logged(Vec<Line>),
}

/// A line of Envoy's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the request, if it is one of the callers'.
    pub id: Option<u64>,
    /// What the log says of it.
    pub entry: Entry,
}
