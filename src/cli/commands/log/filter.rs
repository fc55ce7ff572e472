//! Which entries of the log are listed.

use std::collections::HashSet;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::{Entry, History};
use usage_plan_manage::draft::{Collection, KEYS, SERVICES, USAGE_PLANS, text};
use usage_plan_manage::file::DocumentFile;

use crate::commands::complete;
use crate::output::error::{Error, Result};

/// Options that choose entries. Each that is given must fit.
#[derive(Args, Debug)]
pub(super) struct Filter {
    /// List only what is about this key: its secret_id or name, now or then
    #[arg(long, add = complete::keys())]
    key: Option<String>,
    /// List only what is about this usage plan: its id or name, now or then
    #[arg(long, add = complete::plans())]
    plan: Option<String>,
    /// List only what is about this service: its id or name, now or then
    #[arg(long, add = complete::services())]
    service: Option<String>,
    /// List only what is not older than this, for example 24h or 7days
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
}

/// The objects that a name stood for.
struct Objects {
    list: &'static str,
    ids: HashSet<String>,
}

// === impl Filter ===

impl Filter {
    /// Whether an entry is listed.
    pub(super) fn predicate(
        &self,
        file: &DocumentFile,
        history: &History,
        now: Timestamp,
    ) -> Result<impl Fn(&Entry) -> bool> {
        let named = [(KEYS, &self.key), (USAGE_PLANS, &self.plan), (SERVICES, &self.service)];
        let named = named.into_iter().filter_map(|(collection, name)| Some((collection, name.as_ref()?)));
        let objects: Vec<Objects> = named
            .map(|(collection, name)| Objects::find(file, history, collection, name))
            .collect::<Result<_>>()?;
        let since = self.since;
        Ok(move |entry: &Entry| {
            let age = Timestamp::from_rfc3339(&entry.time).map(|time| now.saturating_since(time));
            let is_young = since.zip(age).is_none_or(|(since, age)| age <= since);
            is_young && objects.iter().all(|objects| objects.are_in(entry))
        })
    }
}

// === impl Objects ===

impl Objects {
    /// The objects that have the name or id in the document, or had it in an entry.
    fn find(file: &DocumentFile, history: &History, collection: Collection, name: &str) -> Result<Self> {
        let mut ids = HashSet::new();
        // The log can be read also when the document cannot.
        let draft = file.read().ok();
        if let Some(object) = draft.as_ref().and_then(|draft| draft.find(collection, name).ok()) {
            ids.insert(text(object, collection.id).to_owned());
        }
        let changes = history.entries.iter().flat_map(|found| found.entry.changes());
        for change in changes.filter(|change| change.list == collection.list) {
            if change.object.id == name || change.object.name == name {
                ids.insert(change.object.id.clone());
            }
        }
        if ids.is_empty() {
            let Collection { noun, id, .. } = collection;
            return Err(Error::refused(format!(
                "neither the document nor the log has a {noun} with the {id} or the name \"{name}\""
            )));
        }
        Ok(Self { list: collection.list, ids })
    }

    /// Whether the entry changes one of the objects, or what names one: a plan has the ids of its keys.
    fn are_in(&self, entry: &Entry) -> bool {
        let names =
            |text: &str| self.ids.iter().any(|id| text.contains(&Value::from(id.as_str()).to_string()));
        entry.changes().iter().any(|change| {
            let is_one = change.list == self.list && self.ids.contains(&change.object.id);
            is_one || names(&change.to_json().to_string())
        })
    }
}
