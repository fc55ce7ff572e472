//! A change as JSON, and back.

use serde_json::{Map, Value, json};

use super::list::Items;
use super::{COLLECTIONS, Change, Member, What};
use crate::draft::{NAME, Named, text};

const LIST: &str = "list";
const ID: &str = "id";
const INDEX: &str = "index";
const CREATED: &str = "created";
const DELETED: &str = "deleted";
const MEMBERS: &str = "members";
const BEFORE: &str = "before";
const AFTER: &str = "after";
const REMOVED: &str = "removed";
const ADDED: &str = "added";

// === impl Change ===

impl Change {
    /// The change as a JSON object. Values that are not there are left out.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        let mut set = |name: &str, value: Value| drop(json.insert(name.to_owned(), value));
        set(LIST, self.list.as_str().into());
        for (name, value) in [(ID, &self.object.id), (NAME, &self.object.name)] {
            if !value.is_empty() {
                set(name, value.as_str().into());
            }
        }
        match &self.what {
            What::Created(index, object) => {
                set(INDEX, (*index).into());
                set(CREATED, object.clone().into());
            }
            What::Deleted(index, object) => {
                set(INDEX, (*index).into());
                set(DELETED, object.clone().into());
            }
            What::Edited(members) => {
                let members = members.iter().map(|(name, member)| (name.clone(), member.to_json()));
                set(MEMBERS, members.collect::<Map<_, _>>().into());
            }
        }
        json.into()
    }

    /// The change that a JSON object describes, if it does.
    pub(in crate::audit) fn read(json: &Value) -> Option<Self> {
        let json = json.as_object()?;
        let list = json.get(LIST)?.as_str()?.to_owned();
        let index = || usize::try_from(json.get(INDEX)?.as_u64()?).ok();
        let object = |name| json.get(name).and_then(Value::as_object).cloned();
        let what = if let Some(created) = object(CREATED) {
            What::Created(index()?, created)
        } else if let Some(deleted) = object(DELETED) {
            What::Deleted(index()?, deleted)
        } else {
            let members = json.get(MEMBERS)?.as_object()?.iter();
            What::Edited(
                members
                    .map(|(name, member)| Some((name.clone(), Member::read(member)?)))
                    .collect::<Option<_>>()?,
            )
        };
        Some(Self { list, object: Named::new(text(json, ID), text(json, NAME)), what })
    }

    /// What the change is about, before and after it, as a part of a document: of an object that is edited,
    /// only the id, the name, and the members that differ.
    pub fn parts(&self) -> [Map<String, Value>; 2] {
        let id = COLLECTIONS.iter().find(|collection| collection.list == self.list).map(|found| found.id);
        let identity = || {
            let name = (NAME, &self.object.name);
            let members = id.map(|id| (id, &self.object.id)).into_iter().chain([name]);
            let named = members.filter(|(name, value)| id.is_some() && !(*name == NAME && value.is_empty()));
            named.map(|(name, value)| (name.to_owned(), Value::from(value.as_str()))).collect::<Map<_, _>>()
        };
        let [before, after] = match &self.what {
            What::Created(_, object) => [None, Some(object.clone())],
            What::Deleted(_, object) => [Some(object.clone()), None],
            What::Edited(members) => {
                let mut sides = [identity(), identity()];
                for (name, member) in members {
                    for (side, value) in sides.iter_mut().zip(member.sides()) {
                        match value {
                            Some(value) => drop(side.insert(name.clone(), value)),
                            None => drop(side.shift_remove(name)),
                        }
                    }
                }
                sides.map(Some)
            }
        };
        [before, after].map(|side| self.placed(id.is_some(), side))
    }

    /// The object in its list.
    fn placed(&self, is_in_list: bool, object: Option<Map<String, Value>>) -> Map<String, Value> {
        match object {
            None => Map::new(),
            Some(members) if self.list.is_empty() => members,
            Some(object) if is_in_list => Map::from_iter([(self.list.clone(), json!([object]))]),
            Some(options) => Map::from_iter([(self.list.clone(), options.into())]),
        }
    }
}

// === impl Member ===

impl Member {
    fn to_json(&self) -> Value {
        let (pairs, [before, after]) = match self {
            Self::Value { .. } => ([BEFORE, AFTER], self.sides()),
            Self::Items(_) => ([REMOVED, ADDED], self.sides()),
        };
        let sides = pairs.into_iter().zip([before, after]);
        sides.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
    }

    fn read(json: &Value) -> Option<Self> {
        let json = json.as_object()?;
        let items = |name: &str| json.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        if json.contains_key(REMOVED) || json.contains_key(ADDED) {
            return Some(Self::Items(Items { removed: items(REMOVED), added: items(ADDED) }));
        }
        Some(Self::Value { before: json.get(BEFORE).cloned(), after: json.get(AFTER).cloned() })
    }

    /// The value before and after; of a list, the items that are in it only then.
    fn sides(&self) -> [Option<Value>; 2] {
        let list = |items: &Vec<Value>| if items.is_empty() { None } else { Some(items.clone().into()) };
        match self {
            Self::Value { before, after } => [before.clone(), after.clone()],
            Self::Items(Items { removed, added }) => [list(removed), list(added)],
        }
    }
}
