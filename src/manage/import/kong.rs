//! Reads a decK file of Kong: consumers with hmac-auth credentials, their rate limits, services with hosts.

mod credential;
mod limits;
mod plugins;
mod services;

use std::collections::HashMap;

use serde_json::Value;

use self::limits::ConsumerLimits;
use self::plugins::{enabled, plugins_of};
use super::error::{Error, Result};
use super::members::Members;
use super::proposal::{Advice, Entry, EnvironmentBinding, KeyBinding, Notes, Object, Proposal};
use super::validate::{sanitize_name, unused_name};
use crate::draft::text;

/// A consumer of Kong, which is a caller.
struct Consumer<'v> {
    members: Members<'v>,
    name: String,
    credentials: Vec<Members<'v>>,
}

/// Reads a decK file, YAML or JSON. Errors call it `name`.
pub fn read(bytes: &[u8], name: &str) -> Result<Proposal> {
    let value = parse(bytes, name)?;
    let deck = Members::of(&value, name)?;
    if !deck.has("_format_version") {
        return Err(deck.error("is not a decK file: it has no _format_version"));
    }
    propose(&deck)
}

/// Parses YAML, which includes JSON. The message has the position only, because the text there may be a
/// secret.
fn parse(bytes: &[u8], name: &str) -> Result<Value> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| {
        let position = error
            .location()
            .map(|location| format!(" at line {} column {}", location.line(), location.column()));
        let position = position.unwrap_or_default();
        Error::input(name, format!("must be YAML or JSON, and cannot be read{position}"))
    })
}

fn propose(deck: &Members<'_>) -> Result<Proposal> {
    let mut proposal = Proposal::default();
    for consumer in consumers(deck)? {
        carry_over(&consumer, deck, &mut proposal)?;
    }
    if !proposal.keys.is_empty() {
        let reason = "callers must sign in another way: with id= instead of username=, and over headers \
                      only (Kong's request-line and digest cannot be signed here)";
        proposal.notes.add("signatures", reason);
    }
    if proposal.usage_plans.iter().any(limits::is_limited) {
        let reason = "Kong counts in windows of the clock; here a limit per second holds in any second, and \
                      quotas renew by the calendar, in UTC, and begin unused";
        proposal.notes.add("limits", reason);
    }
    proposal.services = services::services(deck, &mut proposal.notes)?;
    if proposal.services.is_empty() && !proposal.usage_plans.is_empty() {
        proposal.notes.add_with("services", "none was carried over", Advice::BindEnvironments);
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
    plugins::note_other_plugins(deck, &mut proposal.notes)?;
    Ok(proposal)
}

/// The consumers with their credentials, which a decK file has below the consumer or in a list at the top.
fn consumers<'v>(deck: &Members<'v>) -> Result<Vec<Consumer<'v>>> {
    let mut consumers = Vec::new();
    let mut indices = HashMap::new();
    for members in deck.objects("consumers")? {
        let Some(name) = members.text("username")?.or(members.text("custom_id")?) else {
            return Err(members.error("has neither username nor custom_id"));
        };
        indices.insert(name.to_owned(), consumers.len());
        let credentials = members.objects("hmacauth_credentials")?;
        consumers.push(Consumer { name: name.to_owned(), credentials, members });
    }
    for credential in deck.objects("hmacauth_credentials")? {
        let name = plugins::reference(&credential, "consumer")?;
        let consumer = name.and_then(|name| consumers.get_mut(*indices.get(name)?));
        let Some(Consumer { credentials, .. }) = consumer else {
            return Err(credential.error("names no consumer of the file"));
        };
        credentials.push(credential);
    }
    Ok(consumers)
}

/// Proposes the consumer's keys, and the plan that they are bound to.
fn carry_over(consumer: &Consumer<'_>, deck: &Members<'_>, proposal: &mut Proposal) -> Result<()> {
    let label = format!("consumer {}", consumer.name);
    if consumer.credentials.is_empty() {
        proposal.notes.add(label, "is left out: it has no hmac-auth credential");
        return Ok(());
    }
    let mut keys = Vec::new();
    for credential in &consumer.credentials {
        let remark = remark(consumer, credential)?;
        keys.extend(credential::key(&consumer.name, remark, credential, &mut proposal.notes)?);
    }
    let limits = limits_of(consumer, deck, &label, &mut proposal.notes)?;
    if keys.is_empty() {
        return Ok(());
    }
    let mut plan = limits.plan(&consumer.name, consumer.credentials.len() > 1);
    let id = unused_id(&plan, &proposal.usage_plans);
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

/// Kong's own id and tags of a consumer and its credential, for the remark of the key.
fn remark(consumer: &Consumer<'_>, credential: &Members<'_>) -> Result<String> {
    let custom_id = consumer.members.text("custom_id")?.filter(|id| *id != consumer.name);
    let mut tags = consumer.members.texts("tags")?;
    tags.extend(credential.texts("tags")?);
    let custom_id = custom_id.map(|id| format!("custom_id {id}"));
    let tags = if tags.is_empty() { None } else { Some(format!("tags {}", tags.join(" "))) };
    Ok(custom_id.into_iter().chain(tags).collect::<Vec<_>>().join(", "))
}

/// The id of `plan`. A consumer's own plan gets a number if another plan has its id: the names of two
/// consumers may differ only in characters that an id cannot have.
fn unused_id(plan: &Object, others: &[Object]) -> String {
    let is_own = plan.get("counter_per").is_none() && limits::is_limited(plan);
    unused_name(text(plan, "id"), |id| is_own && others.iter().any(|other| text(other, "id") == id))
}

/// A consumer's limits in Kong: those of its own rate-limiting plugin, or else those for every consumer.
fn limits_of(
    consumer: &Consumer<'_>,
    deck: &Members<'_>,
    label: &str,
    notes: &mut Notes,
) -> Result<ConsumerLimits> {
    let mut candidates = consumer.members.objects("plugins")?;
    candidates.extend(plugins_of(deck, "consumer", Some(&consumer.name))?);
    candidates.extend(plugins_of(deck, "consumer", None)?);
    // Kong runs only the plugin that is nearest to the consumer, which is the first here.
    if let Some(plugin) = enabled(&candidates, "rate-limiting")?.first() {
        return ConsumerLimits::read(plugin, label, notes);
    }
    if !enabled(&candidates, "rate-limiting-advanced")?.is_empty() {
        notes.add(label, "rate-limiting-advanced is not carried over: the consumer has no limits here");
    }
    if consumer.members.value("groups").is_some() {
        notes.add(label, "the limits of its groups are not carried over");
    }
    Ok(ConsumerLimits::default())
}
