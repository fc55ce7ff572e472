//! The document while it is edited: a JSON tree, so that what is not edited stays as a person wrote it.

mod collection;
mod members;
pub mod nearest;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use similar::TextDiff;
use usage_plan_core::document::{Document, Errors, SECRET_MEMBERS};
use usage_plan_core::lookup;

pub use self::collection::{Collection, KEYS, Named, SERVICES, USAGE_PLANS};
pub(crate) use self::members::NAME;
pub use self::members::{Members, edit_list, set, text};
use crate::refusal::Refusal;

/// A valid document and the edits to it.
#[derive(Debug)]
pub struct Draft {
    /// Shared with `original` until the first edit: who only reads has one tree.
    tree: Arc<Map<String, Value>>,
    /// The tree before the edits.
    original: Arc<Map<String, Value>>,
    document: Document,
    /// The entry of the log that the edits take back.
    undo_of: Option<String>,
}

/// Stands for a secret that this process does not have. Nothing is ever signed with it.
pub const PLACEHOLDER_SECRET: &str = "known-to-envoy-alone";

/// Reads and validates a document as the filter does. The variables and files that hold secrets need not
/// exist here.
pub fn read(text: &[u8]) -> Result<Document, Errors> {
    lookup::read_with(text, &|_| Ok(PLACEHOLDER_SECRET.to_owned())).map(|(document, _)| document)
}

/// The same, and every secret in a file is an error too, because the filter reads no files.
pub fn read_for_filter(text: &[u8]) -> Result<Document, Errors> {
    lookup::read(text, &|_| Some(PLACEHOLDER_SECRET.to_owned())).map(|(document, _)| document)
}

/// How the text of the document `after` differs from that of `before`, as `diff -u` shows it with these
/// names; each secret is shown as a number. Differences that JSON does not know are not shown.
pub fn difference(before: &str, after: &str, names: [&str; 2]) -> String {
    let [before, after] = [before, after].map(|text| serde_json::from_str(text).unwrap_or_default());
    difference_of_trees(&before, &after, names)
}

fn difference_of_trees(before: &Map<String, Value>, after: &Map<String, Value>, names: [&str; 2]) -> String {
    let mut numbers = HashMap::new();
    let [before, after] = [before, after].map(|tree| pretty(&redacted(tree, &mut numbers)));
    let [name_before, name_after] = names;
    TextDiff::from_lines(&before, &after).unified_diff().header(name_before, name_after).to_string()
}

// === impl Draft ===

impl Draft {
    /// Reads and validates a document.
    pub fn parse(text: &[u8]) -> Result<Self, Errors> {
        let document = read(text)?;
        // A valid document is an object without repeated members, which the tree can hold.
        let tree: Arc<Map<String, Value>> = Arc::new(serde_json::from_slice(text).unwrap_or_default());
        Ok(Self { original: Arc::clone(&tree), tree, document, undo_of: None })
    }

    /// The document before the edits.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The document before the edits, which are dropped.
    pub fn into_document(self) -> Document {
        self.document
    }

    /// The text of the document after the edits.
    pub fn text(&self) -> String {
        pretty(&self.tree)
    }

    /// The tree after the edits.
    pub(crate) fn tree(&self) -> &Map<String, Value> {
        &self.tree
    }

