//! How two documents differ, object by object, and a document changed by that.

mod json;
mod list;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use usage_plan_core::sentence::Sentence;

use self::list::Items;
use super::phrases;
use crate::draft::{Collection, KEYS, Named, SERVICES, USAGE_PLANS, text};

/// What is changed of one object of the document, of its options, or of the document itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// `services`, `keys`, `usage_plans`; `options`; empty for the document itself.
    pub list: String,
    /// The id and name of the object; empty for the options and for the document.
    pub object: Named,
    /// What is changed of it.
    pub what: What,
}

/// What is changed of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It is new, at this index of its list.
    Created(usize, Map<String, Value>),
    /// It is gone. It was at this index of its list.
    Deleted(usize, Map<String, Value>),
    /// Some of its members are others.
    Edited(Vec<(String, Member)>),
}

/// What is changed of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// Its value: before and after, where there is one.
    Value {
        /// Before the change.
        before: Option<Value>,
        /// After the change.
        after: Option<Value>,
    },
    /// Its items, which are a list.
    Items(Items),
}

/// The options, as if they were an object of a list.
const OPTIONS: &str = "options";

/// The one list of an object whose order means something: the first of these limits that fits is taken.
const ORDERED: &str = "apis";

/// The collections in the order in which documents have them.
const COLLECTIONS: [Collection; 3] = [SERVICES, KEYS, USAGE_PLANS];

/// How `after` differs from `before`. The order of objects, and of an object's members, is no difference.
pub fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compared = vec![OPTIONS];
    for collection in COLLECTIONS {
        if let (Some(before), Some(after)) = (objects(before, collection), objects(after, collection)) {
            changes.extend(of_collection(collection, &before, &after));
            compared.push(collection.list);
        }
    }
    let [options_before, options_after] =
        [before, after].map(|tree| tree.get(OPTIONS).and_then(Value::as_object).cloned().unwrap_or_default());
    changes.extend(edited(OPTIONS, Named::new("", ""), &options_before, &options_after));
    let rest = |tree: &Map<String, Value>| {
        let members = tree.iter().filter(|(name, _)| !compared.contains(&name.as_str()));
        members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()
    };
    changes.extend(edited("", Named::new("", ""), &rest(before), &rest(after)));
    changes
}

/// The objects of a list by their ids, each with its index; `None` when the list is not one of objects with
/// ids of their own.
fn objects(tree: &Map<String, Value>, collection: Collection) -> Option<Vec<(&str, &Map<String, Value>)>> {
    let Some(list) = tree.get(collection.list) else { return Some(Vec::new()) };
    let objects = list.as_array()?.iter().map(Value::as_object);
    let with_ids = objects.map(|object| Some((object?.get(collection.id)?.as_str()?, object?)));
    let found: Vec<_> = with_ids.collect::<Option<_>>()?;
    let ids: HashSet<&str> = found.iter().map(|(id, _)| *id).collect();
    (ids.len() == found.len()).then_some(found)
}

fn of_collection(
    collection: Collection,
    before: &[(&str, &Map<String, Value>)],
    after: &[(&str, &Map<String, Value>)],
) -> Vec<Change> {
    let change = |object: &Map<String, Value>, what| Change {
        list: collection.list.to_owned(),
        object: Named::of(collection, object),
        what,
    };
    let old: HashMap<&str, &Map<String, Value>> = before.iter().copied().collect();
    let new: HashSet<&str> = after.iter().map(|(id, _)| *id).collect();
    let gone = before.iter().enumerate().filter(|(_, (id, _))| !new.contains(id));
    let mut changes: Vec<Change> =
        gone.map(|(index, (_, object))| change(object, What::Deleted(index, (*object).clone()))).collect();
    for (index, (id, object)) in after.iter().enumerate() {
        match old.get(id) {
            Some(old) => changes.extend(edited(collection.list, Named::of(collection, object), old, object)),
            None => changes.push(change(object, What::Created(index, (*object).clone()))),
        }
    }
    changes
}

