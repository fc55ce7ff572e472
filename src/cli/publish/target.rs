//! The file that is published.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::valid::Valid;
use crate::error::{Error, Result};
use crate::render::{FilterOptions, ecds};
use crate::replace::LockedDirectory;

/// As the shipped bootstrap names it.
const NAME: &str = "usage-plan.yaml";

/// The published file, in a directory that is locked.
pub(super) struct Target {
    directory: LockedDirectory,
    path: PathBuf,
    mode: u32,
}

/// What to publish, in one of two spellings that say the same: Envoy does not try again what it has tried last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) version: String,
    text: String,
}

// === impl Target ===

impl Target {
    /// Waits for the directory.
    pub(super) fn lock(directory: &Path, mode: u32) -> Result<Self> {
        let locked = LockedDirectory::lock(directory)
            .map_err(|error| Error::unreachable(format!("--to {}", directory.display()), error))?;
        Ok(Self { directory: locked, path: directory.join(NAME), mode })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Which of `contents` the file is.
    pub(super) fn holds<'c>(&self, contents: &'c [Contents; 2]) -> Option<&'c Contents> {
        let mode = self.path.metadata().ok()?.permissions().mode() & 0o777;
        let text = fs::read(&self.path).ok()?;
        contents.iter().find(|contents| mode == self.mode && contents.text.as_bytes() == text)
    }

    /// By a rename, the one thing that Envoy notices.
    pub(super) fn write(&self, contents: &Contents) -> Result<()> {
        let written = self.directory.replace(NAME, contents.text.as_bytes(), self.mode);
        written.map_err(|error| Error::unreachable(self.path.display(), error))
    }
}

// === impl Contents ===

impl Contents {
    /// `valid` as it is, and with a line break that says nothing.
    pub(super) fn spellings(valid: &Valid, options: &FilterOptions) -> Result<[Self; 2]> {
        let variables = valid.variables();
        let contents = |document: &str| {
            let hash = Sha256::digest(ecds(document, &variables, options, None)?);
            let version: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Ok(Self { text: ecds(document, &variables, options, Some(&version))?, version })
        };
        Ok([contents(valid.text())?, contents(&valid.text().replacen('{', "{\n", 1))?])
    }
}
