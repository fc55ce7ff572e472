//! The files of `dist/`, and the commands that are run on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where `make dist` leaves what it makes.
pub(crate) fn folder() -> PathBuf {
    testbed::repository().join("dist")
}

/// The one file in `dist/` whose name ends so.
pub(crate) fn file(end: &str) -> PathBuf {
    let files: Vec<PathBuf> = files(&folder());
    let found: Vec<&PathBuf> = files.iter().filter(|file| file.to_string_lossy().ends_with(end)).collect();
    let [file] = found[..] else { panic!("{end}: {found:?} of {files:?}: `make dist` makes it") };
    file.clone()
}

/// The files of a directory, by name.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The name of a file without its directory.
pub(crate) fn name(file: &Path) -> String {
    file.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Runs the command, which must succeed, and returns what it printed to its two streams.
#[track_caller]
pub(crate) fn ran(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{command:?}: {}: {stdout}{stderr}", output.status);
    (stdout, stderr)
}

/// What the command prints to standard output; it must succeed.
#[track_caller]
pub(crate) fn printed(command: &mut Command) -> String {
    ran(command).0
}

/// The archive, unpacked below an empty directory as it would be below /usr/local.
pub(crate) struct Unpacked(TempDir);

// === impl Unpacked ===

impl Unpacked {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(file(".tar.gz")).arg("-C").arg(directory.path()).arg("--strip-components=1");
        printed(&mut tar);
        Self(directory)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }
}
