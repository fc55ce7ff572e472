//! Where things are in this repository.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    tests.and_then(Path::parent).map(Path::to_owned).expect("this package is at tests/testbed")
}

/// The module that users run, where `make build` leaves it.
pub fn module() -> PathBuf {
    repository().join("target/wasm32-wasip1/release/envoy_usage_plan.wasm")
}
