//! The file of the log: lines are appended to it, and it is read from its end or as a whole.
//!
//! Somebody else may move it away or empty it at any time, so it is opened anew each time.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::entry::Entry;
use super::mask::{give_access_of, mode_like};

/// How much of the end of the file is read first. Most lines are shorter.
const END: u64 = 64 * 1024;

/// The file of the log.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
}

// === impl Lines ===

impl Lines {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends entries, and returns when they are on the disk. A new file is for those who may edit the
    /// document.
    pub(super) fn append(&self, document: &Path, entries: &[Entry]) -> io::Result<()> {
        let is_new = !self.path.exists();
        let mut options = options();
        let mut file = options.append(true).create(true).mode(mode_like(document)).open(&self.path)?;
        check(&file)?;
        if is_new {
            give_access_of(document, &self.path);
        }
        let mut text = String::new();
        // A process that ended, or a full disk, may have left a part of a line.
        if last_byte(&file)?.is_some_and(|byte| byte != b'\n') {
            text.push('\n');
        }
        for entry in entries {
            text.push_str(&entry.to_json().to_string());
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if is_new {
            let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty());
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    }

    /// The last entry; lines that are none are passed over.
    pub(super) fn last(&self) -> io::Result<Option<Entry>> {
        let Some(mut file) = self.open()? else { return Ok(None) };
        let length = file.metadata()?.len();
        let mut read = END;
        loop {
            let start = length.saturating_sub(read);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            // The first line may lack its beginning, and is then none.
            if let Some(entry) = bytes.rsplit(|byte| *byte == b'\n').find_map(Entry::read) {
                return Ok(Some(entry));
            }
            if start == 0 {
                return Ok(None);
            }
            read = read.saturating_mul(8);
        }
    }

    /// All entries, and how many lines are none.
    pub(super) fn read(&self) -> io::Result<(Vec<Entry>, usize)> {
        let Some(mut file) = self.open()? else { return Ok((Vec::new(), 0)) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut unreadable: usize = 0;
        let mut entries = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match Entry::read(line) {
                Some(entry) => entries.push(entry),
                None => unreadable = unreadable.saturating_add(1),
            }
        }
        Ok((entries, unreadable))
    }

    fn open(&self) -> io::Result<Option<File>> {
        match options().open(&self.path) {
            Ok(file) => check(&file).map(|()| Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// How the file is opened: not through a link, which could lead anywhere, and without waiting for whoever
/// reads a pipe.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    options
}

fn check(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { Ok(()) } else { Err(io::Error::other("is not a regular file")) }
}

fn last_byte(file: &File) -> io::Result<Option<u8>> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else { return Ok(None) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte.first().copied())
}

#[cfg(test)]
mod tests;
