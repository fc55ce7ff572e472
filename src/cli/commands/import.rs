//! `usage-plan import`: carries another gateway's keys, usage plans and services over into the document.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use usage_plan_manage::file::{DocumentFile, Edited, Missing};
use usage_plan_manage::import::tencent::{AnswerFile, ListKind};
use usage_plan_manage::import::{
    self, Advice, Conflict, Counts, Difference, Entry, Merged, Note, Problem, Proposal,
};
use usage_plan_manage::limits::format_quota;

use super::{EditOptions, read_input};
use crate::output::answer::{Answer, Table};
use crate::output::error::{Error, Result};

const TENCENT_HELP: &str = "\
    Reads the answers of DescribeApiKeysStatus, DescribeApiKey, DescribeUsagePlansStatus, DescribeUsagePlan, \
    DescribeUsagePlanSecretIds, DescribeUsagePlanEnvironments, DescribeServicesStatus, DescribeService, \
    DescribeServiceSubDomains and DescribeApisStatus: as the API returns them, or their Response alone, \
    any number in a file, pages in any order. The members of an answer show its action.\n\n\
    DescribeUsagePlanSecretIds, DescribeUsagePlanEnvironments and DescribeServiceSubDomains do not say which \
    plan or service they belong to. Write ID=FILE, or put the id into the file's name. Otherwise the plan is \
    used whose DescribeUsagePlan answer lists the same keys or environments.\n\n\
    Ask DescribeUsagePlanEnvironments with BindType API too: DescribeUsagePlan does not say whether a plan \
    is bound to an environment or to single APIs in it, and the latter cannot be carried over.\n\n\
    What the document already has is kept when it is equal, and is an error when it differs. The document \
    cannot have, and the import does not report: descriptions of services, tags, how much of a quota is \
    used.\n\n\
    Examples:\n\
    \x20 usage-plan import tencent keys.json plans.json services.json usagePlan-a1b2c3d4.keys.json\n\
    \x20 usage-plan import tencent *.json usagePlan-a1b2c3d4=bound.json --dry-run\n\
    \x20 usage-plan import tencent services.json service-e5f6g7h8=domains.json\n\
    \x20 usage-plan import tencent - --output json";

const KONG_HELP: &str = "\
    Each hmac-auth credential becomes a key: its username is the secret_id, its secret the secret_key, and \
    its consumer's username the name. Consumers with equal limits share a usage plan that counts each key \
    alone. A consumer with several credentials, whose limits Kong counts together, gets its own plan. A \
    secret that is ${{ env \"DECK_X\" }} or {vault://env/x} becomes a secret_key_env.\n\n\
    A service of Kong with hmac-auth and hosts becomes a service with one environment, release, to which \
    every path belongs. Every plan is bound to it.\n\n\
    Callers must change how they sign: Kong reads username=, this filter reads id=, and only headers are \
    signed, never the request line.\n\n\
    What the document already has is kept when it is equal, and is an error when it differs.\n\n\
    Examples:\n\
    \x20 usage-plan import kong kong.yaml --dry-run\n\
    \x20 usage-plan import kong -";

/// The source to import from.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// From the cloud API's answers: keys, usage plans, services and bindings
    #[command(after_help = TENCENT_HELP)]
    Tencent(TencentArguments),
    /// From a decK file: consumers with hmac-auth credentials, their rate limits, services with hosts
    #[command(after_help = KONG_HELP)]
    Kong(KongArguments),
}

/// The answers to import.
#[derive(Args, Debug)]
struct TencentArguments {
    /// Files of answers; `-` is standard input; ID=FILE says which plan or service a file belongs to
    #[arg(required = true, value_name = "[ID=]FILE")]
    files: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// The decK file to import.
#[derive(Args, Debug)]
struct KongArguments {
    /// A decK file, YAML or JSON; `-` is standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        match &self.source {
            Source::Tencent(arguments) => {
                let files: Vec<AnswerFile> =
                    arguments.files.iter().map(|argument| read_answers(argument)).collect::<Result<_>>()?;
                let proposal = import::tencent::read(&files).map_err(|error| of_import(file, error))?;
                merge(file, &arguments.edit, proposal)
            }
            Source::Kong(arguments) => {
                let (name, bytes) = read_input(&arguments.path)?;
                let proposal = import::kong::read(&bytes, &name).map_err(|error| of_import(file, error))?;
                merge(file, &arguments.edit, proposal)
            }
        }
    }
}

