//! The only room that knows proxy-wasm: Envoy's callbacks in, hostcalls out.

mod abi;
mod counters;
mod host;
mod http;
mod metrics;
mod policy;
mod root;

pub use self::root::Root;

/// What Envoy calls first.
#[cfg(feature = "entry-point")]
#[allow(missing_docs, reason = "the macro makes a public function of its own")]
mod entry_point {
    use proxy_wasm::types::LogLevel;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| Box::new(super::Root::default()));
    }}
}
