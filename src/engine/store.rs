//! The store: the counters of quotas in one file, which one process writes at a time.

mod counters;
mod error;

use std::fs::File;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use redb::{Builder, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, ReadableTable};
use redb::{ReadableTableMetadata, TableDefinition};

pub use self::counters::{Counters, Spent};
pub use self::error::{Error, Result};
use crate::counter::QuotaCounter;

/// The counters: what was granted, what was brought in from elsewhere, and the limit of the last grant.
const COUNTERS: TableDefinition<'_, &[u8], (u64, u64, u32)> = TableDefinition::new("counters");
/// What the file is.
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
/// The member of [`ABOUT`] that says how counters are written.
const FORMAT: &str = "format";
/// How this version writes them.
const THIS_FORMAT: u64 = 1;
/// How many bytes of the file are kept in memory, at most.
const CACHE: usize = 64 << 20;

/// The store, open for writing.
pub struct Store {
    open: Box<dyn Fn() -> Result<Database, Error> + Send + Sync>,
    /// None after a failure, until it is opened again.
    database: Mutex<Option<Arc<Database>>>,
}

/// Some counters, in the order of the store.
#[derive(Debug, Default)]
pub struct Page {
    /// The counters.
    pub counters: Vec<(QuotaCounter, Spent)>,
    /// The key after which there may be more.
    pub next: Option<Vec<u8>>,
}

// === impl Store ===

impl Store {
    /// Opens the store at `path`, or makes one there.
    ///
    /// # Errors
    ///
    /// Another process has it, it is something else, or it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        Self::opened_by(Box::new(move || open(&path)))
    }

    /// A store that `open` opens, now and after each failure.
    pub(crate) fn opened_by(open: Box<dyn Fn() -> Result<Database> + Send + Sync>) -> Result<Self> {
        let database = open()?;
        Ok(Self { open, database: Mutex::new(Some(Arc::new(database))) })
    }

    /// Changes counters, all or none. When it returns, the changes are on disk; if `change` made none,
    /// nothing is written. After a failure the next call opens the store again.
    ///
    /// # Errors
    ///
    /// The store cannot be written. Whether the changes are on disk is not known then.
    pub fn write<T>(&self, change: impl FnOnce(&mut Counters<'_>) -> Result<T>) -> Result<T> {
        let database = self.database()?;
        let result = transact(&database, change);
        if result.is_err() {
            // Once a write has failed, a database takes no more; and to open it, it must be closed.
            *self.database.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        result
    }

    /// Up to `most` counters after the key `after` that `is_wanted`.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn list(&self, after: &[u8], most: usize, is_wanted: impl Fn(&QuotaCounter) -> bool) -> Result<Page> {
        list(&*self.database()?, after, most, is_wanted)
    }

    /// How many counters there are.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn count(&self) -> Result<u64> {
        Ok(self.database()?.begin_read()?.open_table(COUNTERS)?.len()?)
    }

    /// The database; it is opened again if it had to be given up.
    fn database(&self) -> Result<Arc<Database>> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = &*database {
            return Ok(Arc::clone(database));
        }
        let opened = Arc::new((self.open)()?);
        *database = Some(Arc::clone(&opened));
        Ok(opened)
    }
}

/// Up to `most` counters after the key `after` of the store at `path`, which no process has open for writing.
///
/// # Errors
///
/// A process has it open, it was not closed, or it cannot be read.
pub fn list_closed(
    path: &Path,
    after: &[u8],
    most: usize,
    is_wanted: impl Fn(&QuotaCounter) -> bool,
) -> Result<Page> {
    let database = ReadOnlyDatabase::open(path).map_err(|error| match error {
        DatabaseError::RepairAborted => Error::NotClosed(path.to_owned()),
        error => Error::of_open(path, error),
    })?;
    list(&database, after, most, is_wanted)
}

fn open(path: &Path) -> Result<Database> {
    let is_new = !path.exists();
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    // A file that something else has changed is refused, where it would be trusted otherwise.
    builder.set_check_integrity_on_open(true);
    let database = builder.create(path).map_err(|error| Error::of_open(path, error))?;
    prepare(&database)?;
    if is_new && let Some(directory) = path.parent() {
        // The file's name has to be on disk too.
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        File::open(directory)?.sync_all()?;
    }
    Ok(database)
}

/// Makes the tables if they are not there, and checks that this version can read them.
pub(crate) fn prepare(database: &Database) -> Result<()> {
    let transaction = database.begin_write()?;
    let format = transaction.open_table(ABOUT)?.get(FORMAT)?.map(|format| format.value());
    match format {
        Some(THIS_FORMAT) => return Ok(transaction.abort()?),
        Some(format) => return Err(Error::Format(format)),
        None => {}
    }
    transaction.open_table(ABOUT)?.insert(FORMAT, THIS_FORMAT)?;
    transaction.open_table(COUNTERS)?;
    Ok(transaction.commit()?)
}

fn transact<T>(database: &Database, change: impl FnOnce(&mut Counters<'_>) -> Result<T>) -> Result<T> {
    // What is committed is on disk: this is redb's default, and the promise rests on it.
    let transaction = database.begin_write()?;
    let mut counters = Counters::new(transaction.open_table(COUNTERS)?);
    let result = change(&mut counters)?;
    let is_changed = counters.is_changed();
    drop(counters);
    if is_changed {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(result)
}

fn list(
    database: &impl ReadableDatabase,
    after: &[u8],
    most: usize,
    is_wanted: impl Fn(&QuotaCounter) -> bool,
) -> Result<Page> {
    let table = database.begin_read()?.open_table(COUNTERS)?;
    let mut page = Page::default();
    for entry in table.range::<&[u8]>((Bound::Excluded(after), Bound::Unbounded))? {
        let (key, value) = entry?;
        let Some(counter) = QuotaCounter::of_key(key.value()).filter(&is_wanted) else { continue };
        page.counters.push((counter, Spent::of(value.value())));
        if page.counters.len() == most {
            page.next = Some(key.value().to_owned());
            break;
        }
    }
    Ok(page)
}

#[cfg(test)]
pub(crate) mod tests;
