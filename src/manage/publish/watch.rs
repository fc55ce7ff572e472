//! Publishes a document again whenever its file changes.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime};

use usage_plan_core::document::Errors;

use super::error::Error;
use super::file::ValidDocument;
use super::publisher::{Published, Publisher};
use crate::secrets;

/// The time between two looks at the document.
const POLL: Duration = Duration::from_millis(200);

/// Two writes within a tick of the file system's clock may leave the same time and length. So a file that was
/// modified less than this ago is read at each look.
const YOUNG: Duration = Duration::from_secs(2);

/// What happened to a watched document.
#[derive(Debug)]
pub enum Event {
    /// It was published; each Envoy's answer is in here.
    Published(Published),
    /// It cannot be published as it is. What was published before stays.
    Unusable(Unusable),
    /// It could not be published. The watch tries again, and reports only a different failure.
    Failed(Error),
}

/// Why a document cannot be published as it is.
#[derive(Debug)]
pub enum Unusable {
    /// Its file cannot be read.
    Unreadable(io::Error),
    /// It breaks rules.
    Invalid(Errors),
}

/// A document's file, and how it and the files of its secrets were at the last look. Has no `Debug`: it holds
/// secrets.
pub struct Watched {
    path: PathBuf,
    /// Whether secrets from variables and files are put in.
    resolve: bool,
    /// The files that hold its secrets. A Kubernetes Secret is a directory of links, and the stamp is that of
    /// the file behind a link: it changes when the link `..data` is set to another directory.
    secrets: Vec<PathBuf>,
    stamps: Vec<Option<Stamp>>,
    /// The last valid text, secrets included if they are put in.
    seen: Option<Vec<u8>>,
    trouble: Option<Trouble>,
}

/// The file is missing or invalid.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// At one look: somebody may be in the middle of a change.
    Suspected,
    /// At two looks, and reported with this message.
    Reported(String),
}

/// Properties that a change of the file changes, and that are cheap to read.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Device and inode: a rename changes them.
    inode: (u64, u64),
}

/// Publishes the document now and at every change until the publisher's `stop` is set, and reports each
/// event. An error does not end the watch.
pub fn watch(publisher: &Publisher<'_>, path: &Path, mut report: impl FnMut(Event)) {
    let mut watched = Watched::new(path.to_owned(), publisher.resolve);
    let mut failure = None;
    let is_stopped = || publisher.stop.load(Ordering::Relaxed);
    while !is_stopped() {
        match watched.look().map(|read| read.map(|document| publisher.publish(&document))) {
            None => {}
            Some(Ok(Ok(published))) => {
                failure = None;
                report(Event::Published(published));
            }
            Some(Err(unusable)) => report(Event::Unusable(unusable)),
            Some(Ok(Err(error))) => {
                watched.look_again();
                let message = Some(error.to_string());
                if failure != message {
                    report(Event::Failed(error));
                }
                failure = message;
            }
        }
        // A signal does not end a sleep, but sets `stop`; the sleeps are short enough to notice it soon.
        if !is_stopped() {
            thread::sleep(POLL);
        }
    }
}

// === impl Watched ===

impl Watched {
    /// The document in the file `path`, at which nobody has looked; `resolve` says whether secrets from
    /// variables and files are put in.
    pub fn new(path: PathBuf, resolve: bool) -> Self {
        Self { path, resolve, secrets: Vec::new(), stamps: Vec::new(), seen: None, trouble: None }
    }

    /// The stamps of the document and of the files of its secrets.
    fn stamps(&self) -> Vec<Option<Stamp>> {
        let paths = [self.path.as_path()].into_iter().chain(self.secrets.iter().map(PathBuf::as_path));
        paths.map(|path| fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata))).collect()
    }

    /// The document, if it has changed since the last look or was unusable; why it is unusable, once, if that
    /// lasts.
    pub fn look(&mut self) -> Option<Result<ValidDocument, Unusable>> {
        let stamps = self.stamps();
        let settled =
            self.trouble != Some(Trouble::Suspected) && !stamps.iter().flatten().any(Stamp::is_young);
        if stamps == self.stamps && settled && (self.seen.is_some() || self.trouble.is_some()) {
            return None;
        }
        self.stamps = stamps;
        match self.read() {
            Ok(None) => None,
            Ok(Some((text, document))) => {
                let was_reported = matches!(self.trouble.take(), Some(Trouble::Reported(_)));
                let is_new = self.seen.as_ref() != Some(&text);
                self.seen = Some(text);
                (was_reported || is_new).then_some(Ok(document))
            }
            Err(unusable) => self.suspect(unusable).map(Err),
        }
    }

    /// The document and its text, unless they are known from the last look.
    fn read(&mut self) -> Result<Option<(Vec<u8>, ValidDocument)>, Unusable> {
        let text = fs::read(&self.path).map_err(Unusable::Unreadable)?;
        let directory = self.path.parent().unwrap_or(Path::new(""));
        if self.resolve {
            self.secrets = secrets::files(&text, directory);
        } else if self.is_known(&text) {
            return Ok(None);
        }
        let document = ValidDocument::read(&text, directory, self.resolve).map_err(Unusable::Invalid)?;
        let text = document.text().as_bytes().to_vec();
        Ok((!self.is_known(&text)).then_some((text, document)))
    }

    /// Whether the document was this one at the last look, and nothing was wrong then.
    fn is_known(&self, text: &[u8]) -> bool {
        self.trouble.is_none() && self.seen.as_deref() == Some(text)
    }

    /// Remembers that the document is unusable; returns that if it has to be reported.
    fn suspect(&mut self, unusable: Unusable) -> Option<Unusable> {
        let message = unusable.to_string();
        match &self.trouble {
            Some(Trouble::Reported(reported)) if *reported == message => None,
            Some(Trouble::Suspected) => {
                self.trouble = Some(Trouble::Reported(message));
                Some(unusable)
            }
            _ => {
                self.trouble = Some(Trouble::Suspected);
                None
            }
        }
    }

    /// The same as [`look`](Self::look), for somebody who has just changed the document: nobody else is in
    /// the middle of a change, so that one look is enough.
    pub fn look_now(&mut self) -> Option<Result<ValidDocument, Unusable>> {
        self.stamps.clear();
        self.look().or_else(|| if self.trouble == Some(Trouble::Suspected) { self.look() } else { None })
    }

    /// Makes the next look find the document changed.
    pub fn look_again(&mut self) {
        self.seen = None;
    }
}

// === impl Stamp ===

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            inode: (metadata.dev(), metadata.ino()),
        }
    }

    fn is_young(&self) -> bool {
        let age = self.modified.and_then(|modified| modified.elapsed().ok());
        // A time in the future says nothing about the age.
        age.is_none_or(|age| age < YOUNG)
    }
}

// === impl Unusable ===

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Invalid(errors) => errors.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
