//! The published file, the document in it, and the two files that are kept beside it.
//!
//! `usage-plan.yaml.accepted` is a copy of the last file that all Envoys accepted which were asked. It stays
//! until another one is accepted, so a publication that dies before it has an answer does not lose it.
//! `usage-plan.yaml.refused` is the last file that was taken away because every Envoy refused it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use usage_plan_core::document::{self, Document, Enforcement, Errors};

use super::error::Error;
use crate::admin::ConfiguredDocument;
use crate::draft::{self, Named};
use crate::file::LockedDirectory;
use crate::render::{FilterOptions, Source, configuration, ecds};
use crate::secrets::{self, Resolved};
use crate::warnings;

/// The published file's name, which the shipped configurations watch.
pub const NAME: &str = "usage-plan.yaml";

/// The name of the last accepted file.
const ACCEPTED: &str = "usage-plan.yaml.accepted";

/// The name of the last refused file.
const REFUSED: &str = "usage-plan.yaml.refused";

/// A valid document as it was written. Has no `Debug`: it holds secrets.
pub struct ValidDocument {
    text: String,
    document: Document,
    resolved: Vec<Named>,
}

/// The published file, in a directory that is locked.
pub(super) struct PublishedFile {
    directory: LockedDirectory,
    path: PathBuf,
    mode: u32,
}

/// A file as it was published. Has no `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub(super) struct OldFile {
    /// The version in it; empty if there is none, as Envoy shows it.
    pub(super) version: String,
    text: Vec<u8>,
    mode: u32,
}

/// The text to publish, in one of two spellings of the same document: Envoy does not try again what it has
/// tried last.
#[derive(PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) version: String,
    text: String,
}

/// A document as Envoys get it from a server, in one of its two spellings. Has no `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Offer {
    /// The version, which is that of the published file.
    pub version: String,
    /// The text that the filter gets from Envoy.
    pub configuration: String,
}

/// The documents in the files that were published to `directory`: in the one that Envoy reads, and in the
/// last accepted and the last refused one beside it, as far as they are there.
pub fn published(directory: &Path) -> io::Result<[Option<ConfiguredDocument>; 3]> {
    directory.read_dir()?;
    // A file that is not one of ours holds no document.
    let read = |name| ConfiguredDocument::in_file(&fs::read_to_string(directory.join(name)).ok()?);
    Ok([NAME, ACCEPTED, REFUSED].map(read))
}

// === impl ValidDocument ===

impl ValidDocument {
    /// Reads and validates a document; the error holds every broken rule.
    pub fn parse(text: &[u8]) -> Result<Self, Errors> {
        let document = draft::read_for_filter(text)?;
        // The document is valid JSON, so it is UTF-8 and nothing is lost here.
        Ok(Self { text: String::from_utf8_lossy(text).into_owned(), document, resolved: Vec::new() })
    }

    /// What its operator should know of.
    pub fn warnings(&self) -> Vec<String> {
        warnings::of(&self.document)
    }

    /// Reads and validates a document, and puts its secrets from variables and files in their place; relative
    /// paths begin in `directory`. The error also holds every secret that is not there.
    pub fn resolve(text: &[u8], directory: &Path) -> Result<Self, Errors> {
        let Resolved { text, keys } = secrets::resolve(text, directory)?;
        Ok(Self { resolved: keys, ..Self::parse(text.as_bytes())? })
    }

    /// The first of these or the second, as `resolve` says.
    pub fn read(text: &[u8], directory: &Path, resolve: bool) -> Result<Self, Errors> {
        if resolve { Self::resolve(text, directory) } else { Self::parse(text) }
    }

    /// The keys whose secrets are in it because they were put there.
    pub fn resolved(&self) -> &[Named] {
        &self.resolved
    }

    /// The document as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document with a line for each member.
    pub fn pretty(&self) -> String {
        // A valid document is an object without repeated members, which the tree can hold.
        let tree: serde_json::Value = serde_json::from_str(&self.text).unwrap_or_default();
        format!("{tree:#}\n")
    }

    /// The two texts by which it is published: as it was written, and with a line break that has no meaning.
    pub(crate) fn spellings(&self) -> [String; 2] {
        [self.text.clone(), self.text.replacen('{', "{\n", 1)]
    }

    /// The engine's cluster, if limits hold over a fleet.
    pub fn cluster(&self) -> Option<&str> {
        self.document.options.fleet.as_ref().map(|fleet| fleet.cluster.as_str())
    }

    /// Whether the filter adds headers to the responses of upstreams under it: what is left of limits, or
    /// that a request was only observed. In fleet mode, it also hears there of requests that have waited.
    pub fn adds_response_headers(&self) -> bool {
        let options = &self.document.options;
        let headers = options.rate_limit_headers;
        let observes = |enforcement| enforcement == Enforcement::Observe;
        headers.tencent
            || headers.ietf
            || options.fleet.is_some()
            || observes(options.enforcement)
            || self.document.usage_plans.iter().any(|plan| observes(plan.enforcement))
    }

