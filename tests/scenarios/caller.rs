//! The callers of the scenarios, and the requests that they sign.

use std::time::{Duration, UNIX_EPOCH};

use emulator::Shared;
use testbed::{Request, Signer};

/// The domain of the service.
pub(crate) const DOMAIN: &str = "orders.example.com";

/// The key of the plan `gold`.
pub(crate) fn acme() -> Signer {
    Signer::new("AKIDacme0001", "acme-secret-key-0001")
}

/// The disabled key.
pub(crate) fn beta() -> Signer {
    Signer::new("AKIDbeta0001", "beta-secret-key-0001")
}

/// The key of the plan `free`.
pub(crate) fn free() -> Signer {
    Signer::new("AKIDfree0001", "free-secret-key-0001")
}

/// `GET path` of the service, without a date: not ready to be signed.
pub(crate) fn undated(path: &str) -> Request {
    Request::get(DOMAIN, path)
}

/// `GET path` of the service, dated now by the emulator's clock: ready to be signed.
pub(crate) fn get(shared: &Shared, path: &str) -> Request {
    get_at(shared.clock().now(), path)
}

/// `GET path` of the service, dated at that many nanoseconds since 1970.
pub(crate) fn get_at(nanos: u64, path: &str) -> Request {
    undated(path).header("x-date", http_date(nanos))
}

/// That many nanoseconds since 1970, as HTTP writes dates.
pub(crate) fn http_date(nanos: u64) -> String {
    testbed::sign::http_date(UNIX_EPOCH + Duration::from_nanos(nanos))
}
