//! What the commands about an engine share: which engine, which counters, and the document's names.

use clap::Args;
use usage_plan_manage::draft::{Draft, KEYS, USAGE_PLANS};
use usage_plan_manage::engine::{self, EngineAdmin};
use usage_plan_manage::file::DocumentFile;

use crate::commands::complete;
use crate::output::error::Error;

/// The engine's admin port in the docs.
pub(crate) const ADMIN: &str = "127.0.0.1:18082";

/// Where Envoys reach an engine without flags.
pub(crate) const LISTEN: &str = "127.0.0.1:18081";

/// The domain that an engine serves without flags.
pub(crate) const DOMAIN: &str = "usage-plans";

/// The engine to ask.
#[derive(Args, Debug)]
pub(super) struct EngineOptions {
    /// The engine's admin port
    #[arg(long, value_name = "HOST:PORT", default_value = ADMIN)]
    pub(super) admin: EngineAdmin,
}

/// Which counters are meant.
#[derive(Args, Debug)]
pub(super) struct FilterOptions {
    /// Of this plan, by its id, or by its name in the document
    #[arg(long, add = complete::plans())]
    pub(super) plan: Option<String>,
    #[command(flatten)]
    part: PartOptions,
    /// Of this window or period: second, minute, hour, day, week, month, year or total
    #[arg(long)]
    period: Option<String>,
    /// Of this domain
    #[arg(long)]
    domain: Option<String>,
}

/// Which of the counters of a plan is meant.
#[derive(Args, Debug)]
pub(super) struct PartOptions {
    /// Of this key, by its secret_id, or by its name in the document; the plan counts its keys apart
    #[arg(long, add = complete::keys())]
    key: Option<String>,
    /// Of this part, as `usage-plan engine show` prints it
    #[arg(long, conflicts_with = "key")]
    part: Option<String>,
}

/// The names in the document, if there is one.
pub(super) struct Names(Option<Draft>);

// === impl EngineOptions ===

impl EngineOptions {
    /// The error of this command when the engine does not do what it was asked.
    pub(super) fn error(&self, error: engine::Error) -> Error {
        match error {
            engine::Error::NoAnswer(why) => Error::unreachable(&self.admin, why),
            engine::Error::Refused(why) => Error::refused(format!("{}: {why}", self.admin)),
        }
    }
}

// === impl FilterOptions ===

impl FilterOptions {
    /// The members of the engine's filter.
    pub(super) fn members(&self, names: &Names) -> Vec<(&'static str, String)> {
        let Self { plan, part: PartOptions { key, part }, period, domain } = self;
        let members = [
            ("plan", plan.as_deref().map(|plan| names.plan(plan))),
            ("key", key.as_deref().map(|key| names.key(key))),
            ("part", part.clone()),
            ("period", period.clone()),
            ("domain", domain.clone()),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

// === impl PartOptions ===

impl PartOptions {
    pub(super) fn part(&self, names: &Names) -> Option<String> {
        let of_key = self.key.as_deref().map(|key| format!("key/{}", names.key(key)));
        of_key.or_else(|| self.part.clone())
    }
}

// === impl Names ===

impl Names {
    /// An engine is of many gateways, so there may be no document beside it.
    pub(super) fn of(file: &DocumentFile) -> Self {
        Self(file.read().ok())
    }

    /// The id of a plan. What the document does not know is an id.
    pub(super) fn plan(&self, plan: &str) -> String {
        let found = self.0.as_ref().and_then(|draft| draft.resolve(USAGE_PLANS, plan).ok());
        found.map_or_else(|| plan.to_owned(), |plan| plan.id)
    }

    /// The `secret_id` of a key. What the document does not know is one.
    pub(super) fn key(&self, key: &str) -> String {
        let found = self.0.as_ref().and_then(|draft| draft.resolve(KEYS, key).ok());
        found.map_or_else(|| key.to_owned(), |key| key.id)
    }
}

/// The members as the client takes them.
pub(super) fn borrowed<'m>(members: &'m [(&'static str, String)]) -> Vec<(&'m str, &'m str)> {
    members.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
