//! Where what is imported is read from.

use std::fs;
use std::io::{self, Read};

use crate::console::error::{Error, Result};

/// The bytes of a file; `-` is standard input.
pub(super) fn read(path: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match path {
        "-" => io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        path => fs::read(path),
    };
    read.map_err(|error| Error::unreachable(named(path), error))
}

/// The file as messages name it.
pub(super) fn named(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}
