//! Lists that do not say which plan or service they are of.

use std::collections::BTreeSet;

use super::Input;
use super::collected::EnvironmentItem;
use crate::draft::text;
use crate::error::{Error, Result};
use crate::import::members::Members;
use crate::import::proposal::{EnvironmentBinding, KeyBinding, Object};

/// A list that does not say what it is of.
pub(super) struct Unowned {
    place: String,
    path: String,
    given: Option<String>,
    pub(super) total: Option<i64>,
    pub(super) list: List,
}

/// What such a list has.
pub(super) enum List {
    /// DescribeUsagePlanSecretIds
    Keys(Vec<String>),
    /// DescribeUsagePlanEnvironments
    Environments(Vec<EnvironmentItem>),
    /// DescribeServiceSubDomains; with whether paths are mapped in a way of the domain's own.
    Domains(Vec<(String, bool)>),
}

// === impl Unowned ===

impl Unowned {
    pub(super) fn new(result: &Members<'_>, input: Input<'_>, list: List) -> Result<Self> {
        Ok(Self {
            place: result.place().to_owned(),
            path: input.path.to_owned(),
            given: input.owner.map(str::to_owned),
            total: result.number("TotalCount")?,
            list,
        })
    }

    /// The id of the plan or service that the list is of: as given, as the file's name has it, or as what plans say of
    /// what is bound to them.
    pub(super) fn owner(
        &self,
        plans: &[Object],
        services: &[Object],
        keys: &[KeyBinding],
        environments: &[EnvironmentBinding],
    ) -> Result<String> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let candidates = if matches!(self.list, List::Domains(_)) { services } else { plans };
        let candidates: Vec<&str> = candidates.iter().map(|object| text(object, "id")).collect();
        let by_name = candidates.iter().filter(|id| self.path.contains(**id));
        if let Some(id) = only(by_name) {
            return Ok((*id).to_owned());
        }
        let bound_to = |plan: &str| match &self.list {
            List::Keys(ids) => {
                let listed = keys.iter().filter(|binding| binding.usage_plan == plan);
                same(listed.map(|binding| binding.secret_id.as_str()), ids.iter().map(String::as_str))
            }
            List::Environments(items) => {
                let listed = environments.iter().filter(|binding| binding.usage_plan == plan);
                let listed = listed.map(|binding| (binding.service.as_str(), binding.environment.as_str()));
                same(listed, items.iter().map(|item| (item.service.as_str(), item.environment.as_str())))
            }
            List::Domains(_) => false,
        };
        let by_content = candidates.iter().filter(|id| bound_to(id));
        only(by_content).map(|id| (*id).to_owned()).ok_or_else(|| self.unknown())
    }

    fn unknown(&self) -> Error {
        let (what, owner, id) = match self.list {
            List::Keys(_) => ("a list of keys (AccessKeyList)", "usage plan", "usagePlan-…"),
            List::Environments(_) => {
                ("a list of environments (EnvironmentList)", "usage plan", "usagePlan-…")
            }
            List::Domains(_) => ("a list of domains (DomainSet)", "service", "service-…"),
        };
        Error::refused(format!(
            "{}: {what} does not say which {owner} it is of, and it cannot be told: give {id}={}",
            self.place, self.path
        ))
    }
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    match (items.next(), items.next()) {
        (Some(item), None) => Some(item),
        _ => None,
    }
}

/// Whether both have the same, and something.
fn same<T: Ord>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>) -> bool {
    let (a, b): (BTreeSet<T>, BTreeSet<T>) = (a.collect(), b.collect());
    !a.is_empty() && a == b
}
