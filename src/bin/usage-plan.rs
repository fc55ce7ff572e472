//! The command line: see [`envoy_usage_plan::console`].

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    envoy_usage_plan::console::main()
}

/// A build of every target for wasm builds this one too; only the library is of use there.
#[cfg(target_family = "wasm")]
fn main() {}
