//! Finds Kong's plugins, which are below the object they apply to, or in a list at the top of the file.

use super::{Members, Notes, Result};

/// The plugins of the list at the top that apply to the `member` called `name`, or with `None` to everything.
pub(super) fn plugins_of<'v>(
    deck: &Members<'v>,
    member: &str,
    name: Option<&str>,
) -> Result<Vec<Members<'v>>> {
    let mut found = Vec::new();
    for plugin in deck.objects("plugins")? {
        let scope: Vec<&str> = scope(&plugin);
        let applies = match name {
            Some(name) => scope == [member] && reference(&plugin, member)? == Some(name),
            None => scope.is_empty(),
        };
        if applies {
            found.push(plugin);
        }
    }
    Ok(found)
}

/// The kinds of objects that a plugin says it applies to.
fn scope(plugin: &Members<'_>) -> Vec<&'static str> {
    let members = ["consumer", "service", "route", "consumer_group"].into_iter();
    members.filter(|member| plugin.value(member).is_some()).collect()
}

/// The name that a member refers to: `service: orders`, or `service: {name: orders}`, where Kong also takes a
/// username or id.
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

/// The plugins called `name` that are not switched off.
pub(super) fn enabled<'p, 'v>(plugins: &'p [Members<'v>], name: &str) -> Result<Vec<&'p Members<'v>>> {
    let mut found = Vec::new();
    for plugin in plugins {
        if plugin.text("name")? == Some(name) && plugin.boolean("enabled")? != Some(false) {
            found.push(plugin);
        }
    }
    Ok(found)
}

/// Notes what plugins do that apply to anything but consumers: it is not carried over.
pub(super) fn note_other_plugins(deck: &Members<'_>, notes: &mut Notes) -> Result<()> {
    let top = deck.objects("plugins")?;
    let is_other = |plugin: &&Members<'_>| !matches!(scope(plugin)[..], [] | ["consumer"]);
    let mut limits: Vec<Members<'_>> = top.iter().filter(is_other).cloned().collect();
    let mut acls = top;
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
            let reason = format!(
                "{name} is not carried over: only the limits of one consumer or of all consumers are"
            );
            notes.add(plugin.place(), reason);
        }
    }
    Ok(())
}
