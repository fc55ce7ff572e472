//! Envoy's ABI for dynamic modules: the part of it that this module uses.
//!
//! The declarations follow `source/extensions/dynamic_modules/abi/abi.h` of Envoy 1.40 (ABI v0.2.0), which
//! calls a function of Envoy a callback and a function of the module an event hook. Both sides find these
//! functions by name when Envoy loads the library, so that no build shows a wrong declaration: the tests on a
//! real Envoy call each of them.
#![allow(unsafe_code, reason = "Envoy and the module pass each other raw pointers")]

mod callbacks;
mod entry_point;
mod envoy;
pub mod hooks;
mod types;

pub use self::envoy::{NewConfiguration, Stream, log};
pub use self::types::{
    Buffer, Counter, HeaderField, HeaderType, LabelledCounter, LogLevel, MetricsResult, Opaque, Status,
    VERSION,
};
