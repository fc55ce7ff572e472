//! A document with every secret in its place, as `publish` writes it when it is asked to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use usage_plan_core::document::{Errors, PREVIOUS_SECRET, SECRET, SecretSource};
use usage_plan_core::lookup;

use super::place::text_of;
use crate::draft::{KEYS, Named};

/// A document whose secrets are all in it. Has no `Debug`: it holds them.
pub struct Resolved {
    /// The document.
    pub text: String,
    /// The keys whose secrets were not in it.
    pub keys: Vec<Named>,
}

/// Puts the secrets of variables and files into a document; relative paths begin in `directory`.
///
/// # Errors
///
/// Every rule that the document breaks, and every secret that is not there.
pub fn resolve(text: &[u8], directory: &Path) -> Result<Resolved, Errors> {
    // A file may change at any time: what was checked is what is put in.
    let found: RefCell<HashMap<(&str, String), String>> = RefCell::default();
    let secret = |source: &SecretSource| {
        let secret = text_of(source, directory)?;
        let (kind, name) = source.member(SECRET);
        found.borrow_mut().insert((kind, name.to_owned()), secret.clone());
        Ok(secret)
    };
    lookup::read_with(text, &secret)?;
    let found = found.into_inner();
    // A valid document is an object without repeated members, which the tree can hold.
    let mut tree: Map<String, Value> = serde_json::from_slice(text).unwrap_or_default();
    let mut keys = Vec::new();
    let list = tree.get_mut(KEYS.list).and_then(Value::as_array_mut);
    for key in list.into_iter().flatten().filter_map(Value::as_object_mut) {
        let members = std::mem::take(key);
        let mut changed = false;
        for (name, value) in members {
            let in_place = value.as_str().and_then(|value| {
                let (kind, member) = in_place_of(&name)?;
                Some((member, found.get(&(kind, value.to_owned()))?))
            });
            changed |= in_place.is_some();
            match in_place {
                Some((member, secret)) => key.insert(member.to_owned(), secret.as_str().into()),
                None => key.insert(name, value),
            };
        }
        if changed {
            keys.push(Named::of(KEYS, key));
        }
    }
    Ok(Resolved { text: format!("{:#}\n", Value::Object(tree)), keys })
}

/// The files in which a document, valid or not, keeps secrets; relative paths begin in `directory`.
pub fn files(text: &[u8], directory: &Path) -> Vec<PathBuf> {
    let tree: Value = serde_json::from_slice(text).unwrap_or_default();
    let keys = tree.get(KEYS.list).and_then(Value::as_array).into_iter().flatten();
    let [.., file] = SECRET;
    let [.., previous] = PREVIOUS_SECRET;
    let paths = keys.flat_map(|key| [key.get(file), key.get(previous)]).flatten().filter_map(Value::as_str);
    paths.map(|path| directory.join(path)).collect()
}

/// For a member that says where a secret is: the same for a present secret, and the member for the secret.
fn in_place_of(name: &str) -> Option<(&'static str, &'static str)> {
    [SECRET, PREVIOUS_SECRET].into_iter().find_map(|members| {
        let [in_document, elsewhere @ ..] = members;
        let position = elsewhere.iter().position(|member| *member == name)?;
        Some((*SECRET.get(position + 1)?, in_document))
    })
}
