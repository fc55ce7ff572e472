//! Finds what a list has more than once.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

/// Calls `report` with the index of each repeated item and the index of the first item that equals it. Empty
/// items are skipped: they could not be read, which is already reported. Returns the index of the first item
/// of each kind.
pub(crate) fn repeated<'a>(
    items: &mut dyn Iterator<Item = &'a [u8]>,
    report: &mut dyn FnMut(usize, usize),
) -> HashMap<&'a [u8], usize> {
    let mut first = HashMap::new();
    for (i, item) in items.enumerate().filter(|(_, item)| !item.is_empty()) {
        match first.entry(item) {
            Entry::Occupied(first) => report(i, *first.get()),
            Entry::Vacant(entry) => {
                entry.insert(i);
            }
        }
    }
    first
}
