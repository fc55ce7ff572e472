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

#[cfg(test)]
mod tests {
    use crate::error::Error;
    use crate::file::{DocumentFile, Missing, Mode};

    #[test]
    fn a_file_beside_the_document_is_read_and_replaced_under_its_lock() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        std::fs::write(&path, "{}").expect("a file");
        let link = directory.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let edited = DocumentFile::new(link).edit_beside(Mode::DryRun, Missing::IsAnError, |_, beside| {
            let before = beside.read(".note").expect("readable");
            beside.replace(".note", b"a note", 0o600).expect("a file");
            Ok::<_, Error>((before, beside.read(".note").expect("readable"), beside.path(".note")))
        });
        let (before, after, path) = edited.expect("a document").value;
        assert_eq!((before, after.as_deref()), (None, Some(&b"a note"[..])));
        let real = directory.path().canonicalize().expect("a path").join("usage-plans.json.note");
        assert_eq!(path, real, "beside the document itself, not beside a link to it");
    }
}
