//! The files of answers that are read, and the kinds of lists in them.

use std::fmt;

use crate::tencent as api;

/// A file of answers.
pub struct AnswerFile {
    /// How errors call the file.
    pub name: String,
    /// The file's path as it was given. It may contain the id of the plan or service that a list belongs to.
    pub path: String,
    /// The id of the plan or service that the lists of the file belong to, if it was given.
    pub owner: Option<String>,
    /// Any number of answers, one after the other.
    pub bytes: Vec<u8>,
}

/// What a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The keys bound to a plan.
    Keys,
    /// The environments bound to a plan.
    Environments,
    /// The domains of a service.
    Domains,
    /// The path mappings of a domain of a service.
    Mappings,
}

// === impl ListKind ===

impl ListKind {
    /// What such a list belongs to.
    pub fn owner(self) -> &'static str {
        match self {
            Self::Keys | Self::Environments => "usage plan",
            Self::Domains | Self::Mappings => "service",
        }
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (items, list) = match self {
            Self::Keys => ("keys", api::PLAN_KEYS.list),
            Self::Environments => ("environments", api::PLAN_ENVIRONMENTS.list),
            Self::Domains => ("domains", api::SERVICE_DOMAINS.list),
            Self::Mappings => ("path mappings", api::PATH_MAPPING_SET),
        };
        write!(f, "a list of {items} ({list})")
    }
}
