//! What this program was built from: see `build.rs`.

include!(concat!(env!("OUT_DIR"), "/built.rs"));
