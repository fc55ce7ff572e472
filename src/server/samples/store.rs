//! The file of samples: a ring of steps for each length, and when each key was seen last.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};

use super::codec::{View, encode};
use super::ring::{FINE, MINUTES, QUARTERS, Ring};
use super::slot::Slot;

/// The steps of each ring, by the second in which they begin.
const RINGS: [(Ring, TableDefinition<'_, u64, &[u8]>); 3] = [
    (FINE, TableDefinition::new("fine")),
    (MINUTES, TableDefinition::new("minutes")),
    (QUARTERS, TableDefinition::new("quarters")),
];
/// The second in which each key was seen last.
const SEEN: TableDefinition<'_, &str, u64> = TableDefinition::new("seen");
/// What the file is.
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
/// The member of [`ABOUT`] that says how samples are written.
const FORMAT: &str = "samples";
/// How this version writes them.
const THIS_FORMAT: u64 = 1;

/// How many keys are remembered, at most: those that were seen last.
const MAX_SEEN: usize = 10_000;
/// How many bytes of the file are kept in memory, at most.
const CACHE: usize = 8 << 20;
/// It has the ids of plans and keys, so its owner alone may read it.
const MODE: u32 = 0o600;

/// Why samples cannot be kept or read, in words.
pub(super) type Problem = String;

/// The file of samples, open for writing.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    database: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open(Arc<Database>),
    /// After a failure, until it is opened again.
    Failed,
    /// For good.
    Closed,
}

// === impl Store ===

impl Store {
    /// Opens the file, or makes one.
    pub(super) fn open(path: &Path) -> Result<Self, Problem> {
        let database = Mutex::new(State::Open(Arc::new(open(path)?)));
        Ok(Self { path: path.to_owned(), database })
    }

    /// Adds a step that begins at this second to every ring, and remembers who was seen in it. When it
    /// returns, it is on disk. After a failure the next step opens the file again.
    pub(super) fn record(&self, second: u64, slot: &Slot, seen: &[&str]) -> Result<(), Problem> {
        let Some(database) = self.database()? else { return Ok(()) };
        let written = database.begin_write().map_err(redb::Error::from);
        let written = written.and_then(|transaction| write(transaction, second, slot, seen));
        written.map_err(|error| {
            // Once a write has failed, a database takes no more; and to open it, it must be closed.
            let mut state = self.database.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*state, State::Open(_)) {
                *state = State::Failed;
            }
            format!("{}: {error}", self.path.display())
        })
    }

    /// Shows `each` the steps of a ring that begin in these seconds, the oldest first. One that cannot be
    /// read is left out.
    pub(super) fn visit(
        &self,
        ring: Ring,
        from: u64,
        to: u64,
        mut each: impl FnMut(u64, &View<'_>),
    ) -> Result<(), Problem> {
        let Some(database) = self.database()? else { return Ok(()) };
        let mut visit = || -> Result<(), redb::Error> {
            let transaction = database.begin_read()?;
            for (_, table) in RINGS.iter().filter(|(other, _)| *other == ring) {
                for entry in transaction.open_table(*table)?.range(from..to)? {
                    let (start, bytes) = entry?;
                    if let Some(view) = View::of(bytes.value()) {
                        each(start.value(), &view);
                    }
                }
            }
            Ok(())
        };
        visit().map_err(|error| format!("{}: {error}", self.path.display()))
    }

    /// The second in which the oldest step of a ring begins.
    pub(super) fn first(&self, ring: Ring) -> Result<Option<u64>, Problem> {
        let Some(database) = self.database()? else { return Ok(None) };
        let first = || -> Result<Option<u64>, redb::Error> {
            let transaction = database.begin_read()?;
            let mut first = None;
            for (_, table) in RINGS.iter().filter(|(other, _)| *other == ring) {
                first = transaction.open_table(*table)?.first()?.map(|(start, _)| start.value());
            }
            Ok(first)
        };
        first().map_err(|error| format!("{}: {error}", self.path.display()))
    }

    /// The second in which a key was seen last.
    pub(super) fn seen(&self, key: &str) -> Result<Option<u64>, Problem> {
        let Some(database) = self.database()? else { return Ok(None) };
        let seen = || -> Result<Option<u64>, redb::Error> {
            Ok(database.begin_read()?.open_table(SEEN)?.get(key)?.map(|second| second.value()))
        };
        seen().map_err(|error| format!("{}: {error}", self.path.display()))
    }

    /// Closes the file, so that the next process need not repair it.
    pub(super) fn close(&self) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed;
    }

    fn database(&self) -> Result<Option<Arc<Database>>, Problem> {
        let mut state = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Failed = *state {
            *state = State::Open(Arc::new(open(&self.path)?));
        }
        match &*state {
            State::Open(database) => Ok(Some(Arc::clone(database))),
            State::Failed | State::Closed => Ok(None),
        }
    }
}

