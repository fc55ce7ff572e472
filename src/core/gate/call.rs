//! A request whose caller is known and which is not counted yet.

use crate::auth::Caller;
use crate::lookup::Route;

/// A request of a known caller that must be counted on the caller's plan. It borrows nothing from the
/// request.
#[derive(Debug)]
pub struct Call {
    pub(super) route: Route,
    pub(super) caller: Caller,
    /// The path that goes upstream; `None` when the request's path stays as it is.
    pub(super) path: Option<Vec<u8>>,
    /// The index of the request's API in the plan, if it has one.
    pub(super) api: Option<usize>,
    /// Whether the request asks for what is left of its caller's limits.
    pub(super) asks_for_usage: bool,
}