    /// The tree, to be edited as a whole.
    pub(crate) fn tree_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.tree)
    }

    /// Notes that the edits take back the entry of the log with this id.
    pub(crate) fn takes_back(&mut self, id: &str) {
        self.undo_of = Some(id.to_owned());
    }

    /// The entry of the log that the edits take back.
    pub(crate) fn undo_of(&self) -> Option<&str> {
        self.undo_of.as_deref()
    }

    /// Whether the edits change anything.
    pub fn is_changed(&self) -> bool {
        self.tree != self.original
    }

    /// The rules that the document breaks after the edits.
    pub fn validate(&self) -> Result<(), Errors> {
        read(self.text().as_bytes()).map(|_| ())
    }

    /// Whether the document has a secret in it after the edits.
    pub fn holds_secrets(&self) -> bool {
        self.objects(KEYS).any(|key| SECRET_MEMBERS.iter().any(|member| key.contains_key(*member)))
    }

    /// What the edits change, as `diff -u` shows it; each secret is shown as a number.
    pub fn difference(&self) -> String {
        difference_of_trees(&self.original, &self.tree, ["before", "after"])
    }

    /// The objects whose id or name contains `filter`, in upper or lower case, each with its item of `items`:
    /// the same collection of [`document`](Self::document). Only for a draft without edits.
    pub fn matching<'d, T>(
        &'d self,
        collection: Collection,
        items: &'d [T],
        filter: Option<&str>,
    ) -> impl Iterator<Item = (&'d Map<String, Value>, &'d T)> {
        let filter = filter.unwrap_or_default().to_lowercase();
        let contains = move |object: &Map<String, Value>| {
            [collection.id, NAME].iter().any(|member| text(object, member).to_lowercase().contains(&filter))
        };
        self.objects(collection).zip(items).filter(move |(object, _)| contains(object))
    }

    /// The items of a list.
    pub fn items(&self, collection: Collection) -> &[Value] {
        self.tree.get(collection.list).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The object that `reference` names: an id, or a name that only one object has.
    pub fn find(&self, collection: Collection, reference: &str) -> Result<&Map<String, Value>, Refusal> {
        let has = |object: &Map<String, Value>, member| {
            object.get(member).and_then(Value::as_str) == Some(reference)
        };
        if let Some(object) = self.objects(collection).find(|object| has(object, collection.id)) {
            return Ok(object);
        }
        let named: Vec<_> = self.objects(collection).filter(|object| has(object, NAME)).collect();
        match named[..] {
            [object] => Ok(object),
            [] => Err(self.not_found(collection, reference)),
            _ => {
                let ids = named.iter().map(|object| text(object, collection.id).to_owned()).collect();
                Err(Refusal::Ambiguous { collection, name: reference.to_owned(), ids })
            }
        }
    }

    /// The same as [`find`](Self::find), to be edited.
    pub fn find_mut(
        &mut self,
        collection: Collection,
        reference: &str,
    ) -> Result<&mut Map<String, Value>, Refusal> {
        let id = self.resolve(collection, reference)?.id;
        let not_found = self.not_found(collection, reference);
        let items =
            self.tree_mut().get_mut(collection.list).and_then(Value::as_array_mut).into_iter().flatten();
        let found = items.filter_map(Value::as_object_mut).find(|object| text(object, collection.id) == id);
        found.ok_or(not_found)
    }

    /// The ids and names of the objects that `references` name, each object once.
    pub fn resolve_all(&self, collection: Collection, references: &[String]) -> Result<Vec<Named>, Refusal> {
        let mut found: Vec<Named> = Vec::new();
        for reference in references {
            let object = self.resolve(collection, reference)?;
            if !found.contains(&object) {
                found.push(object);
            }
        }
        Ok(found)
    }

    /// The id and name of the object that `reference` names.
    pub fn resolve(&self, collection: Collection, reference: &str) -> Result<Named, Refusal> {
        Ok(Named::of(collection, self.find(collection, reference)?))
    }

    /// Adds an object, whose id and name must be new.
    pub fn add(&mut self, collection: Collection, object: Map<String, Value>) -> Result<(), Refusal> {
        let id = text(&object, collection.id);
        if self.objects(collection).any(|other| other.get(collection.id) == Some(&id.into())) {
            return Err(exists(collection, collection.id, id));
        }
        self.check_name(collection, id, object.get(NAME).and_then(Value::as_str))?;
        self.push(collection, object);
        Ok(())
    }

    /// Adds an object that is known to be new.
    pub fn push(&mut self, collection: Collection, object: Map<String, Value>) {
        edit_list(self.tree_mut(), collection.list, |list| list.push(object.into()));
    }

    /// The options, to be edited; they begin empty when there are none.
    pub fn options_mut(&mut self) -> Option<&mut Map<String, Value>> {
        self.tree_mut().entry("options").or_insert_with(|| Map::new().into()).as_object_mut()
    }

    /// Refuses a name that is empty, or that another object than the one with `id` has as its name or id. A
    /// person may write one name twice into a document, but then a name no longer says which object is meant.
    pub fn check_name(&self, collection: Collection, id: &str, name: Option<&str>) -> Result<(), Refusal> {
        let Some(name) = name else { return Ok(()) };
        if name.is_empty() {
            return Err(Refusal::EmptyName(collection));
        }
        let mut others = self.objects(collection).filter(|other| text(other, collection.id) != id);
        match others.find(|other| [text(other, NAME), text(other, collection.id)].contains(&name)) {
            Some(other) if text(other, NAME) == name => Err(exists(collection, NAME, name)),
            Some(_) => Err(exists(collection, collection.id, name)),
            None => Ok(()),
        }
    }

    /// Removes the object that `reference` names.
    pub fn remove(&mut self, collection: Collection, reference: &str) -> Result<Named, Refusal> {
        let object = self.resolve(collection, reference)?;
        edit_list(self.tree_mut(), collection.list, |list| {
            list.retain(|item| item.get(collection.id) != Some(&object.id.as_str().into()));
        });
        Ok(object)
    }

    fn not_found(&self, collection: Collection, reference: &str) -> Refusal {
        let words =
            self.objects(collection).flat_map(|object| [NAME, collection.id].map(|name| text(object, name)));
        let nearest = nearest::word(reference, words).map(str::to_owned);
        Refusal::NotFound { collection, reference: reference.to_owned(), nearest }
    }

    fn objects(&self, collection: Collection) -> impl Iterator<Item = &Map<String, Value>> {
        self.items(collection).iter().filter_map(Value::as_object)
    }
}

fn exists(collection: Collection, member: &'static str, value: &str) -> Refusal {
    Refusal::Exists { collection, member, value: value.to_owned() }
}

fn pretty(tree: &Map<String, Value>) -> String {
    let mut text = serde_json::to_string_pretty(tree).unwrap_or_default();
    text.push('\n');
    text
}

/// `tree` with each secret replaced by a number; equal secrets have equal numbers.
fn redacted(tree: &Map<String, Value>, numbers: &mut HashMap<String, usize>) -> Map<String, Value> {
    let mut tree = tree.clone();
    let keys = tree.get_mut(KEYS.list).and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
        for (_, secret) in key.iter_mut().filter(|(name, _)| SECRET_MEMBERS.contains(&name.as_str())) {
            let next = numbers.len() + 1;
            let number = *numbers.entry(secret.to_string()).or_insert(next);
            *secret = format!("(secret {number})").into();
        }
    }
    tree
}
