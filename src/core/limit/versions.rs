//! Guesses the versions of cells for a store that does not say which version a write made.
//!
//! Every write to a store makes a new version, greater by one than that of the write before it, whichever
//! cell that was to. So a VM that knows a version which was given knows the version of its own next write,
//! unless others write in between. All counters of a VM therefore share one guess: what the VM writes to one
//! cell does not make it wrong about another.
//!
//! **Never too high.** A guess that is too high could later become the version of what another worker writes
//! to the same cell, and that write would be lost. So `newest` is raised only to a version that was read,
//! and by one for each write that succeeded, and both have been given by then. A guess that is too low is
//! the version of an earlier write, which the cell never has again, so that a write with it fails. (Envoy's
//! versions come round after 2³² writes, which is days of the highest load. A guess from before could be
//! right by an accident of one in 2³², and `newest` is replaced when a guess is next found to be wrong.)
//!
//! **Reading back.** When others write, `newest` falls behind unseen, and then every guess is wrong. Only
//! the cell that was written last shows where the store is, so it is read back: at first, and after a wrong
//! guess. The version that is read may be that of another worker's write in between, so it is taken for the
//! cell's only if the bytes are those that were written.

use std::cell::Cell;

/// The number of writes from one cell that is read back to the next, at the least. Where others write all
/// the time, reading back helps for a moment only, and costs as much as the read that a right guess saves.
const PATIENCE: u32 = 64;

/// A cell's version. Every write to the store makes a new version, which is greater than all before it: by
/// one, if it is the next write to the store.
pub type Version = u32;

/// What a VM knows of the versions that its store gives.
#[derive(Debug)]
pub struct VersionGuess {
    /// A version that the store has given; 0 if none is known.
    newest: Cell<Version>,
    /// Whether the store may have given newer ones.
    is_doubted: Cell<bool>,
    /// How many writes have to come before a cell is read back.
    writes_left: Cell<u32>,
    /// What `writes_left` is after a cell was read back.
    patience: u32,
}

// === impl VersionGuess ===

impl Default for VersionGuess {
    fn default() -> Self {
        Self::new()
    }
}

impl VersionGuess {
    /// Nothing is known yet.
    pub const fn new() -> Self {
        Self::with_patience(PATIENCE)
    }

    /// The same, with another number of writes from one cell that is read back to the next.
    pub(super) const fn with_patience(patience: u32) -> Self {
        let (newest, is_doubted, writes_left) = (Cell::new(0), Cell::new(true), Cell::new(0));
        Self { newest, is_doubted, writes_left, patience }
    }

    /// Learns from a cell that was read with this version.
    pub fn read(&self, version: Version) {
        self.newest.set(self.newest.get().max(version));
    }

    /// Learns that the guess for a cell was wrong, which was read with this version.
    pub fn missed(&self, version: Version) {
        // The newest version that is known is that of this cell, or else others may have written anywhere.
        if version < self.newest.get() {
            self.is_doubted.set(true);
        }
    }

    /// Learns from a write that succeeded, and guesses its version. `read_back` reads the cell again.
    pub fn wrote(&self, cell: &[u8], read_back: impl FnOnce() -> Option<(Vec<u8>, Version)>) -> Version {
        let at_least = self.newest.get().saturating_add(1);
        self.newest.set(at_least);
        self.writes_left.set(self.writes_left.get().saturating_sub(1));
        if self.is_doubted.get() && self.writes_left.get() == 0 {
            self.is_doubted.set(false);
            self.writes_left.set(self.patience);
            if let Some((found, version)) = read_back() {
                self.newest.set(version);
                if found == cell {
                    return version;
                }
            }
        }
        at_least
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    /// What a VM does with one of three cells.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Read,
        Write,
        /// Another VM writes the cell before this one, which has just written it, reads it back.
        Overtaken,
    }

    /// The bytes of a cell, and its version.
    type Stored = (Vec<u8>, Version);

    fn steps() -> impl Strategy<Value = Vec<(usize, usize, Step)>> {
        let step = prop::sample::select(vec![Step::Read, Step::Write, Step::Write, Step::Overtaken]);
        prop::collection::vec((0usize..3, 0usize..3, step), 1..200)
    }

    proptest! {
        /// Three VMs write three cells of one store, in any order, each what nobody wrote before.
        #[test]
        fn a_guess_is_never_too_high_and_right_while_no_other_vm_writes(steps in steps()) {
            let cells: RefCell<[Option<Stored>; 3]> = RefCell::default();
            let writes = RefCell::new(0);
            let write = |cell: usize| {
                *writes.borrow_mut() += 1;
                let version = *writes.borrow();
                cells.borrow_mut()[cell] = Some((Version::to_le_bytes(version).to_vec(), version));
                version
            };
            let read = |cell: usize| cells.borrow()[cell].clone();
            let vms: [VersionGuess; 3] = std::array::from_fn(|_| VersionGuess::with_patience(5));
            // Whether the VM has read back what it wrote, and no other has written since.
            let mut knows = [false; 3];
            for (vm, cell, step) in steps {
                if let Step::Read = step {
                    if let Some((_, version)) = read(cell) {
                        vms[vm].read(version);
                        vms[vm].missed(version);
                    }
                    continue;
                }
                let version = write(cell);
                let was_read_back = Cell::new(false);
                let guess = vms[vm].wrote(&version.to_le_bytes(), || {
                    was_read_back.set(true);
                    if let Step::Overtaken = step {
                        write(cell);
                    }
                    read(cell)
                });
                prop_assert!(guess <= version, "{} for {}", guess, version);
                let is_overtaken = matches!(step, Step::Overtaken) && was_read_back.get();
                let knew = knows[vm] || was_read_back.get();
                if knew && !is_overtaken {
                    prop_assert_eq!(guess, version);
                }
                // A VM that was overtaken knows as well: it has read the newest version of all.
                knows = [false; 3];
                knows[vm] = knew;
            }
        }
    }
}
