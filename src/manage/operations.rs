//! What can be done to the objects of a document.
//!
//! An operation edits a [`Draft`] and checks that the document is still valid. What is bound, disabled or
//! still verifying is what the document said before the draft's edits, so a draft takes one operation. After
//! a refusal it may hold a part of the edit and has to be dropped. References are ids, or names that only one
//! object has.

mod alone;
pub mod apply;
pub mod key;
pub mod plan;
pub mod service;

use serde_json::{Map, Value};
use usage_plan_core::document::Document;
use usage_plan_core::timestamp::Timestamp;

pub use self::alone::check_alone;
use crate::draft::{Collection, Draft, KEYS, Members, NAME, Named};
use crate::refusal::{InUse, Refusal};

/// An object to create.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// Unique in its collection, see [`random::id`](crate::random::id).
    pub id: String,
    /// For people; unique in its collection.
    pub name: String,
    /// Its other members.
    pub members: Members,
    /// The time of its creation.
    pub created_at: Timestamp,
}

/// Adds an object to a collection and returns it as it is in the document.
fn create(draft: &mut Draft, collection: Collection, new: NewObject) -> Result<Map<String, Value>, Refusal> {
    let NewObject { id, name, members, created_at } = new;
    let (id, name) = ((collection.id, id), (NAME, name));
    // The order in which the documentation writes them.
    let first = if collection == KEYS { [name, id] } else { [id, name] };
    let mut object: Map<String, Value> =
        first.into_iter().map(|(member, value)| (member.to_owned(), value.into())).collect();
    members.with("created_at", Some(created_at.to_rfc3339())).apply(&mut object);
    draft.add(collection, object.clone())?;
    draft.validate().map_err(Refusal::Rule)?;
    Ok(object)
}

/// Sets members of an object and returns it as it is then.
fn edit(
    draft: &mut Draft,
    collection: Collection,
    reference: &str,
    members: Members,
) -> Result<Map<String, Value>, Refusal> {
    let id = draft.resolve(collection, reference)?.id;
    draft.check_name(collection, &id, members.text(NAME))?;
    let object = draft.find_mut(collection, &id)?;
    members.apply(object);
    let object = object.clone();
    draft.validate().map_err(Refusal::Rule)?;
    Ok(object)
}

/// Removes objects, of which none may be in use any longer.
fn delete(draft: &mut Draft, collection: Collection, objects: Vec<InUse>) -> Result<Vec<Named>, Refusal> {
    let is_free = |object: &InUse| !object.is_enabled && object.bindings.is_empty();
    let (free, objects): (Vec<InUse>, Vec<InUse>) = objects.into_iter().partition(is_free);
    if !objects.is_empty() {
        return Err(Refusal::InUse { collection, objects });
    }
    free.into_iter().map(|free| draft.remove(collection, &free.object.id)).collect()
}

fn named_key(document: &Document, id: &str) -> Named {
    Named::new(id, document.key(id).map_or("", |key| &key.name))
}

fn named_service(document: &Document, id: &str) -> Named {
    Named::new(id, document.service(id).map_or("", |service| &service.name))
}

#[cfg(test)]
mod tests;
