//! A request between "who" and "how much".

use crate::auth::Caller;
use crate::lookup::Route;

/// A request of a known caller, to be counted on the caller's plan. It borrows nothing of the request.
#[derive(Debug)]
pub struct Call {
    pub(super) route: Route,
    pub(super) caller: Caller,
    /// The path that goes upstream, if it is not the request's.
    pub(super) path: Option<Vec<u8>>,
    /// The index of the request's API in the plan.
    pub(super) api: Option<usize>,
}
