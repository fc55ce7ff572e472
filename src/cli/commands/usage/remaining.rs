//! `usage-plan usage --key`: what is left of a key's limits, as its caller would see it.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use usage_plan_core::document::Document;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::dates;
use usage_plan_manage::draft::Named;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::remaining::{self, Gateway, Question, Refused, Target};
use usage_plan_manage::secrets::LocalDocument;

use crate::commands::complete;
use crate::output::answer::{Answer, Cell, Column, Table, Text, Tone};
use crate::output::error::{Error, Result};
use crate::output::labels::Labels;

/// How long a gateway may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Whose limits to ask for, of which gateway.
#[derive(Args, Debug)]
pub(super) struct RemainingOptions {
    /// Show what is left of the limits of this key, by its id or name, instead of counts: --gateway is asked
    /// with a request that the key signs
    #[arg(long, conflicts_with_all = ["by", "top", "sort"], add = complete::keys())]
    key: Option<String>,
    /// Where callers reach the gateway, for --key
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:10000")]
    gateway: Gateway,
    /// The service, by its id or name, if the key can call several
    #[arg(long, requires = "key", add = complete::services())]
    service: Option<String>,
    /// The environment, if the key can call several
    #[arg(long, requires = "key", add = complete::environments())]
    environment: Option<String>,
}

// === impl RemainingOptions ===

impl RemainingOptions {
    /// The gateway's answer, if a key's limits are asked for. `typed` are the flags of the command line: what
    /// was not typed is a setting for other questions too.
    pub(super) fn run(&self, file: &DocumentFile, typed: &[String]) -> Result<Option<Answer>> {
        let is_typed = |flag: &str| typed.iter().any(|typed| typed == flag);
        match &self.key {
            None if is_typed("gateway") => Err(Error::usage(
                "--gateway is asked for what is left of a key's limits: --key says of which",
            )),
            None => Ok(None),
            Some(_) if is_typed("admin") => Err(Error::usage(
                "--key asks the gateway, as callers do: --gateway says where it is, not --admin",
            )),
            Some(key) => self.ask(file, key).map(Some),
        }
    }

    fn ask(&self, file: &DocumentFile, key: &str) -> Result<Answer> {
        let local = LocalDocument::read(file)?;
        let question = Question {
            key,
            service: self.service.as_deref(),
            environment: self.environment.as_deref(),
            gateway: &self.gateway,
        };
        match remaining::ask(&local, &question, dates::now(), TIMEOUT) {
            Ok(usage) => Ok(Answer::new(text(&usage, local.document()), usage)),
            Err(error) => Err(self.explain(error, local.document())),
        }
    }

    /// The error in the words of this command, with its flags.
    fn explain(&self, error: remaining::Error, document: &Document) -> Error {
        let services = Labels::of_services(document);
        let flags = |Target { service, environment }: &Target| {
            format!("\n  --service {} --environment {environment}", services.get(service))
        };
        let place = |Target { service, environment }: &Target| {
            format!("environment \"{environment}\" of service {}", services.get(service))
        };
        match error {
            remaining::Error::NoUsagePath => Error::refused(
                "the document has no options.usage_path, at which the filter shows what is left: set it, such as to \
                 \"/.usage-plan/usage\", and publish",
            ),
            remaining::Error::NoPlan { key, others } if others.is_empty() => {
                Error::refused(format!("key {key} is on no plan that is bound to an environment"))
            }
            remaining::Error::NoPlan { key, others } => {
                let others: String = others.iter().map(flags).collect();
                Error::refused(format!("key {key} has no plan there; it has one with{others}"))
            }
            remaining::Error::Several(targets) => {
                let targets: String = targets.iter().map(flags).collect();
                Error::usage(format!(
                    "the key can call several environments: say which, with one of{targets}"
                ))
            }
            remaining::Error::Hidden(target) => Error::refused(format!(
                "service {} shows no caller what is left: its show_usage is false",
                services.get(&target.service)
            )),
            remaining::Error::NoAddress(target) => Error::refused(format!(
                "no request to options.usage_path reaches {}: no path of the service names it",
                place(&target)
            )),
            remaining::Error::Sign(error) => error.into(),
            remaining::Error::NoAnswer(why) => Error::unreachable(format!("--gateway {}", self.gateway), why),
            remaining::Error::Other(refused) => self.refused(&refused),
        }
    }

    fn refused(&self, Refused { status, message, retry_after, here }: &Refused) -> Error {
        let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        let answer = format!("{} answers {status}{message}", self.gateway);
        let in_force = "whether the gateway has the document that is here in force";
        Error::refused(match (status, here, retry_after) {
            (_, Some(outcome), _) => {
                format!("{answer}\nthe document here has the reason: {}", outcome.as_str())
            }
            (429, None, Some(seconds)) => format!("{answer}; ask again in {seconds} s"),
            (429, None, None) => answer,
            (401 | 403 | 404, None, _) => {
                format!("{answer}\nthe document here would let it pass: `usage-plan status` shows {in_force}")
            }
            (200..300, None, _) => format!(
                "{answer}, and not what the filter shows: the request went upstream\n\
                 `usage-plan status` shows {in_force}"
            ),
            _ => format!("{answer}\n`usage-plan status` shows what is wrong there"),
        })
    }
}

/// A line that says whose limits they are, and a table of them.
fn text(usage: &Value, document: &Document) -> Text {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let plan = &usage["usage_plan"];
    let (key, service) = (word(&usage["key"]), word(&usage["service"]));
    let mut text: Text = format!(
        "key {} on usage plan {}, in environment \"{}\" of service {}",
        Named::new(&key, document.key(&key).map_or("", |key| &key.name)),
        Named::new(&word(&plan["id"]), &word(&plan["name"])),
        word(&usage["environment"]),
        Named::new(&service, document.service(&service).map_or("", |service| &service.name)),
    )
    .into();
    let limits = usage["limits"].as_array().map(Vec::as_slice).unwrap_or_default();
    if limits.is_empty() {
        text.push_below("The plan has no limit.");
        return text;
    }
    let columns = [
        Column::always("LIMIT"),
        Column::if_any("API"),
        Column::always("USED"),
        Column::always("MAXIMUM"),
        Column::always("REMAINING"),
        Column::always("RENEWS"),
    ];
    let mut table = Table::with_columns(columns);
    for limit in limits {
        let number = |name: &str| limit[name].as_u64().unwrap_or_default().to_string();
        let tone = if limit["remaining"] == 0 { Tone::Bad } else { Tone::Plain };
        let renews = limit["renews_at"].as_str().map_or("never".to_owned(), rounded_up);
        table.row([
            Cell::from(word(&limit["name"])),
            Cell::from(word(&limit["api"])),
            Cell::from(number("used")),
            Cell::from(number("limit")),
            Cell::state(number("remaining"), tone),
            Cell::from(renews),
        ]);
    }
    text.push_below(table);
    text
}

/// The time in whole seconds, which is never too early.
fn rounded_up(time: &str) -> String {
    let last_fraction = Duration::from_nanos(999_999_999);
    let rounded = |time: Timestamp| dates::whole_seconds(time.saturating_add(last_fraction)).to_rfc3339();
    Timestamp::from_rfc3339(time).map_or_else(|| time.to_owned(), rounded)
}
