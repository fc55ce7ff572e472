//! The document while it is edited: a tree, so that what is not touched stays as a person wrote it.

mod collection;
mod object;

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use similar::TextDiff;

pub(super) use self::collection::{Collection, KEYS, Named, SERVICES, USAGE_PLANS};
pub(super) use self::object::{list, list_mut, set, text};
use super::answer::Answer;
use super::error::{Error, Result};
use usage_plan_core::document::Document;
use usage_plan_core::document::Errors;
use usage_plan_core::lookup;

/// A valid document and the edits to it.
#[derive(Debug)]
pub(super) struct Draft {
    tree: Map<String, Value>,
    /// As it was before the edits.
    original: Map<String, Value>,
    document: Document,
}

/// In place of a secret that this process does not have. Nothing is ever signed with it.
pub(super) const STAND_IN: &str = "known-to-envoy-alone";

/// Members of a key that hold a secret.
pub(super) const SECRETS: [&str; 2] = ["secret_key", "previous_secret_key"];

/// Reads and validates a document as the filter does. The values of `secret_key_env` are Envoy's business, and need not be
/// known here.
pub(super) fn read(text: &[u8]) -> std::result::Result<Document, Errors> {
    lookup::read(text, &|_| Some(STAND_IN.to_owned())).map(|(document, _)| document)
}

// === impl Draft ===

impl Draft {
    /// Reads and validates a document.
    pub(super) fn parse(text: &[u8]) -> std::result::Result<Self, Errors> {
        let document = read(text)?;
        // Whatever is valid is an object without repeated members, which the tree can hold.
        let tree: Map<String, Value> = serde_json::from_slice(text).unwrap_or_default();
        Ok(Self { original: tree.clone(), tree, document })
    }

    /// The document before the edits.
    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    /// The document before the edits, which are dropped.
    pub(super) fn into_document(self) -> Document {
        self.document
    }

    /// The document after the edits.
    pub(super) fn text(&self) -> String {
        pretty(&self.tree)
    }

    /// Whether an edit changed anything.
    pub(super) fn is_changed(&self) -> bool {
        self.tree != self.original
    }

    /// What the edits change, as `diff -u` shows it; each secret is shown as a number.
    pub(super) fn difference(&self) -> String {
        let mut numbers = HashMap::new();
        let [before, after] = [&self.original, &self.tree].map(|tree| pretty(&redacted(tree, &mut numbers)));
        TextDiff::from_lines(&before, &after).unified_diff().header("before", "after").to_string()
    }

