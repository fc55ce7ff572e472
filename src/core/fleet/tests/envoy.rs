//! An Envoy of a simulation: its shared data, its workers, and its clock.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::fleet::{Asker, CounterId, Ticket};
use crate::limit::{Clock, Conflict, Store, Version};
use crate::timestamp::Timestamp;

/// An Envoy: its shared data, and its workers.
pub(super) struct Envoy {
    pub(super) cells: Cells,
    /// How far its clock is ahead, in microseconds.
    pub(super) ahead: i64,
    pub(super) workers: Vec<Worker>,
    /// How often it was killed. What was sent before that is not answered.
    pub(super) epoch: u64,
}

pub(super) struct Worker {
    pub(super) asker: Asker,
    pub(super) counter: CounterId,
    /// The requests that wait, with their times.
    pub(super) waiting: Vec<u64>,
    pub(super) in_flight: HashSet<Ticket>,
    pub(super) is_kicked: bool,
}

/// Shared data.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) cells: RefCell<HashMap<String, (Vec<u8>, Version)>>,
    /// Loses every so many writes.
    pub(super) loses: Option<u64>,
    pub(super) writes: RefCell<u64>,
}

pub(super) struct Host<'h> {
    pub(super) cells: &'h Cells,
    pub(super) now: Timestamp,
}

impl Clock for Host<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }
}

impl Store for Host<'_> {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Version)> {
        self.cells.cells.borrow().get(key).cloned()
    }

    fn set(&self, key: &str, cell: &[u8], version: Version) -> Result<Version, Conflict> {
        let mut cells = self.cells.cells.borrow_mut();
        let now = cells.get(key).map(|(_, version)| *version);
        if now.is_some_and(|now| now != version) {
            return Err(Conflict);
        }
        *self.cells.writes.borrow_mut() += 1;
        let next = now.unwrap_or(0) + 1;
        let is_lost = self.cells.loses.is_some_and(|every| self.cells.writes.borrow().is_multiple_of(every));
        let before = cells.get(key).map(|(cell, _)| cell.clone()).unwrap_or_default();
        let kept = if is_lost && now.is_some() { before } else { cell.to_vec() };
        cells.insert(key.to_owned(), (kept, next));
        Ok(next)
    }
}
