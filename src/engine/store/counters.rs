//! The counters of quotas within one transaction of the store.

use redb::{ReadableTable, Table};
use usage_plan_core::timestamp::Timestamp;

use super::error::Result;
use crate::counter::{QuotaCounter, key_from};
use crate::decision::{Decision, decide};

/// The counters in a transaction.
pub struct Counters<'t> {
    table: Table<'t, &'static [u8], (u64, u64, u32)>,
    is_changed: bool,
}

/// What is spent of a quota in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// What this engine granted, or what an operator set it to.
    pub granted: u64,
    /// What was spent elsewhere before, and was brought in.
    pub carried: u64,
    /// The limit of the call that was granted last; 0 if there was none.
    pub limit: u32,
}

// === impl Counters ===

impl<'t> Counters<'t> {
    pub(super) fn new(table: Table<'t, &'static [u8], (u64, u64, u32)>) -> Self {
        Self { table, is_changed: false }
    }

    /// Whether there is anything to commit.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Grants all of `hits` and counts them, or does neither.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub fn debit(
        &mut self,
        counter: &QuotaCounter,
        limit: u32,
        hits: u64,
        now: Timestamp,
    ) -> Result<Decision> {
        let key = counter.to_key();
        let spent = self.get(&key)?;
        let decision = decide(spent.total(), limit, hits, counter.renews_in(now));
        if decision.granted && hits > 0 {
            self.set(&key, Spent { granted: spent.granted.saturating_add(hits), limit, ..spent })?;
        }
        Ok(decision)
    }

    /// Sets what is spent, all of it; returns what it was.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub fn correct(&mut self, counter: &QuotaCounter, granted: u64) -> Result<Spent> {
        let key = counter.to_key();
        let before = self.get(&key)?;
        self.set(&key, Spent { granted, carried: 0, ..before })?;
        Ok(before)
    }

    /// Sets what was spent elsewhere; returns what it was. What this engine granted stays, so the same
    /// amount brought in twice is there once.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub fn carry(&mut self, counter: &QuotaCounter, carried: u64) -> Result<Spent> {
        let key = counter.to_key();
        let before = self.get(&key)?;
        self.set(&key, Spent { carried, ..before })?;
        Ok(before)
    }

    /// Forgets the counters of periods that are not over at `now` and that are wanted; returns how many.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub fn reset(&mut self, now: Timestamp, is_wanted: impl Fn(&QuotaCounter) -> bool) -> Result<u64> {
        let from = key_from(now);
        let mut keys = Vec::new();
        for entry in self.table.range::<&[u8]>(from.as_slice()..)? {
            let (key, _) = entry?;
            let wanted = QuotaCounter::of_key(key.value()).filter(|counter| now < counter.span.end);
            if wanted.is_some_and(|counter| is_wanted(&counter)) {
                keys.push(key.value().to_owned());
            }
        }
        self.remove(&keys)
    }

    /// Forgets up to `most` of the counters that are to be forgotten by `now`; returns how many.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub fn sweep(&mut self, now: Timestamp, most: usize) -> Result<u64> {
        let until = key_from(now);
        let mut keys = Vec::new();
        for entry in self.table.range::<&[u8]>(..until.as_slice())?.take(most) {
            keys.push(entry?.0.value().to_owned());
        }
        self.remove(&keys)
    }

    fn get(&self, key: &[u8]) -> Result<Spent> {
        Ok(self.table.get(key)?.map(|value| Spent::of(value.value())).unwrap_or_default())
    }

    fn set(&mut self, key: &[u8], Spent { granted, carried, limit }: Spent) -> Result<()> {
        self.table.insert(key, (granted, carried, limit))?;
        self.is_changed = true;
        Ok(())
    }

    fn remove(&mut self, keys: &[Vec<u8>]) -> Result<u64> {
        for key in keys {
            self.table.remove(key.as_slice())?;
            self.is_changed = true;
        }
        Ok(u64::try_from(keys.len()).unwrap_or(u64::MAX))
    }
}

// === impl Spent ===

impl Spent {
    pub(super) fn of((granted, carried, limit): (u64, u64, u32)) -> Self {
        Self { granted, carried, limit }
    }

    /// All that is spent.
    #[must_use]
    pub fn total(self) -> u64 {
        self.granted.saturating_add(self.carried)
    }
}