fn open(path: &Path) -> Result<Database, Problem> {
    let failed = |error: redb::Error| format!("{}: {error}", path.display());
    let is_new = !path.exists();
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    // A file that something else has changed is refused, where it would be trusted otherwise.
    builder.set_check_integrity_on_open(true);
    let database = builder.create(path).map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => format!("{} is open in another process", path.display()),
        error => format!("{} is no file of samples, or is damaged ({error}): move it away", path.display()),
    })?;
    if is_new {
        fs::set_permissions(path, fs::Permissions::from_mode(MODE)).map_err(|error| failed(error.into()))?;
    }
    match prepare(&database, is_new).map_err(failed)? {
        Some(THIS_FORMAT) => Ok(database),
        Some(other) => {
            Err(format!("{} was written by a later version (format {other}): move it away", path.display()))
        }
        None => Err(format!("{} is no file of samples: move it away", path.display())),
    }
}

/// Makes the tables of a new file. Returns how samples are written in it; `None` if it is something else's.
fn prepare(database: &Database, is_new: bool) -> Result<Option<u64>, redb::Error> {
    let transaction = database.begin_write()?;
    let is_empty = transaction.list_tables()?.next().is_none();
    if !is_new && !is_empty {
        let is_ours = transaction.list_tables()?.any(|table| redb::TableHandle::name(&table) == "about");
        let format = match is_ours {
            true => transaction.open_table(ABOUT)?.get(FORMAT)?.map(|format| format.value()),
            false => None,
        };
        transaction.abort()?;
        return Ok(format);
    }
    transaction.open_table(ABOUT)?.insert(FORMAT, THIS_FORMAT)?;
    transaction.open_table(SEEN)?;
    for (_, table) in RINGS {
        transaction.open_table(table)?;
    }
    transaction.commit()?;
    Ok(Some(THIS_FORMAT))
}

fn write(transaction: WriteTransaction, second: u64, slot: &Slot, seen: &[&str]) -> Result<(), redb::Error> {
    for (ring, table) in RINGS {
        let mut table = transaction.open_table(table)?;
        let start = ring.start(second);
        let had = table.get(start)?.and_then(|bytes| View::of(bytes.value()).map(|view| view.to_slot()));
        let mut whole = had.unwrap_or_default();
        whole.merge(slot.clone());
        table.insert(start, &*encode(whole))?;
        // Their number is bounded, not their age: a clock that is set wrong for a moment loses nothing.
        while table.len()? > ring.slots {
            table.pop_first()?;
        }
    }
    if !seen.is_empty() {
        let mut table = transaction.open_table(SEEN)?;
        for key in seen {
            table.insert(key, second)?;
        }
        let count = usize::try_from(table.len()?).unwrap_or(usize::MAX);
        if let Some(excess @ 1..) = count.checked_sub(MAX_SEEN) {
            let mut seconds = Vec::with_capacity(count);
            for entry in table.iter()? {
                seconds.push(entry?.1.value());
            }
            seconds.sort_unstable();
            let oldest = seconds.get(excess).copied().unwrap_or_default();
            table.retain(|_, second| second >= oldest)?;
        }
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests;
