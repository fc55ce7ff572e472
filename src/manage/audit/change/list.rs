//! Items that are added to a list and removed from it.
//!
//! A plan may have thousands of keys: the log has those that an edit binds, and an edit that binds one can be
//! taken back after another one was bound.

use std::collections::HashSet;

use serde_json::Value;

/// The items by which a list changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items {
    /// What is no longer in the list.
    pub removed: Vec<Value>,
    /// What is in the list now, at its end.
    pub added: Vec<Value>,
}

// === impl Items ===

impl Items {
    /// How a list of different items changes, if nothing else happens to it than that some are removed and
    /// others added at its end. A list that is not there is empty.
    pub(super) fn between(before: Option<&Value>, after: Option<&Value>) -> Option<Self> {
        let list = |value: Option<&Value>| value.map_or(Some(Vec::new()), |value| value.as_array().cloned());
        let (before, after) = (list(before)?, list(after)?);
        // Equal items have equal texts, whatever the order of their members is.
        let text = |item: &Value| {
            let mut item = item.clone();
            item.sort_all_objects();
            item.to_string()
        };
        let texts = |list: &[Value]| list.iter().map(text).collect::<Vec<_>>();
        let (texts_before, texts_after) = (texts(&before), texts(&after));
        let set = |texts: &[String]| texts.iter().cloned().collect::<HashSet<String>>();
        let (set_before, set_after) = (set(&texts_before), set(&texts_after));
        let are_different =
            set_before.len() == before.len() && set_after.len() == after.len() && before != after;
        if !are_different {
            return None;
        }
        let only = |list: &[Value], texts: &[String], other: &HashSet<String>| {
            let items = list.iter().zip(texts).filter(|(_, text)| !other.contains(*text));
            items.map(|(item, _)| item.clone()).collect::<Vec<_>>()
        };
        let items = Self {
            removed: only(&before, &texts_before, &set_after),
            added: only(&after, &texts_after, &set_before),
        };
        (items.applied_to(&before) == after).then_some(items)
    }

    pub(super) fn inverted(self) -> Self {
        Self { removed: self.added, added: self.removed }
    }

    /// Whether the list has what is removed, and not what is added.
    pub(super) fn is_before(&self, value: Option<&Value>) -> bool {
        let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        self.removed.iter().all(|item| list.contains(item))
            && !self.added.iter().any(|item| list.contains(item))
    }

    /// The list after the change; `None` when nothing is left in it.
    pub(super) fn apply(&self, value: Option<&Value>) -> Option<Value> {
        let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let list = self.applied_to(list);
        if list.is_empty() { None } else { Some(list.into()) }
    }

    fn applied_to(&self, list: &[Value]) -> Vec<Value> {
        let kept = list.iter().filter(|item| !self.removed.contains(item));
        kept.chain(&self.added).cloned().collect()
    }
}
