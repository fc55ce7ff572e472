//! Files beside the document, which belong to it and are no part of it.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::replace::LockedDirectory;

/// The files beside a document that is locked.
pub struct Beside<'l> {
    pub(super) directory: &'l LockedDirectory,
    /// The document's file: if its path is a link, the one behind it.
    pub(super) document: PathBuf,
}

// === impl Beside ===

impl Beside<'_> {
    /// The bytes of the file that has the document's name with `ending` after it; `None` if it is not there.
    pub fn read(&self, ending: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(ending)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces that file as a whole; a new one has the permissions `mode`.
    pub fn replace(&self, ending: &str, contents: &[u8], mode: u32) -> io::Result<()> {
        let path = self.path(ending);
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| io::Error::other("the document's name is no text"))?;
        self.directory.prepare_keeping_access(name, contents, mode)?.put()
    }

    /// The path of that file.
    pub fn path(&self, ending: &str) -> PathBuf {
        let mut path = self.document.clone().into_os_string();
        path.push(ending);
        path.into()
    }
}
