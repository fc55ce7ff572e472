//! `usage-plan service`: published APIs.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use usage_plan_core::document::{AUTHENTICATION, word};
use usage_plan_core::document::{Document, Service};
use usage_plan_manage::dates::now;
use usage_plan_manage::draft::{Members, SERVICES, text};
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::service;

use super::{EditOptions, complete, deleted, new_object};
use crate::output::age::age;
use crate::output::answer::{Answer, Column, Table};
use crate::output::error::{Error, Result};
use crate::output::flags::Flags;
use crate::output::labels::Labels;

/// What can be done to services. A SERVICE is an id, or a name that only one service has.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a service
    #[command(after_help = "Examples:\n  \
        usage-plan service create --name orders --domain orders.example.com --default-environment release\n  \
        usage-plan service create --name shop --domain '*.shop.example.com' --environment live \\\n    \
        --path-mapping /v1=live")]
    Create(CreateArguments),
    /// Change a service
    #[command(after_help = "Examples:\n  \
        usage-plan service edit orders --domain orders.example.com --domain orders.example.org\n  \
        usage-plan service edit orders --default-environment ''")]
    Edit(EditArguments),
    /// List services
    #[command(
        after_help = "Examples:\n  usage-plan service list\n  usage-plan service list orders -o wide\n  usage-plan service list -o json"
    )]
    List(ListArguments),
    /// Show a service and the usage plans bound to its environments
    #[command(after_help = "Example:\n  usage-plan service show orders")]
    Show(ShowArguments),
    /// Delete services to which no usage plan is bound
    #[command(after_help = "Examples:\n  usage-plan service delete orders\n  \
        usage-plan service delete orders shop")]
    Delete(DeleteArguments),
}

/// `usage-plan service create`
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// A name for people: up to 50 of A-Z a-z 0-9 _ -
    #[arg(long)]
    name: String,
    /// Use this id instead of service- and 8 random characters
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan service edit`
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    /// The service's id or name
    #[arg(add = complete::services())]
    service: String,
    /// Rename the service
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    members: MemberArguments,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan service list`
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// List only services whose id or name contains this
    filter: Option<String>,
}

/// `usage-plan service show`
#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The service's id or name
    #[arg(add = complete::services())]
    service: String,
}

/// `usage-plan service delete`
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    /// The services' ids or names
    #[arg(required = true, add = complete::services(), value_name = "SERVICE")]
    services: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// The members of a service that flags set. "" removes a member; a list is given as a whole.
#[derive(Args, Debug)]
struct MemberArguments {
    /// A host that the service answers on (repeatable): exact, *.suffix, or *; without a port
    #[arg(long)]
    domain: Vec<String>,
    /// An environment that the service is published in (repeatable); release, prepub and test unless given
    #[arg(long)]
    environment: Vec<String>,
    /// The environment of a path that names none; without one, such a request is answered with 404
    #[arg(long, value_name = "ENVIRONMENT")]
    default_environment: Option<String>,
    /// Map a path prefix to an environment (repeatable); replaces the /ENVIRONMENT prefix
    #[arg(long, value_name = "PATH=ENVIRONMENT", value_parser = path_mapping)]
    path_mapping: Vec<Value>,
    /// "key_pair": every request is signed; "none": a request without a credential passes
    #[arg(long, value_name = "HOW")]
    authentication: Option<String>,
    /// A header that callers must sign besides a date, in lower case (repeatable)
    #[arg(long, value_name = "NAME")]
    required_signed_header: Vec<String>,
}

// === impl Command ===

impl Command {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match self {
            Self::Create(arguments) => arguments.run(file),
            Self::Edit(arguments) => arguments.run(file),
            Self::List(arguments) => arguments.run(file),
            Self::Show(arguments) => arguments.run(file),
            Self::Delete(arguments) => arguments.run(file),
        }
    }
}

// === impl CreateArguments ===