/// The members in which an object differs, if there are any.
fn edited(
    list: &str,
    object: Named,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Option<Change> {
    let is_in_list = COLLECTIONS.iter().any(|collection| collection.list == list);
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let members: Vec<(String, Member)> = gone
        .chain(after.keys())
        .filter_map(|name| {
            let has_items = is_in_list && name != ORDERED;
            Some((name.clone(), Member::between(before.get(name), after.get(name), has_items)?))
        })
        .collect();
    let what = What::Edited(members);
    let is_equal = what == What::Edited(Vec::new());
    if is_equal { None } else { Some(Change { list: list.to_owned(), object, what }) }
}

// === impl Change ===

impl Change {
    /// What the object is called: `key acme (AKIDacme0001)`.
    pub fn label(&self) -> Sentence {
        phrases::of(&self.list, &self.object)
    }

    /// The change that takes this one back.
    pub(super) fn inverted(self) -> Self {
        let what = match self.what {
            What::Created(index, object) => What::Deleted(index, object),
            What::Deleted(index, object) => What::Created(index, object),
            What::Edited(members) => {
                What::Edited(members.into_iter().map(|(name, member)| (name, member.inverted())).collect())
            }
        };
        Self { what, ..self }
    }

    /// The members that are not in `tree` as they are before this change; one without a name stands for the
    /// whole object. Empty when the change can be made.
    pub fn obstacles(&self, tree: &Map<String, Value>) -> Vec<String> {
        let whole = || vec![String::new()];
        let found = self.find(tree);
        match (&self.what, found) {
            (What::Created(..), None) => Vec::new(),
            (What::Deleted(_, object), Some(found)) if object == found => Vec::new(),
            (What::Deleted(_, object), Some(found)) => match edited("", Named::new("", ""), object, found) {
                Some(Self { what: What::Edited(members), .. }) => {
                    members.into_iter().map(|(name, _)| name).collect()
                }
                _ => Vec::new(),
            },
            (What::Created(..), Some(_)) | (What::Deleted(..), None) => whole(),
            (What::Edited(members), found) => {
                let empty = Map::new();
                if found.is_none() && !self.object.id.is_empty() {
                    return whole();
                }
                let found = found.unwrap_or(&empty);
                let differs = members.iter().filter(|(name, member)| !member.is_before(found.get(name)));
                differs.map(|(name, _)| name.clone()).collect()
            }
        }
    }

    /// Makes the change in a document.
    pub fn apply(&self, tree: &mut Map<String, Value>) {
        if let What::Edited(members) = &self.what {
            let Some(object) = self.find_mut(tree) else { return };
            for (name, member) in members {
                member.apply(object, name);
            }
            if self.list == OPTIONS && tree.get(OPTIONS).and_then(Value::as_object).is_some_and(Map::is_empty)
            {
                tree.shift_remove(OPTIONS);
            }
            return;
        }
        let Some(id) = self.id_member() else { return };
        let list = tree.entry(self.list.clone()).or_insert_with(|| Value::Array(Vec::new()));
        let Some(list) = list.as_array_mut() else { return };
        list.retain(|item| item.get(id).and_then(Value::as_str) != Some(&self.object.id));
        if let What::Created(index, object) = &self.what {
            list.insert(list.len().min(*index), object.clone().into());
        }
        if list.is_empty() {
            tree.shift_remove(&self.list);
        }
    }

    /// Every value that the change puts into the document, to be replaced where it stands for a secret.
    pub(super) fn new_values(&mut self) -> Vec<(String, &mut Value)> {
        match &mut self.what {
            What::Created(_, object) => {
                object.iter_mut().map(|(name, value)| (name.clone(), value)).collect()
            }
            What::Deleted(..) => Vec::new(),
            What::Edited(members) => members
                .iter_mut()
                .filter_map(|(name, member)| match member {
                    Member::Value { after: Some(after), .. } => Some((name.clone(), after)),
                    Member::Value { .. } | Member::Items(_) => None,
                })
                .collect(),
        }
    }

    fn id_member(&self) -> Option<&'static str> {
        COLLECTIONS.iter().find(|collection| collection.list == self.list).map(|collection| collection.id)
    }

    fn find<'t>(&self, tree: &'t Map<String, Value>) -> Option<&'t Map<String, Value>> {
        let Some(id) = self.id_member() else {
            return if self.list.is_empty() { Some(tree) } else { tree.get(&self.list)?.as_object() };
        };
        let mut objects = tree.get(&self.list)?.as_array()?.iter().filter_map(Value::as_object);
        objects.find(|object| text(object, id) == self.object.id)
    }

    fn find_mut<'t>(&self, tree: &'t mut Map<String, Value>) -> Option<&'t mut Map<String, Value>> {
        let Some(id) = self.id_member() else {
            if self.list.is_empty() {
                return Some(tree);
            }
            let options = tree.entry(self.list.clone()).or_insert_with(|| Map::new().into());
            if !options.is_object() {
                *options = Map::new().into();
            }
            return options.as_object_mut();
        };
        let mut objects =
            tree.get_mut(&self.list)?.as_array_mut()?.iter_mut().filter_map(Value::as_object_mut);
        objects.find(|object| text(object, id) == self.object.id)
    }
}

// === impl Member ===

impl Member {
    /// How a member differs; `None` when it does not. What `has_items` is a set, if it is a list.
    fn between(before: Option<&Value>, after: Option<&Value>, has_items: bool) -> Option<Self> {
        // A list without items is as good as none.
        let or_empty = |value: Option<&Value>| value.cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        if or_empty(before) == or_empty(after) {
            return None;
        }
        let items = if has_items { Items::between(before, after) } else { None };
        let value = || Self::Value { before: before.cloned(), after: after.cloned() };
        Some(items.map_or_else(value, Self::Items))
    }

    fn inverted(self) -> Self {
        match self {
            Self::Value { before, after } => Self::Value { before: after, after: before },
            Self::Items(items) => Self::Items(items.inverted()),
        }
    }

    fn is_before(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Value { before, .. } => before.as_ref() == value,
            Self::Items(items) => items.is_before(value),
        }
    }

    fn apply(&self, object: &mut Map<String, Value>, name: &str) {
        let new = match self {
            Self::Value { after, .. } => after.clone(),
            Self::Items(items) => items.apply(object.get(name)),
        };
        match new {
            Some(value) => drop(object.insert(name.to_owned(), value)),
            None => drop(object.shift_remove(name)),
        }
    }
}

#[cfg(test)]
mod tests;
