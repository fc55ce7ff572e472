//! What was found out a moment ago, and need not be asked for again: a page of a list asks for many plans.

use std::sync::{Mutex, PoisonError};

use usage_plan_core::timestamp::{SECOND, Timestamp};
use usage_plan_manage::dates::now;

/// What was found out within the last second.
#[derive(Debug)]
pub(super) struct Recent<T>(Mutex<Option<(Timestamp, T)>>);

// === impl Recent ===

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Recent<T> {
    /// Looks at what was found out within the last second, or at what `find` finds now.
    pub(super) fn look<R>(&self, find: impl FnOnce() -> T, look: impl FnOnce(&T) -> R) -> R {
        let now = now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = last.take().filter(|(found, _)| now.saturating_since(*found) < SECOND);
        let (_, value) = last.insert(recent.unwrap_or_else(|| (now, find())));
        look(value)
    }
}