impl CreateArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        if self.members.domain.is_empty() {
            return Err(Error::usage(
                "--domain is missing: on which host does the service answer? `*` is any host",
            ));
        }
        let (new, flags) = new_object(SERVICES, &self.id, &self.name, self.members.get())?;
        let created = self.edit.edit(
            file,
            Missing::IsEmpty,
            |draft| service::create(draft, new),
            |service| Answer::object(SERVICES, service, "created"),
        );
        created.map_err(|error| flags.in_error(error))
    }
}

// === impl EditArguments ===

impl EditArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let members = Members::new().with("name", self.name.as_deref()).and(self.members.get());
        let flags = Flags::check(SERVICES, &members)?;
        let edited = self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| service::edit(draft, &self.service, members),
            |service| Answer::object(SERVICES, service, "edited"),
        );
        edited.map_err(|error| flags.in_error(error))
    }
}

// === impl ListArguments ===

impl ListArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let mut table = Table::with_columns([
            Column::always("NAME"),
            Column::wide("ID"),
            Column::always("DOMAINS"),
            Column::always("ENVIRONMENTS"),
            Column::always("AUTHENTICATION"),
            Column::narrow("USAGE PLANS"),
            Column::wide("USAGE PLANS"),
            Column::narrow("AGE"),
            Column::wide("CREATED"),
        ]);
        let mut json = Vec::new();
        let (document, now) = (draft.document(), now());
        let (labels, plan_labels) = (Labels::of_services(document), Labels::of_plans(document));
        for (object, service) in draft.matching(SERVICES, &document.services, self.filter.as_deref()) {
            let mut plans: Vec<&str> =
                service::plans(document, &service.id).map(|(plan, _)| plan.id.as_str()).collect();
            plans.sort_unstable();
            plans.dedup();
            let plan_names: Vec<&str> = plans.iter().map(|id| plan_labels.get(id)).collect();
            table.row([
                labels.get(&service.id),
                &service.id,
                &service.domains.join(" "),
                &environments(service),
                word(&AUTHENTICATION, service.authentication),
                &plan_names.join(" "),
                &plans.join(" "),
                &age(service.created_at, now),
                text(object, "created_at"),
            ]);
            json.push(shown(object, document, &service.id));
        }
        Ok(Answer::new(table, json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let service = draft.find(SERVICES, &self.service)?;
        let shown = shown(service, draft.document(), text(service, SERVICES.id));
        Ok(Answer::new(Table::of_members(&shown), shown))
    }
}

// === impl DeleteArguments ===

impl DeleteArguments {
    fn run(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| service::delete(draft, &self.services),
            |services| deleted(SERVICES, &services),
        )
    }
}

// === impl MemberArguments ===

impl MemberArguments {
    fn get(&self) -> Members {
        Members::new()
            .with_list("domains", &self.domain)
            .with_list("environments", &self.environment)
            .with("default_environment", self.default_environment.as_deref())
            .with_list("path_mappings", &self.path_mapping)
            .with("authentication", self.authentication.as_deref())
            .with_list("required_signed_headers", &self.required_signed_header)
    }
}

/// Reads `/v1=release`; "" is no mapping.
fn path_mapping(text: &str) -> std::result::Result<Value, String> {
    match text.rsplit_once('=') {
        _ if text.is_empty() => Ok("".into()),
        Some((path, environment)) => Ok(json!({"path": path, "environment": environment})),
        None => Err("must be a path, = and an environment, such as /v1=release".to_owned()),
    }
}

/// The service as it is in the document, with the plans bound to its environments.
fn shown(service: &Map<String, Value>, document: &Document, id: &str) -> Value {
    let mut shown = service.clone();
    let plans = service::plans(document, id)
        .map(|(plan, environment)| json!({"usage_plan": plan.id, "environment": environment}));
    shown.insert("usage_plans".to_owned(), plans.collect());
    shown.into()
}

/// The service's environments, the default one with a star.
fn environments(service: &Service) -> String {
    let star = |name: &String| if service.default_environment.as_ref() == Some(name) { "*" } else { "" };
    let names: Vec<String> =
        service.environments.iter().map(|name| format!("{name}{}", star(name))).collect();
    names.join(" ")
}
