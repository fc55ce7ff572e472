//! A file that is named on the command line, beside the document of `--file`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::error::{Error, Result};

/// What the file is called in messages, and its bytes; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<(String, Vec<u8>)> {
    let (name, read) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    match read {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Error::unreachable(name, error)),
    }
}