    /// Those whose id or name contains `filter`, whatever its case, with their places among all.
    pub(super) fn matching(
        &self,
        collection: Collection,
        filter: Option<&str>,
    ) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
        let filter = filter.unwrap_or_default().to_lowercase();
        let contains = move |(_, object): &(usize, &Map<String, Value>)| {
            [collection.id, "name"].iter().any(|member| text(object, member).to_lowercase().contains(&filter))
        };
        self.items(collection).iter().filter_map(Value::as_object).enumerate().filter(contains)
    }

    /// What `list` holds.
    pub(super) fn items(&self, collection: Collection) -> &[Value] {
        self.tree.get(collection.list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The object that `reference` (an id, or a name that only one has) names.
    pub(super) fn find(&self, collection: Collection, reference: &str) -> Result<&Map<String, Value>> {
        let place = self.place(collection, reference)?;
        let found = self.items(collection).get(place).and_then(Value::as_object);
        found.ok_or_else(|| collection.unknown(reference))
    }

    /// As [`find`](Self::find), to be edited.
    pub(super) fn find_mut(
        &mut self,
        collection: Collection,
        reference: &str,
    ) -> Result<&mut Map<String, Value>> {
        let place = self.place(collection, reference)?;
        let found = self.list(collection)?.get_mut(place).and_then(Value::as_object_mut);
        found.ok_or_else(|| collection.unknown(reference))
    }

    /// What `reference` names.
    pub(super) fn resolve(&self, collection: Collection, reference: &str) -> Result<Named> {
        Ok(Named::of(collection, self.find(collection, reference)?))
    }

    /// Adds an object whose id and name are new.
    pub(super) fn add(&mut self, collection: Collection, object: Map<String, Value>) -> Result<()> {
        let id = text(&object, collection.id);
        if self.items(collection).iter().any(|item| item.get(collection.id) == Some(&id.into())) {
            return Err(collection.taken(collection.id, id));
        }
        self.may_be_named(collection, id, object.get("name").and_then(Value::as_str))?;
        self.push(collection, object)
    }

    /// Adds an object that is known to be new.
    pub(super) fn push(&mut self, collection: Collection, object: Map<String, Value>) -> Result<()> {
        self.list(collection)?.push(object.into());
        Ok(())
    }

    /// Whether `name` is one that no object but that with `id` has: by hand two may share one, but then people cannot
    /// say which they mean.
    pub(super) fn may_be_named(&self, collection: Collection, id: &str, name: Option<&str>) -> Result<()> {
        let Some(name) = name else { return Ok(()) };
        if name.is_empty() {
            let noun = collection.noun;
            return Err(Error::usage(format!("--name must not be empty: people find the {noun} by it")));
        }
        let mut items = self.items(collection).iter().filter_map(Value::as_object);
        let other = |item: &Map<String, Value>| text(item, collection.id) != id;
        match items
            .find(|item| other(item) && [text(item, "name"), text(item, collection.id)].contains(&name))
        {
            Some(item) if text(item, "name") == name => Err(collection.taken("name", name)),
            Some(_) => Err(collection.taken(collection.id, name)),
            None => Ok(()),
        }
    }

    /// Gives an object another name, when there is one, and does `edit` to it; what to say of that.
    pub(super) fn edit(
        &mut self,
        collection: Collection,
        reference: &str,
        name: Option<&str>,
        edit: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<Answer> {
        let id = self.resolve(collection, reference)?.id;
        self.may_be_named(collection, &id, name)?;
        let object = self.find_mut(collection, &id)?;
        set(object, "name", name.map(Value::from));
        edit(object);
        let (noun, name) = (collection.noun, Named::of(collection, object));
        Ok(Answer::new(format!("{noun} {name} is edited"), object.clone().into()))
    }

    /// Takes an object out that nothing is bound to: `unbind` are the commands that would unbind the rest. What to say of
    /// that.
    pub(super) fn delete(&mut self, collection: Collection, id: &str, unbind: &[String]) -> Result<Answer> {
        let name = self.resolve(collection, id)?;
        let noun = collection.noun;
        if !unbind.is_empty() {
            let commands: String = unbind.iter().map(|command| format!("\n  usage-plan {command}")).collect();
            return Err(Error::refused(format!("{noun} {name} is bound; unbind it first:{commands}")));
        }
        let place = self.place(collection, id)?;
        self.list(collection)?.remove(place);
        Ok(Answer::new(format!("{noun} {name} is deleted"), json!({collection.id: id, "deleted": true})))
    }

    fn list(&mut self, collection: Collection) -> Result<&mut Vec<Value>> {
        list_mut(&mut self.tree, collection.list)
    }

    fn place(&self, collection: Collection, reference: &str) -> Result<usize> {
        let items = self.items(collection);
        let has = |item: &Value, member| item.get(member).and_then(Value::as_str) == Some(reference);
        if let Some(place) = items.iter().position(|item| has(item, collection.id)) {
            return Ok(place);
        }
        let mut named = items.iter().enumerate().filter(|(_, item)| has(item, "name"));
        match (named.next(), named.next()) {
            (Some((place, _)), None) => Ok(place),
            (None, _) => Err(collection.unknown(reference)),
            (Some(first), Some(second)) => {
                let ids = [first, second].into_iter().chain(named);
                let ids = ids.filter_map(|(_, item)| item.get(collection.id)?.as_str());
                let ids: Vec<&str> = ids.collect();
                let Collection { noun, id, .. } = collection;
                Err(Error::refused(format!(
                    "more than one {noun} is named \"{reference}\": say which by its {id}, one of {}",
                    ids.join(", ")
                )))
            }
        }
    }
}

fn pretty(tree: &Map<String, Value>) -> String {
    let mut text = serde_json::to_string_pretty(tree).unwrap_or_default();
    text.push('\n');
    text
}

/// `tree` with a number for each secret that it has; equal ones have equal numbers.
fn redacted(tree: &Map<String, Value>, numbers: &mut HashMap<String, usize>) -> Map<String, Value> {
    let mut tree = tree.clone();
    let keys = tree.get_mut(KEYS.list).and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
        for (_, secret) in key.iter_mut().filter(|(name, _)| SECRETS.contains(&name.as_str())) {
            let next = numbers.len().saturating_add(1);
            let number = *numbers.entry(secret.to_string()).or_insert(next);
            *secret = format!("(secret {number})").into();
        }
    }
    tree
}
