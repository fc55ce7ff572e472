//! Kong's plugins: below what they are on, or in a list of their own.

use super::Members;
use super::Notes;
use crate::error::Result;

/// The plugins of the file's own list that are on what `member` names: on `name`; `None`: on everything.
pub(super) fn plugins_of<'v>(
    deck: &Members<'v>,
    member: &str,
    name: Option<&str>,
) -> Result<Vec<Members<'v>>> {
    let mut found = Vec::new();
    for plugin in deck.objects("plugins")? {
        let on: Vec<&str> = scope(&plugin);
        let is_on = match name {
            Some(name) => on == [member] && reference(&plugin, member)? == Some(name),
            None => on.is_empty(),
        };
        if is_on {
            found.push(plugin);
        }
    }
    Ok(found)
}

/// What a plugin is on, when it says so.
fn scope(plugin: &Members<'_>) -> Vec<&'static str> {
    let members = ["consumer", "service", "route", "consumer_group"].into_iter();
    members.filter(|member| plugin.value(member).is_some()).collect()
}

/// What a member refers to: `service: orders`, or `service: {name: orders}` with the member that Kong knows it by.
pub(super) fn reference<'v>(members: &Members<'v>, member: &str) -> Result<Option<&'v str>> {
    if members.value(member).is_some_and(|value| !value.is_object()) {
        return members.text(member);
    }
    let Some(object) = members.object(member)? else { return Ok(None) };
    for name in ["name", "username", "id"] {
        if let Some(text) = object.text(name)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// Those plugins of that name that are not switched off.
pub(super) fn enabled<'p, 'v>(plugins: &'p [Members<'v>], name: &str) -> Result<Vec<&'p Members<'v>>> {
    let mut found = Vec::new();
    for plugin in plugins {
        if plugin.text("name")? == Some(name) && plugin.boolean("enabled")? != Some(false) {
            found.push(plugin);
        }
    }
    Ok(found)
}

/// Says what plugins other than those of consumers do that is not done here.
pub(super) fn tell_of_others(deck: &Members<'_>, notes: &mut Notes) -> Result<()> {
    let own = deck.objects("plugins")?;
    let nobodys = |plugin: &&Members<'_>| !matches!(scope(plugin)[..], [] | ["consumer"]);
    let mut limits: Vec<Members<'_>> = own.iter().filter(nobodys).cloned().collect();
    let mut acls = own;
    for group in deck.objects("consumer_groups")? {
        limits.extend(group.objects("plugins")?);
    }
    for service in deck.objects("services")?.into_iter().chain([deck.clone()]) {
        let routes = service.objects("routes")?;
        let of_routes = routes.iter().map(|route| route.objects("plugins")).collect::<Result<Vec<_>>>()?;
        let mut plugins: Vec<Members<'_>> = of_routes.into_iter().flatten().collect();
        if service.place() != deck.place() {
            plugins.extend(service.objects("plugins")?);
        }
        limits.extend(plugins.iter().cloned());
        acls.extend(plugins);
    }
    for plugin in enabled(&acls, "acl")? {
        let reason = "acl is not carried over: a key may call every service that its plan is bound to";
        notes.add(plugin.place(), reason);
    }
    for name in ["rate-limiting", "rate-limiting-advanced"] {
        for plugin in enabled(&limits, name)? {
            let reason =
                format!("{name} is not carried over: only the limits of consumers, and of everybody, are");
            notes.add(plugin.place(), reason);
        }
    }
    Ok(())
}