    /// What is rendered of it, with `text` as the document.
    pub fn source<'d>(&'d self, text: &'d str, variables: &'d [&'d str]) -> Source<'d> {
        Source {
            document: text,
            variables,
            cluster: self.cluster(),
            adds_response_headers: self.adds_response_headers(),
        }
    }

    /// The variables that Envoy's environment must have for it.
    pub fn variables(&self) -> Vec<&str> {
        secrets::variables(&self.document)
    }
}

// === impl Offer ===

impl Offer {
    /// Both spellings of `document`: Envoy does not try again what it has tried last.
    ///
    /// # Errors
    ///
    /// The document cannot be rendered with these options.
    pub fn spellings(document: &ValidDocument, options: &FilterOptions) -> Result<[Self; 2], Error> {
        let [plain, other] = Contents::spellings(document, options)?;
        let [first, second] = document.spellings();
        let offer = |contents: Contents, text: &str| Self {
            version: contents.version,
            configuration: configuration(text),
        };
        Ok([offer(plain, &first), offer(other, &second)])
    }
}

// === impl PublishedFile ===

impl PublishedFile {
    /// Waits for the lock of `directory`. The file's permissions shall be `mode`.
    pub(super) fn lock(directory: &Path, mode: u32) -> Result<Self, Error> {
        let locked = LockedDirectory::lock(directory)
            .map_err(|error| Error::Directory { path: directory.to_owned(), error })?;
        Ok(Self { directory: locked, path: directory.join(NAME), mode })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Which of `contents` the file holds.
    pub(super) fn holds<'c>(&self, contents: &'c [Contents; 2]) -> Option<&'c Contents> {
        let old = OldFile::read(&self.path)?;
        contents.iter().find(|contents| old.mode == self.mode && contents.text.as_bytes() == old.text)
    }

    /// The published file as it is now.
    pub(super) fn present(&self) -> Option<OldFile> {
        OldFile::read(&self.path)
    }

    /// The last accepted file.
    pub(super) fn accepted(&self) -> Option<OldFile> {
        OldFile::read(&self.path.with_file_name(ACCEPTED))
    }

    /// Keeps the published file as the last accepted one.
    pub(super) fn keep_accepted(&self) -> Result<(), Error> {
        self.keep_as(ACCEPTED).map(drop)
    }

    /// Keeps the published file as the last refused one, and returns its path there.
    pub(super) fn keep_refused(&self) -> Result<PathBuf, Error> {
        self.keep_as(REFUSED)
    }

    /// Puts `old` back in its place.
    pub(super) fn put_back(&self, old: &OldFile) -> Result<(), Error> {
        let written = self.directory.replace(NAME, &old.text, old.mode);
        written.map_err(|error| Error::File { path: self.path.clone(), error })
    }

    /// Copies the published file to another name beside it.
    fn keep_as(&self, name: &str) -> Result<PathBuf, Error> {
        let kept = self.path.with_file_name(name);
        let Some(present) = self.present() else { return Ok(kept) };
        let written = self.directory.replace_unnoticed(name, &present.text, present.mode);
        written.map(|()| kept.clone()).map_err(|error| Error::File { path: kept, error })
    }

    /// Replaces the file by a rename, because Envoy notices nothing else.
    pub(super) fn write(&self, contents: &Contents) -> Result<(), Error> {
        let written = self.directory.replace(NAME, contents.text.as_bytes(), self.mode);
        written.map_err(|error| Error::File { path: self.path.clone(), error })
    }
}

// === impl OldFile ===

impl OldFile {
    fn read(path: &Path) -> Option<Self> {
        let mode = path.metadata().ok()?.permissions().mode() & 0o777;
        let text = fs::read(path).ok()?;
        // The document's lines are indented, so this is not one of them.
        let version = String::from_utf8_lossy(&text)
            .lines()
            .find_map(|line| {
                line.strip_prefix("version_info: ").map(|version| version.trim_matches('"').to_owned())
            })
            .unwrap_or_default();
        Some(Self { version, text, mode })
    }
}

// === impl Contents ===

impl Contents {
    /// Both spellings of `document`.
    ///
    /// The version begins with the digest that the filter shows once it has accepted the document. The rest
    /// is of the whole file, because other options make another configuration of the same document.
    pub(super) fn spellings(document: &ValidDocument, options: &FilterOptions) -> Result<[Self; 2], Error> {
        let variables = document.variables();
        let contents = |text: &str| -> Result<Self, Error> {
            let source = document.source(text, &variables);
            let digest = document::Digest::of(configuration(text).as_bytes());
            let file = Sha256::digest(ecds(source, options, None)?);
            let file: String = file.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            let version = format!("{digest}-{file}");
            Ok(Self { text: ecds(source, options, Some(&version))?, version })
        };
        let [plain, other] = document.spellings();
        Ok([contents(&plain)?, contents(&other)?])
    }
}
