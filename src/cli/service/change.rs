//! `usage-plan service create`, `edit` and `delete`

use clap::Args;
use serde_json::{Map, Value, json};

use super::plans;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{Named, SERVICES, list, set};
use crate::error::{Error, Result};
use crate::moment::{now, rfc3339};
use crate::random;

/// The cloud product's ids are this and random characters.
const PREFIX: &str = "service-";
const RANDOM: usize = 8;

/// A service to make.
#[derive(Args, Debug)]
pub struct CreateArguments {
    /// For people: up to 50 of A-Z a-z 0-9 _ -
    #[arg(long)]
    name: String,
    /// An id of one's own, instead of service- and 8 random characters
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// A service, and what to change of it.
#[derive(Args, Debug)]
pub struct EditArguments {
    /// Its id or name
    service: String,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// A service to delete.
#[derive(Args, Debug)]
pub struct DeleteArguments {
    /// Its id or name
    service: String,
    #[command(flatten)]
    edit: EditOptions,
}

/// What a service is. "" takes away what is there; a list is given whole.
#[derive(Args, Debug)]
struct MemberArguments {
    /// A host that it answers on: exact, *.suffix, or *; without a port
    #[arg(long)]
    domain: Vec<String>,
    /// Where it is published, all of it; a service that does not say has release, prepub and test
    #[arg(long)]
    environment: Vec<String>,
    /// The environment of a path that names none; without one such a call is 404
    #[arg(long, value_name = "ENVIRONMENT")]
    default_environment: Option<String>,
    /// A path that stands for an environment; when there are any, they replace the /ENVIRONMENT prefix
    #[arg(long, value_name = "PATH=ENVIRONMENT", value_parser = path_mapping)]
    path_mapping: Vec<Value>,
    /// "key_pair": every call is signed; "none": a call without a credential passes
    #[arg(long, value_name = "HOW")]
    authentication: Option<String>,
    /// A header that callers must sign besides a date, in lower case
    #[arg(long, value_name = "NAME")]
    required_signed_header: Vec<String>,
}

// === impl CreateArguments ===

impl CreateArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        if self.members.domain.is_empty() {
            return Err(Error::usage(
                "--domain is missing: on which host does the service answer? `*` is any",
            ));
        }
        let id = match &self.id {
            Some(id) => id.clone(),
            None => format!("{PREFIX}{}", random::lowercase(RANDOM)?),
        };
        let mut service = Map::new();
        service.insert("id".to_owned(), id.into());
        service.insert("name".to_owned(), self.name.as_str().into());
        self.members.apply(&mut service);
        set(&mut service, "created_at", Some(rfc3339(now()).into()));
        file.edit(&self.edit, Missing::IsEmpty, |draft| {
            draft.add(SERVICES, service.clone())?;
            Ok(Answer::new(format!("service {} is created", Named::of(SERVICES, &service)), service.into()))
        })
    }
}

// === impl EditArguments ===

impl EditArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            draft.edit(SERVICES, &self.service, self.name.as_deref(), |service| self.members.apply(service))
        })
    }
}

// === impl DeleteArguments ===

impl DeleteArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let id = draft.resolve(SERVICES, &self.service)?.id;
            let unbind = plans(draft.document(), &id)
                .map(|(plan, environment)| format!("plan unbind-environment {} {id} {environment}", plan.id));
            let unbind: Vec<String> = unbind.collect();
            draft.delete(SERVICES, &id, &unbind)
        })
    }
}

// === impl MemberArguments ===

impl MemberArguments {
    /// Writes what was given into the service's object.
    fn apply(&self, service: &mut Map<String, Value>) {
        let text = |given: &Option<String>| given.as_deref().map(Value::from);
        set(service, "domains", list(&self.domain));
        set(service, "environments", list(&self.environment));
        set(service, "default_environment", text(&self.default_environment));
        set(service, "path_mappings", list(&self.path_mapping));
        set(service, "authentication", text(&self.authentication));
        set(service, "required_signed_headers", list(&self.required_signed_header));
    }
}

/// `/v1=release`; "" is none.
fn path_mapping(text: &str) -> std::result::Result<Value, String> {
    match text.rsplit_once('=') {
        _ if text.is_empty() => Ok("".into()),
        Some((path, environment)) => Ok(json!({"path": path, "environment": environment})),
        None => Err("must be a path, = and an environment, such as /v1=release".to_owned()),
    }
}