/// Reads `FILE` or `ID=FILE`. A file that exists may have `=` in its name.
fn read_answers(argument: &str) -> Result<AnswerFile> {
    let (owner, path) = match argument.split_once('=') {
        Some((owner, path)) if !owner.is_empty() && !Path::new(argument).exists() => (Some(owner), path),
        _ => (None, argument),
    };
    let (name, bytes) = read_input(Path::new(path))?;
    Ok(AnswerFile { name, path: path.to_owned(), owner: owner.map(str::to_owned), bytes })
}

/// Merges `proposal` into the document, or reports everything that prevents it.
fn merge(file: &DocumentFile, options: &EditOptions, proposal: Proposal) -> Result<Answer> {
    let edited = options
        .logged(file)
        .edit(options.mode(), Missing::IsEmpty, |draft| import::merge(draft, proposal))
        .map_err(|error| of_import(file, error))?;
    let Edited { value: Merged { counts, notes }, change } = edited;
    let mut answer = options.answer(file, Edited { value: counts_answer(&counts), change });
    for note in &notes {
        // A name of the source may have line breaks, and a warning is one line.
        answer = answer.warn(format!("{}: {}", note.object, reason(note)).replace(char::is_control, " "));
    }
    let notes = notes.iter().map(|note| json!({"object": note.object, "reason": reason(note)}));
    answer.insert("not_carried_over", notes.collect::<Value>());
    Ok(answer)
}

/// A table of how many entries of each kind were carried over.
fn counts_answer(counts: &[(Entry, Counts)]) -> Answer {
    let mut table = Table::new(&["", "ADDED", "KEPT", "LEFT OUT"]);
    let mut json = Map::new();
    for (entry, Counts { added, kept, left_out }) in counts {
        let numbers = [added, kept, left_out].map(ToString::to_string);
        table.row([entry.list().replace('_', " ")].into_iter().chain(numbers));
        let numbers = json!({"added": added, "kept": kept, "left_out": left_out});
        json.insert(entry.list().to_owned(), numbers);
    }
    Answer::new(table, json.into())
}

/// The reason of a note with the command that helps, if there is one.
fn reason(note: &Note) -> String {
    let advice = match note.advice {
        None => return note.reason.clone(),
        Some(Advice::BindEnvironments) => "bind the plans with `usage-plan plan bind-environment`",
        Some(Advice::BindWholeEnvironment) => {
            "`usage-plan plan bind-environment` lets its keys call the whole environment"
        }
        Some(Advice::CreateKey) => {
            "write the secret into the file, or put it into a variable of Envoy's VM and create the key with \
             `usage-plan key create --secret-key-env`"
        }
    };
    format!("{}; {advice}", note.reason)
}

fn of_import(file: &DocumentFile, error: import::Error) -> Error {
    match error {
        import::Error::Document(error) => Error::of_edit(file.path(), error),
        import::Error::UnknownOwner { place, path, kind } => {
            let (owner, id) = match kind {
                ListKind::Keys | ListKind::Environments => ("usage plan", "usagePlan-…"),
                ListKind::Domains | ListKind::Mappings => ("service", "service-…"),
            };
            Error::refused(format!(
                "{place}: {kind} does not say which {owner} it belongs to, and nothing else shows it: \
                 give {id}={path}"
            ))
        }
        import::Error::Conflicts(conflicts) => {
            let lines: Vec<String> = conflicts.iter().map(conflict).collect();
            Error::refused(format!(
                "nothing is imported, because an import does not change what {} has, and binds only what is \
                 described:\n  {}",
                file.path().display(),
                lines.join("\n  ")
            ))
        }
        error @ (import::Error::Input { .. } | import::Error::Foreign { .. }) => {
            Error::refused(error.to_string())
        }
    }
}

fn conflict(Conflict { object, problem }: &Conflict) -> String {
    match problem {
        Problem::Differs(difference) => format!("{object}: {}", difference_text(difference)),
        Problem::Undescribed => format!(
            "{object}: something is bound to it, and neither the files nor the document describe it: \
             import the answer that describes it"
        ),
    }
}

fn difference_text(difference: &Difference) -> String {
    let limit = |limit: &Option<u64>| limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    match difference {
        Difference::Value { member, document, imported } => {
            format!("{member} is {document} and not {imported}")
        }
        Difference::Limit { document, imported } => {
            format!("max_requests_per_second is {} and not {}", limit(document), limit(imported))
        }
        Difference::Quotas { document, imported } => {
            let [document, imported] = [document, imported]
                .map(|quotas| quotas.iter().map(format_quota).collect::<Vec<_>>().join(", "));
            format!("quotas are [{document}] and not [{imported}]")
        }
        Difference::Missing { item, value } => format!("{item} {value} is missing"),
        Difference::SecretInVariable(variable) => format!("secret is in the variable {variable}"),
        Difference::Hidden(member) => format!("{member} is different"),
    }
}
