//! The keys of a configuration, found by the ids that callers send. They are most of a large document, so
//! what is kept of each is small (`tests/scenarios/memory.rs`).

use std::fmt;
use std::hash::{BuildHasher, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::key::{Key, KeyIndex};
use super::table::Table;
use crate::request::is_same;

/// Every key, and the index of their ids.
#[derive(Clone, Default)]
pub(super) struct Keys {
    table: Table<Key>,
    /// The indices of the keys, by the hash of their ids. The ids themselves are in the table alone.
    by_id: HashTable<KeyIndex>,
    hash: DefaultHashBuilder,
}

// === impl Keys ===

impl Keys {
    /// Adds a key at the end. Its id finds it, unless an earlier key has the same id: then that one's index
    /// is returned. An empty id, which stands for one that could not be read, finds nothing.
    pub(super) fn add(&mut self, key: Key) -> Option<KeyIndex> {
        let hash = self.hash_of(key.secret_id().as_bytes());
        let is_empty = key.secret_id().is_empty();
        let index = self.table.push(key);
        let (table, builder) = (&self.table, &self.hash);
        let id = |index: &KeyIndex| table.get(*index).secret_id();
        let is_same = |other: &KeyIndex| id(other) == id(&index);
        match self.by_id.entry(hash, is_same, |index| hash_of(builder, id(index).as_bytes())) {
            _ if is_empty => None,
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(entry) => {
                entry.insert(index);
                None
            }
        }
    }

    /// The key with that `secret_id`.
    pub(super) fn find(&self, secret_id: &[u8]) -> Option<KeyIndex> {
        let has_id = |index: &KeyIndex| is_same(self.table.get(*index).secret_id().as_bytes(), secret_id);
        self.by_id.find(self.hash_of(secret_id), has_id).copied()
    }

    /// The keys in the document's order.
    pub(super) fn table(&self) -> &Table<Key> {
        &self.table
    }

    /// The key at `index`, for changing it. Its id stays.
    pub(super) fn get_mut(&mut self, index: KeyIndex) -> &mut Key {
        self.table.get_mut(index)
    }

    fn hash_of(&self, secret_id: &[u8]) -> u64 {
        hash_of(&self.hash, secret_id)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

fn hash_of(builder: &DefaultHashBuilder, secret_id: &[u8]) -> u64 {
    let mut hasher = builder.build_hasher();
    hasher.write(secret_id);
    hasher.finish()
}
