//! A document looked at again and again.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use super::valid::Valid;
use crate::document_file::DocumentFile;
use crate::error::Result;

/// What is written twice within a tick of the file system's clock may have the same time and length both times. So a file
/// that is as young as this is read at each look.
const YOUNG: Duration = Duration::from_secs(2);

/// A document's file, and how it was at the last look.
pub(super) struct Watched<'a> {
    file: &'a DocumentFile,
    stamp: Option<Stamp>,
    /// What was valid last.
    seen: Option<Vec<u8>>,
    trouble: Option<Trouble>,
}

/// That the file is missing or invalid.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// At one look: an editor may be at work.
    Suspected,
    /// At two looks, and told.
    Told(String),
}

/// What changes with a file, cheap to ask for.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Another one after a rename.
    inode: (u64, u64),
}

// === impl Watched ===

impl<'a> Watched<'a> {
    pub(super) fn new(file: &'a DocumentFile) -> Self {
        Self { file, stamp: None, seen: None, trouble: None }
    }

    /// The document, if it is another than at the last look or was in trouble; its trouble, once, if that lasts.
    pub(super) fn look(&mut self) -> Option<Result<Valid>> {
        let stamp = fs::metadata(self.file.path()).ok().map(|metadata| Stamp::of(&metadata));
        let settled =
            self.trouble != Some(Trouble::Suspected) && !stamp.as_ref().is_some_and(Stamp::is_young);
        if stamp == self.stamp && settled && (self.seen.is_some() || self.trouble.is_some()) {
            return None;
        }
        self.stamp = stamp;
        let read = self.file.bytes().and_then(|text| {
            let known = self.trouble.is_none() && self.seen.as_ref() == Some(&text);
            let valid = if known { None } else { Some(Valid::parse(self.file, &text)?) };
            Ok(valid.map(|valid| (text, valid)))
        });
        match read {
            Ok(None) => None,
            Ok(Some((text, valid))) => {
                let told = matches!(self.trouble.take(), Some(Trouble::Told(_)));
                let news = self.seen.as_ref() != Some(&text);
                self.seen = Some(text);
                (told || news).then_some(Ok(valid))
            }
            Err(error) => {
                let message = error.to_string();
                let (trouble, tell) = match &self.trouble {
                    Some(Trouble::Told(told)) if *told == message => return None,
                    Some(Trouble::Suspected) => (Trouble::Told(message), true),
                    _ => (Trouble::Suspected, false),
                };
                self.trouble = Some(trouble);
                tell.then_some(Err(error))
            }
        }
    }

    /// Makes the next look find the document new.
    pub(super) fn look_again(&mut self) {
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
        // A time that is yet to come says nothing.
        age.is_none_or(|age| age < YOUNG)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    /// A directory, and the path of a document in it.
    fn place() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        (directory, path)
    }

    fn seen(watched: &mut Watched) -> Option<std::result::Result<String, String>> {
        let look = watched.look()?;
        Some(look.map(|valid| valid.text().to_owned()).map_err(|error| error.to_string()))
    }

    #[test]
    fn a_change_is_seen_once_even_if_length_and_time_stay_the_same() {
        let (_directory, path) = place();
        fs::write(&path, "{} ").expect("written");
        let modified = path.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        let file = DocumentFile::new(path.clone());
        let mut watched = Watched::new(&file);
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
    fn trouble_is_told_once_if_it_lasts_and_its_end_is_told_too() {
        let (_directory, path) = place();
        let file = DocumentFile::new(path.clone());
        let mut watched = Watched::new(&file);
        let trouble = |watched: &mut Watched, expected: &str| {
            assert_eq!(seen(watched), None, "it may be for a moment");
            let told = seen(watched).expect("told").expect_err("trouble");
            assert!(told.contains(expected), "{told}");
            assert_eq!(seen(watched), None, "told once");
        };
        trouble(&mut watched, "No such file");
        fs::write(&path, "{").expect("written");
        trouble(&mut watched, "is not published");
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
        fs::remove_file(&path).expect("removed");
        trouble(&mut watched, "No such file");
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
        assert_eq!(seen(&mut watched), None);
    }

    #[test]
    fn trouble_for_a_moment_is_not_told() {
        let (_directory, path) = place();
        fs::write(&path, "{}").expect("written");
        let file = DocumentFile::new(path.clone());
        let mut watched = Watched::new(&file);
        assert!(seen(&mut watched).is_some());
        fs::write(&path, "").expect("written");
        assert_eq!(seen(&mut watched), None);
        fs::write(&path, "{}").expect("written");
        assert_eq!(seen(&mut watched), None, "it is as before");
    }

    #[test]
    fn what_could_not_be_published_is_seen_again() {
        let (_directory, path) = place();
        fs::write(&path, "{}").expect("written");
        let file = DocumentFile::new(path);
        let mut watched = Watched::new(&file);
        assert!(seen(&mut watched).is_some());
        watched.look_again();
        assert!(seen(&mut watched).is_some());
    }
}
