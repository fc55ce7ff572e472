//! Publishes a document again whenever its file changes.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime};

use usage_plan_core::document::Errors;

use super::error::Error;
use super::file::ValidDocument;
use super::publisher::{Published, Publisher};

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

/// A document's file, and how it was at the last look.
struct Watched<'a> {
    path: &'a Path,
    stamp: Option<Stamp>,
    /// The last valid text.
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
    let mut watched = Watched::new(path);
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

impl<'a> Watched<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, stamp: None, seen: None, trouble: None }
    }

    /// The document, if it has changed since the last look or was unusable; why it is unusable, once, if that
    /// lasts.
    fn look(&mut self) -> Option<Result<ValidDocument, Unusable>> {
        let stamp = fs::metadata(self.path).ok().map(|metadata| Stamp::of(&metadata));
        let settled =
            self.trouble != Some(Trouble::Suspected) && !stamp.as_ref().is_some_and(Stamp::is_young);
        if stamp == self.stamp && settled && (self.seen.is_some() || self.trouble.is_some()) {
            return None;
        }
        self.stamp = stamp;
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
    fn read(&self) -> Result<Option<(Vec<u8>, ValidDocument)>, Unusable> {
        let text = fs::read(self.path).map_err(Unusable::Unreadable)?;
        if self.trouble.is_none() && self.seen.as_ref() == Some(&text) {
            return Ok(None);
        }
        let document = ValidDocument::parse(&text).map_err(Unusable::Invalid)?;
        Ok(Some((text, document)))
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

    /// Makes the next look find the document changed.
    fn look_again(&mut self) {
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
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    /// A directory, and the path of a document in it.
    fn empty_directory() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        (directory, path)
    }

    fn seen(watched: &mut Watched<'_>) -> Option<Result<String, String>> {
        let look = watched.look()?;
        Some(look.map(|document| document.text().to_owned()).map_err(|unusable| unusable.to_string()))
    }

    #[test]
    fn a_change_is_seen_once_even_if_length_and_time_stay_the_same() {
        let (_directory, path) = empty_directory();
        fs::write(&path, "{} ").expect("written");
        let modified = path.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        let mut watched = Watched::new(&path);
        for text in ["{} ", " {}", "{} "] {
            fs::write(&path, text).expect("written");
            fs::File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.set_modified(modified))
                .expect("set");
            assert_eq!(seen(&mut watched), Some(Ok(text.to_owned())));
            assert_eq!(seen(&mut watched), None);
        }
    }

    #[test]
    fn lasting_trouble_is_reported_once_and_so_is_its_end() {
        let (_directory, path) = empty_directory();
        let mut watched = Watched::new(&path);
        let trouble = |watched: &mut Watched<'_>, expected: &str| {
            assert_eq!(seen(watched), None, "it may pass in a moment");
            let message = seen(watched).expect("an event").expect_err("trouble");
            assert!(message.contains(expected), "{message}");
            assert_eq!(seen(watched), None, "reported once");
        };
        trouble(&mut watched, "No such file");
        fs::write(&path, "{").expect("written");
        trouble(&mut watched, "document: ");
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
        fs::remove_file(&path).expect("removed");
        trouble(&mut watched, "No such file");
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
        assert_eq!(seen(&mut watched), None);
    }

    #[test]
    fn trouble_for_a_moment_is_not_reported() {
        let (_directory, path) = empty_directory();
        fs::write(&path, "{}").expect("written");
        let mut watched = Watched::new(&path);
        assert!(seen(&mut watched).is_some());
        fs::write(&path, "").expect("written");
        assert_eq!(seen(&mut watched), None);
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), None, "it is as it was before");
    }

    #[test]
    fn a_document_that_could_not_be_published_is_seen_again() {
        let (_directory, path) = empty_directory();
        fs::write(&path, "{}").expect("written");
        let mut watched = Watched::new(&path);
        assert!(seen(&mut watched).is_some());
        watched.look_again();
        assert!(seen(&mut watched).is_some());
    }
}
