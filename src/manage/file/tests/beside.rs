//! What is kept beside the document.

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
