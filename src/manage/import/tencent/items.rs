//! Items of lists, and how the plan or service is found that a list belongs to.

use std::collections::BTreeSet;

use super::input::{AnswerFile, ListKind};
use super::mappings::Mapping;
use crate::draft::text;
use crate::import::error::{Error, Result};
use crate::import::members::Members;
use crate::import::proposal::{EnvironmentBinding, KeyBinding, Object};
use crate::tencent as api;

/// An environment that a plan is bound to, or an API in it.
pub(super) struct EnvironmentItem {
    pub(super) service: String,
    pub(super) environment: String,
    /// The API, if the plan is not bound to the whole environment.
    pub(super) api: Option<ApiItem>,
    /// Requests per second of this binding alone.
    pub(super) limit: Option<i64>,
}

/// An API that a plan is bound to.
pub(super) struct ApiItem {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
}

/// A custom domain of a service.
pub(super) struct DomainItem {
    pub(super) domain: String,
    /// Whether the domain has path mappings that the service's other domains do not have.
    pub(super) has_own_paths: bool,
}

/// A list that does not say which plan or service it belongs to.
pub(super) struct UnassignedList {
    place: String,
    path: String,
    given_owner: Option<String>,
    pub(super) total: Option<i64>,
    pub(super) items: Items,
}

/// The items of such a list.
pub(super) enum Items {
    /// The ids of keys.
    Keys(Vec<String>),
    Environments(Vec<EnvironmentItem>),
    Domains(Vec<DomainItem>),
    /// The path mappings of a host.
    Mappings(Vec<Mapping>),
}

// === impl UnassignedList ===

impl UnassignedList {
    pub(super) fn new(result: &Members<'_>, file: &AnswerFile, items: Items) -> Result<Self> {
        Ok(Self {
            place: result.place().to_owned(),
            path: file.path.clone(),
            given_owner: file.owner.clone(),
            total: result.number(api::TOTAL_COUNT)?,
            items,
        })
    }

    /// The id of the plan or service that the list belongs to: the given one, or the one in the file's name,
    /// or that of the plan which has the same bindings.
    pub(super) fn find_owner(
        &self,
        plans: &[Object],
        services: &[Object],
        keys: &[KeyBinding],
        environments: &[EnvironmentBinding],
    ) -> Result<String> {
        if let Some(given) = &self.given_owner {
            return Ok(given.clone());
        }
        let candidates = match self.items.kind() {
            ListKind::Domains | ListKind::Mappings => services,
            ListKind::Keys | ListKind::Environments => plans,
        };
        let candidates: Vec<&str> = candidates.iter().map(|object| text(object, "id")).collect();
        let by_name = candidates.iter().filter(|id| self.path.contains(**id));
        if let Some(id) = single(by_name) {
            return Ok((*id).to_owned());
        }
        let by_bindings = candidates.iter().filter(|id| self.items.are_bindings_of(id, keys, environments));
        match single(by_bindings) {
            Some(id) => Ok((*id).to_owned()),
            None => Err(Error::UnknownOwner {
                place: self.place.clone(),
                path: self.path.clone(),
                kind: self.items.kind(),
            }),
        }
    }
}

// === impl Items ===

impl Items {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Keys(items) => items.is_empty(),
            Self::Environments(items) => items.is_empty(),
            Self::Domains(items) => items.is_empty(),
            Self::Mappings(items) => items.is_empty(),
        }
    }

    fn kind(&self) -> ListKind {
        match self {
            Self::Keys(_) => ListKind::Keys,
            Self::Environments(_) => ListKind::Environments,
            Self::Domains(_) => ListKind::Domains,
            Self::Mappings(_) => ListKind::Mappings,
        }
    }

    /// Whether the items are exactly the keys or environments that `plan` has among these bindings.
    fn are_bindings_of(&self, plan: &str, keys: &[KeyBinding], environments: &[EnvironmentBinding]) -> bool {
        match self {
            Self::Keys(ids) => {
                let bound = keys.iter().filter(|binding| binding.usage_plan == plan);
                have_same_items(
                    bound.map(|binding| binding.secret_id.as_str()),
                    ids.iter().map(String::as_str),
                )
            }
            Self::Environments(items) => {
                let bound = environments.iter().filter(|binding| binding.usage_plan == plan);
                have_same_items(
                    bound.map(|binding| (binding.service.as_str(), binding.environment.as_str())),
                    items.iter().map(|item| (item.service.as_str(), item.environment.as_str())),
                )
            }
            Self::Domains(_) | Self::Mappings(_) => false,
        }
    }
}

/// The only item; `None` if there are several, or none.
fn single<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    match (items.next(), items.next()) {
        (Some(item), None) => Some(item),
        _ => None,
    }
}

/// Whether both have the same items, in any order, and at least one.
fn have_same_items<T: Ord>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>) -> bool {
    let (a, b): (BTreeSet<T>, BTreeSet<T>) = (a.collect(), b.collect());
    !a.is_empty() && a == b
}
