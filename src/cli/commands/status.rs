//! `usage-plan status`: prints what is in force in running Envoys, and what is wrong there.

mod json;
mod report;
mod subscribed;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_manage::admin::{Admin, ConfiguredDocument};
use usage_plan_manage::draft;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::publish::ValidDocument;
use usage_plan_manage::status::{EnvoyStatus, Here, Question};
use usage_plan_manage::subscriptions::ServerAddress;

use self::report::Report;
use self::subscribed::Subscribed;
use super::admin_options::{AdminOptions, no_document, published};
use crate::output::answer::{Answer, Text};
use crate::output::error::{Kind, Result};

/// The Envoys to ask, and what to compare them with.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    admin: AdminOptions,
    /// The directory that Envoy watches: also say whether the file in it is what is in force
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Also ask a server on this machine (`usage-plan serve`) which Envoys subscribe to it; without --admin,
    /// ask it alone
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<ServerAddress>,
    /// How long to watch whether calls that were refused by the guard, or met no VM, still are
    #[arg(
        long = "for",
        value_name = "DURATION",
        default_value = "1s",
        value_parser = humantime::parse_duration
    )]
    watch: Duration,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (published, refused) = self.to.as_deref().map(files).transpose()?.unwrap_or_default();
        let (valid, invalid) = read(file)?;
        let here = valid.as_ref().map(Here::of);
        let question = Question {
            here: here.as_ref(),
            published: published.as_ref(),
            put_away: refused.as_ref(),
            watch: self.watch,
        };
        let subscribed = self.server.as_ref().map(Subscribed::ask).transpose()?;
        let admins = match self.server {
            Some(_) if !self.admin.is_given() => Vec::new(),
            _ => self.admin.or_shipped(),
        };
        let envoys = EnvoyStatus::all(&admins, question);
        let text = valid.as_ref().map(ValidDocument::text).unwrap_or("{}");
        let document = draft::read(text.as_bytes()).unwrap_or_default();
        let report =
            Report { document: &document, here: here.as_ref(), to: self.to.as_deref(), watch: self.watch };
        let is_wrong = |(_, status): &(Admin, _)| is_wrong(status);
        let is_refused = subscribed.as_ref().is_some_and(Subscribed::is_wrong);
        let failed = if invalid.is_some() || is_refused || envoys.iter().any(is_wrong) {
            Some(Kind::Refused)
        } else {
            envoys.iter().any(|(_, status)| status.is_err()).then_some(Kind::Unreachable)
        };
        let mut text = Text::default();
        for (index, (admin, status)) in envoys.iter().enumerate() {
            if index > 0 {
                text.push_str("\n");
            }
            text.push_below(admin.address());
            text.push_below(words::table(&report, admin, status));
        }
        if let Some(subscribed) = &subscribed {
            if !envoys.is_empty() {
                text.push_str("\n");
            }
            text.push_below(subscribed.text());
        }
        let envoys: Vec<Value> =
            envoys.iter().map(|(admin, status)| json::envoy(&report, admin, status)).collect();
        let json = json!({
            "ok": failed.is_none(),
            "document": here.as_ref().map(|here| json!({"digest": here.digest().to_string()})),
            "envoys": envoys,
            "server": subscribed.as_ref().map(Subscribed::to_json),
        });
        let answer = Answer { failed, ..Answer::new(text, json) };
        Ok(invalid.into_iter().fold(answer, Answer::warn))
    }
}

fn is_wrong(status: &usage_plan_manage::admin::Result<EnvoyStatus>) -> bool {
    status.as_ref().is_ok_and(|status| !status.problems.is_empty())
}

/// The document here, if there is one; and what is wrong with it.
fn read(file: &DocumentFile) -> Result<(Option<ValidDocument>, Option<String>)> {
    if !fs::exists(file.path()).unwrap_or(true) {
        return Ok((None, None));
    }
    Ok(match ValidDocument::parse(&file.bytes()?) {
        Ok(document) => (Some(document), None),
        Err(errors) => {
            let (path, count) = (file.path().display(), errors.count());
            let warning = format!(
                "{path} cannot be compared, because it is not valid ({count} errors): \
                 `usage-plan check` shows what is wrong"
            );
            (None, Some(warning))
        }
    })
}

/// The document in the file that was published to `directory`, and the one in the refused file beside it.
fn files(directory: &Path) -> Result<(Option<ConfiguredDocument>, Option<ConfiguredDocument>)> {
    let [file, _, refused] = published(directory)?;
    file.map(|file| (Some(file), refused)).ok_or_else(|| no_document(directory))
}
