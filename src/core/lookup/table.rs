//! Lists with typed indices, so that an index of a key cannot be used for a plan.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// The position of a `T` in a [`Table`].
///
/// Only a table makes indices, and only for its items, so looking up an index in the configuration that it
/// came from never fails.
pub struct Index<T> {
    position: usize,
    of: PhantomData<fn() -> T>,
}

/// A list with one value `V` for each `T` of a configuration, found by the `T`'s [`Index`]. By default `V` is
/// `T`.
#[derive(Clone)]
pub struct Table<T, V = T> {
    values: Vec<V>,
    of: PhantomData<fn() -> T>,
}

// === impl Index ===

impl<T> Index<T> {
    const fn at(position: usize) -> Self {
        Self { position, of: PhantomData }
    }

    /// The position in the document's list, from 0.
    pub const fn position(self) -> usize {
        self.position
    }
}

impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Index<T> {}

impl<T> PartialEq for Index<T> {
    fn eq(&self, other: &Self) -> bool {
        self.position == other.position
    }
}

impl<T> Eq for Index<T> {}

impl<T> PartialOrd for Index<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Index<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.position.cmp(&other.position)
    }
}

impl<T> Hash for Index<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.position.hash(state);
    }
}

impl<T> fmt::Debug for Index<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.position)
    }
}

// === impl Table ===

impl<T, V> Table<T, V> {
    /// The value at `index`.
    #[allow(
        clippy::indexing_slicing,
        reason = "a table never shrinks, and makes the indices of its items itself"
    )]
    #[inline]
    pub fn get(&self, index: Index<T>) -> &V {
        &self.values[index.position]
    }

    /// The value at `index`, for changing it.
    #[allow(
        clippy::indexing_slicing,
        reason = "a table never shrinks, and makes the indices of its items itself"
    )]
    pub(super) fn get_mut(&mut self, index: Index<T>) -> &mut V {
        &mut self.values[index.position]
    }

    /// The values in the document's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &V> {
        self.values.iter()
    }

    /// The values in the document's order, each with its index.
    pub fn enumerate(&self) -> impl Iterator<Item = (Index<T>, &V)> {
        self.values.iter().enumerate().map(|(position, value)| (Index::at(position), value))
    }

    /// A table of the results of `value` for each value of this one. The same indices find them.
    pub fn map<W>(&self, value: impl FnMut(&V) -> W) -> Table<T, W> {
        Table { values: self.values.iter().map(value).collect(), of: PhantomData }
    }
}

impl<T> Table<T> {
    /// The index that the next item will have.
    pub(super) fn next_index(&self) -> Index<T> {
        Index::at(self.values.len())
    }

    /// Adds an item at the end and returns its index.
    pub(super) fn push(&mut self, item: T) -> Index<T> {
        let index = self.next_index();
        self.values.push(item);
        index
    }
}

impl<T, V> Default for Table<T, V> {
    fn default() -> Self {
        Self { values: Vec::new(), of: PhantomData }
    }
}

impl<T, V> FromIterator<V> for Table<T, V> {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Self { values: values.into_iter().collect(), of: PhantomData }
    }
}

impl<T, V: fmt::Debug> fmt::Debug for Table<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.values).finish()
    }
}
