//! `usage-plan import kong`: a decK file's consumers with hmac-auth credentials, their rate limits, services with hosts.

mod credential;
mod limits;
mod plugins;
mod services;

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use self::limits::Limits;
use self::plugins::{enabled, plugins_of};
use super::members::Members;
use super::merge;
use super::proposal::{EnvironmentBinding, KeyBinding, Notes, Object, Part, Proposal};
use super::settle;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions};
use crate::draft::text;
use crate::error::{Error, Result};
use crate::source;

/// What `--help` says beyond the arguments.
pub(super) const HELP: &str = "\
    Each hmac-auth credential becomes a key: its username is the secret_id, its secret the secret_key, and its \
    consumer's username the name. Consumers with equal limits share a usage plan that counts each key alone; \
    one with several credentials, whose limits Kong counts together, has a plan of its own. A secret that is \
    ${{ env \"DECK_X\" }} or {vault://env/x} becomes a secret_key_env.\n\n\
    A service of Kong's with hmac-auth and hosts becomes a service with one environment, release, which every \
    path is in; every plan is bound to it.\n\n\
    Callers must sign anew: Kong reads username=, here it is id=, and what is signed are headers alone, never \
    the request line.\n\n\
    What the document has already is kept when it is equal, and an error when it differs.\n\n\
    Examples:\n\
    \x20 usage-plan import kong kong.yaml --dry-run\n\
    \x20 usage-plan import kong -";

/// A decK file to import.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A decK file, YAML or JSON; `-` is standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
    #[command(flatten)]
    edit: EditOptions,
}

/// A caller of Kong's.
struct Consumer<'v> {
    members: Members<'v>,
    name: String,
    credentials: Vec<Members<'v>>,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (name, bytes) = source::read(&self.path)?;
        let value = parse(&bytes, &name)?;
        let deck = Members::of(&value, name.as_str())?;
        if !deck.has("_format_version") {
            return Err(Error::refused(format!("{name}: is no decK file: it has no _format_version")));
        }
        merge::run(file, &self.edit, propose(&deck)?)
    }
}

/// YAML, of which JSON is a part. A message with what it found could show a secret: the place is enough.
fn parse(bytes: &[u8], path: &str) -> Result<Value> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| {
        let place =
            error.location().map(|place| format!(" at line {} column {}", place.line(), place.column()));
        Error::refused(format!(
            "{path}: must be YAML or JSON, and cannot be read{}",
            place.unwrap_or_default()
        ))
    })
}

fn propose(deck: &Members<'_>) -> Result<Proposal> {
    let mut proposal = Proposal::default();
    for consumer in consumers(deck)? {
        carry_over(&consumer, deck, &mut proposal)?;
    }
    if !proposal.keys.is_empty() {
        let reason = "callers must sign anew: with id= in the place of username=, and over headers alone \
                      (Kong's request-line and digest are none)";
        proposal.notes.add("signatures", reason);
    }
    if proposal.usage_plans.iter().any(limits::is_limited) {
        let reason = "Kong counts in windows by the clock, here a limit per second holds in any second; quotas \
                      renew by the calendar, in UTC, and begin unused";
        proposal.notes.add("limits", reason);
    }
    proposal.services = services::services(deck, &mut proposal.notes)?;
    if proposal.services.is_empty() && !proposal.usage_plans.is_empty() {
        let reason = "none was carried over: bind the plans with `usage-plan plan bind-environment`";
        proposal.notes.add("services", reason);
    }
    for plan in &proposal.usage_plans {
        for service in &proposal.services {
            proposal.environment_bindings.push(EnvironmentBinding {
                usage_plan: text(plan, "id").to_owned(),
                service: text(service, "id").to_owned(),
                environment: services::ENVIRONMENT.to_owned(),
            });
        }
    }
    plugins::tell_of_others(deck, &mut proposal.notes)?;
    Ok(proposal)
}

/// The consumers, with credentials where Kong has them: below the consumer, or in a list of their own.
fn consumers<'v>(deck: &Members<'v>) -> Result<Vec<Consumer<'v>>> {
    let mut consumers = Vec::new();
    let mut places = HashMap::new();
    for members in deck.objects("consumers")? {
        let Some(name) = members.text("username")?.or(members.text("custom_id")?) else {
            return Err(Error::refused(format!("{}: has neither username nor custom_id", members.place())));
        };
        places.insert(name.to_owned(), consumers.len());
        let credentials = members.objects("hmacauth_credentials")?;
        consumers.push(Consumer { name: name.to_owned(), credentials, members });
    }
    for credential in deck.objects("hmacauth_credentials")? {
        let of = plugins::reference(&credential, "consumer")?;
        let consumer = of.and_then(|name| consumers.get_mut(*places.get(name)?));
        let Some(Consumer { credentials, .. }) = consumer else {
            return Err(Error::refused(format!("{}: names no consumer of the file", credential.place())));
        };
        credentials.push(credential);
    }
    Ok(consumers)
}

/// The consumer's keys, and the plan that they are bound to.
fn carry_over(consumer: &Consumer<'_>, deck: &Members<'_>, proposal: &mut Proposal) -> Result<()> {
    let named = format!("consumer {}", consumer.name);
    if consumer.credentials.is_empty() {
        proposal.notes.add(named, "is left out: it has no hmac-auth credential");
        return Ok(());
    }
    let keys: Vec<Object> = consumer
        .credentials
        .iter()
        .filter_map(|members| credential::key(&consumer.name, members, &mut proposal.notes).transpose())
        .collect::<Result<_>>()?;
    let limits = limits_of(consumer, deck, &named, &mut proposal.notes)?;
    if keys.is_empty() {
        return Ok(());
    }
    let mut plan = limits.plan(&consumer.name, consumer.credentials.len() > 1);
    let id = free_id(&plan, &proposal.usage_plans);
    plan.insert("id".to_owned(), id.as_str().into());
    if !proposal.usage_plans.contains(&plan) {
        proposal.usage_plans.push(plan);
    }
    for key in keys {
        let secret_id = text(&key, "secret_id").to_owned();
        proposal.key_bindings.push(KeyBinding { usage_plan: id.clone(), secret_id });
        proposal.keys.push(key);
    }
    Ok(())
}

/// The id of `plan`, with a number when another kind of plan has it: names may differ only in what an id may not have.
fn free_id(plan: &Object, others: &[Object]) -> String {
    let id = text(plan, "id");
    let own = plan.get("counter_per").is_none() && limits::is_limited(plan);
    settle::free(id, |id| !own || !others.iter().any(|other| text(other, "id") == id))
}

/// The limits that Kong holds a consumer to: those of its own rate-limiting plugin, or else those of everybody.
fn limits_of(consumer: &Consumer<'_>, deck: &Members<'_>, named: &str, notes: &mut Notes) -> Result<Limits> {
    let mut candidates = consumer.members.objects("plugins")?;
    candidates.extend(plugins_of(deck, "consumer", Some(&consumer.name))?);
    candidates.extend(plugins_of(deck, "consumer", None)?);
    // The first is the nearest to the consumer: Kong runs no other.
    if let Some(plugin) = enabled(&candidates, "rate-limiting")?.first() {
        return Limits::read(plugin, named, notes);
    }
    if !enabled(&candidates, "rate-limiting-advanced")?.is_empty() {
        notes.add(named, "rate-limiting-advanced is not carried over: it has no limits here");
    }
    if consumer.members.value("groups").is_some() {
        notes.add(named, "what its groups say of it is not carried over");
    }
    Ok(Limits::default())
}
