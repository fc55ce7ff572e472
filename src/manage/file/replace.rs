//! Replaces a file as a whole: a reader sees the old file or the new one, even after a crash.

use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

/// The permissions in a file's mode, and those of its group.
const MODE_BITS: u32 = 0o7777;
const GROUP_BITS: u32 = 0o070;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that no other process of this program writes to. The lock ends with the process, however it
/// ends.
pub struct LockedDirectory {
    path: PathBuf,
    /// Holds the lock. It is on the directory itself, so no lock file lies beside the document.
    _lock: File,
}

/// A complete file that is on the disk, and is to replace another one. Dropping it deletes it.
pub struct Prepared<'d> {
    directory: &'d LockedDirectory,
    file: NamedTempFile,
    path: PathBuf,
}

/// What becomes of a file's permissions when it is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// It gets these.
    Mode(u32),
    /// It keeps those that it has. A file that was not there gets these.
    Kept(u32),
}

/// A completed step of [`LockedDirectory::replace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Created,
    Written,
    Synced,
    Renamed,
    DirectorySynced,
}

// === impl LockedDirectory ===

impl LockedDirectory {
    /// Locks `directory` (the current directory when it is empty); waits at most a minute for another
    /// process.
    pub fn lock(directory: &Path) -> io::Result<Self> {
        let path = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let lock = File::open(path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Ok(Self { path: path.to_owned(), _lock: wait_for(lock)? }),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Replaces the file `name` with `contents`; the new file has the permissions `mode`.
    pub fn replace(&self, name: &str, contents: &[u8], mode: u32) -> io::Result<()> {
        self.replace_stepwise(name, contents, Access::Mode(mode), |_| {})
    }

    /// Makes a file that is to replace the file `name`, with `contents`; it has the permissions of the old
    /// one, or `mode` when there was none. Where the group cannot be kept, its permissions are not given to
    /// another group.
    pub fn prepare_keeping_access(&self, name: &str, contents: &[u8], mode: u32) -> io::Result<Prepared<'_>> {
        let file = self.temporary(name, contents, Access::Kept(mode), |_| {})?;
        Ok(Prepared { directory: self, file, path: self.path.join(name) })
    }

    /// Writes the file `name` anew without a rename into the directory, which Envoy would notice. For a
    /// moment there is no such file, and a crash in that moment leaves none.
    pub fn replace_unnoticed(&self, name: &str, contents: &[u8], mode: u32) -> io::Result<()> {
        let file = self.temporary(name, contents, Access::Mode(mode), |_| {})?;
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Not every file system has links, and not everybody may make one.
        if fs::hard_link(file.path(), &path).is_err() {
            file.persist(&path)?;
        }
        File::open(&self.path)?.sync_all()
    }

    fn replace_stepwise(
        &self,
        name: &str,
        contents: &[u8],
        access: Access,
        taken: impl Fn(Step),
    ) -> io::Result<()> {
        let file = self.temporary(name, contents, access, &taken)?;
        Prepared { directory: self, file, path: self.path.join(name) }.put_stepwise(taken)
    }

    /// A complete file that is to become `name`, on the disk. Dropping it deletes it.
    fn temporary(
        &self,
        name: &str,
        contents: &[u8],
        access: Access,
        taken: impl Fn(Step),
    ) -> io::Result<NamedTempFile> {
        let (prefix, suffix) = (format!(".{name}."), ".tmp");
        self.remove_remains(&prefix, suffix)?;
        let mut file = Builder::new().prefix(&prefix).suffix(suffix).tempfile_in(&self.path)?;
        taken(Step::Created);
        file.write_all(contents)?;
        let old = fs::metadata(self.path.join(name)).ok();
        let mode = match (access, &old) {
            (Access::Kept(_), Some(old)) => old.mode() & MODE_BITS,
            (Access::Mode(mode) | Access::Kept(mode), _) => mode,
        };
        let keeps_group = old.is_none_or(|old| keep_owner(file.as_file(), &old));
        let mode = if keeps_group || access == Access::Mode(mode) { mode } else { mode & !GROUP_BITS };
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
        taken(Step::Written);
        file.as_file().sync_all()?;
        taken(Step::Synced);
        Ok(file)
    }

    /// Removes temporary files that a crash left. Under the lock, no process is still writing one.
    fn remove_remains(&self, prefix: &str, suffix: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(prefix));
            if rest.is_some_and(|rest| rest.ends_with(suffix)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

// === impl Prepared ===

impl Prepared<'_> {
    /// Replaces the other file.
    pub fn put(self) -> io::Result<()> {
        self.put_stepwise(|_| {})
    }

    fn put_stepwise(self, taken: impl Fn(Step)) -> io::Result<()> {
        self.file.persist(&self.path)?;
        taken(Step::Renamed);
        // The rename survives a power failure once the directory is on the disk.
        File::open(&self.directory.path)?.sync_all()?;
        taken(Step::DirectorySynced);
        Ok(())
    }
}

/// Gives `file` the owner and the group of the old file, as far as the system allows. Whether it has the
/// group.
fn keep_owner(file: &File, old: &Metadata) -> bool {
    // Only root can give a file away; anyone else who replaces a file owns it afterwards, and can give it to
    // the groups that they are in.
    fchown(file, Some(old.uid()), Some(old.gid())).is_ok() || fchown(file, None, Some(old.gid())).is_ok()
}

/// Locks `file` when its turn comes. The system keeps the queue but has no timeout, so a thread waits.
fn wait_for(file: File) -> io::Result<File> {
    let (sender, locked) = mpsc::channel();
    std::thread::spawn(move || sender.send(file.lock().map(|()| file)));
    locked.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let message = format!("another process has held the lock for {PATIENCE:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::{Command, abort};

    use super::*;

    const STEPS: [Step; 5] =
        [Step::Created, Step::Written, Step::Synced, Step::Renamed, Step::DirectorySynced];
    const CHILD: &str = "file::replace::tests::in_a_process_of_its_own_that_crashes_after_a_step";
    const OLD: &[u8] = b"the old document";

    /// The new file's contents: large, so that writing them takes more than one block.
    fn new() -> Vec<u8> {
        b"the new document ".repeat(10_000)
    }

    /// The child process of the test below, which sets the directory and the step in the environment. Without
    /// them it has nothing to do.
    #[test]
    fn in_a_process_of_its_own_that_crashes_after_a_step() {
        let Some((directory, step)) = env::var_os("CRASH_IN").zip(env::var("CRASH_AFTER").ok()) else {
            return;
        };
        let directory = LockedDirectory::lock(Path::new(&directory)).expect("no one else holds it");
        let crash = |taken| {
            if format!("{taken:?}") == step {
                abort();
            }
        };
        directory.replace_stepwise("document.json", &new(), Access::Kept(0o600), crash).expect("written");
    }

    #[test]
    fn a_crash_after_any_step_leaves_the_old_file_or_the_new_one_and_the_next_write_tidies_up() {
        for (i, step) in STEPS.into_iter().enumerate() {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("document.json");
            fs::write(&path, OLD).expect("written");
            let child = Command::new(env::current_exe().expect("this test"))
                .args(["--exact", CHILD])
                .env("CRASH_IN", directory.path())
                .env("CRASH_AFTER", format!("{step:?}"))
                .output()
                .expect("run");
            assert!(!child.status.success(), "{step:?} did not crash");
            let expected = if i < 3 { OLD.to_vec() } else { new() };
            assert!(fs::read(&path).expect("there") == expected, "after {step:?}");

            let locked = LockedDirectory::lock(directory.path()).expect("the lock ended with the process");
            locked.replace("document.json", b"next", 0o600).expect("written");
            assert_eq!(fs::read(&path).expect("there"), b"next");
            assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1, "after {step:?}");
        }
    }

    #[test]
    fn the_mode_is_the_one_asked_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let locked = LockedDirectory::lock(directory.path()).expect("locked");
        for mode in [0o600, 0o644] {
            locked.replace("x", b"", mode).expect("written");
            let metadata = fs::metadata(directory.path().join("x")).expect("there");
            assert_eq!(metadata.permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn the_mode_of_a_file_is_kept_when_no_other_is_asked_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let locked = LockedDirectory::lock(directory.path()).expect("locked");
        let path = directory.path().join("x");
        let mode = || fs::metadata(&path).expect("there").permissions().mode() & MODE_BITS;
        let put = |contents: &[u8]| {
            let prepared = locked.prepare_keeping_access("x", contents, 0o600).expect("prepared");
            prepared.put().expect("put");
        };
        put(b"one");
        assert_eq!(mode(), 0o600);
        for kept in [0o640, 0o644, 0o400] {
            fs::set_permissions(&path, Permissions::from_mode(kept)).expect("set");
            put(b"two");
            assert_eq!(mode(), kept);
        }
    }

    #[test]
    fn a_file_that_is_written_unnoticed_is_new_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x");
        let locked = LockedDirectory::lock(directory.path()).expect("locked");
        for (contents, mode) in [("one", 0o640), ("two", 0o600)] {
            locked.replace_unnoticed("x", contents.as_bytes(), mode).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("there"), contents);
            let metadata = path.metadata().expect("there");
            assert_eq!((metadata.permissions().mode() & 0o777, metadata.nlink()), (mode, 1));
            assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1);
        }
    }

    #[test]
    fn what_is_not_a_remainder_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in [".x.tmp", ".y.1.tmp", "x.1.tmp", ".x.1"] {
            fs::write(directory.path().join(name), "").expect("written");
        }
        fs::write(directory.path().join(".x.1.tmp"), "").expect("written");
        LockedDirectory::lock(directory.path()).expect("locked").replace("x", b"", 0o600).expect("written");
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 5);
    }
}
