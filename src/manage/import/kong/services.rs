//! Turns Kong's services with hmac-auth into services of the document.

use std::collections::HashMap;

use usage_plan_core::document::{PathMapping, Service};
use usage_plan_core::host::canonical_domain;

use super::plugins::{enabled, plugins_of, reference};
use super::{Entry, Members, Notes, Object, Result, sanitize_name};
use crate::draft::text;

/// The only environment of an imported service: Kong has no environments.
pub(super) const ENVIRONMENT: &str = "release";

/// The services whose callers sign, with the hosts of their routes.
pub(super) fn services(deck: &Members<'_>, notes: &mut Notes) -> Result<Vec<Object>> {
    let everywhere = !enabled(&plugins_of(deck, "service", None)?, "hmac-auth")?.is_empty();
    let top_routes = deck.objects("routes")?;
    let mut found: Vec<Object> = Vec::new();
    let mut owners: HashMap<String, String> = HashMap::new();
    for service in deck.objects("services")? {
        let Some(name) = service.text("name")?.or(service.text("id")?) else { continue };
        let label = format!("service {name}");
        let mut routes = service.objects("routes")?;
        for route in &top_routes {
            if reference(route, "service")? == Some(name) {
                routes.push(route.clone());
            }
        }
        let all_signed = everywhere || is_signed(&service, deck, "service", name)?;
        let hosts = signed_hosts(&routes, all_signed, deck, &label, notes)?;
        let Some(id) = sanitize_name(name) else {
            notes.add(label, "is left out: its name has no letter or digit that an id could have");
            continue;
        };
        let domains = unused_hosts(&hosts, &id, &label, &mut owners, notes);
        if domains.is_empty() {
            continue;
        }
        let mapping = PathMapping { path: "/".to_owned(), environment: ENVIRONMENT.to_owned() };
        let service = Service {
            id: id.clone(),
            name: id,
            domains,
            environments: vec![ENVIRONMENT.to_owned()],
            path_mappings: vec![mapping],
            ..Service::default()
        };
        let object = service.to_json();
        if found.iter().any(|other| text(other, "id") == text(&object, "id")) {
            notes.leave_out(Entry::Service, &object, "is left out: a different service has that id");
            continue;
        }
        found.push(object);
    }
    Ok(found)
}

/// The hosts of the routes whose callers sign.
fn signed_hosts<'v>(
    routes: &[Members<'v>],
    all_signed: bool,
    deck: &Members<'_>,
    label: &str,
    notes: &mut Notes,
) -> Result<Vec<&'v str>> {
    let mut hosts = Vec::new();
    for route in routes {
        let name = route.text("name")?.unwrap_or("without a name");
        if !all_signed && !is_signed(route, deck, "route", name)? {
            notes.add(label, format!("route {name} is left out: it has no hmac-auth"));
            continue;
        }
        let route_hosts = route.texts("hosts")?;
        if route_hosts.is_empty() {
            notes.add(label, format!("route {name} is left out: it has no hosts"));
        }
        hosts.extend(route_hosts);
    }
    Ok(hosts)
}

/// The `hosts` that no other service has: here a host belongs to one service, whatever the path. `owners` has
/// the service of each host so far.
fn unused_hosts(
    hosts: &[&str],
    id: &str,
    label: &str,
    owners: &mut HashMap<String, String>,
    notes: &mut Notes,
) -> Vec<String> {
    let mut unused = Vec::new();
    for host in hosts {
        let Some(host) = canonical_domain(host) else {
            notes.add(
                label,
                format!("host {host} is left out: it must be a host or *.suffix, without a port"),
            );
            continue;
        };
        if let Some(other) = owners.get(&host).filter(|other| *other != id) {
            notes.add(label, format!("host {host} is left out: service {other} has it already"));
        } else if owners.insert(host.clone(), id.to_owned()).is_none() {
            unused.push(host);
        }
    }
    unused
}

/// Whether the plugin hmac-auth applies to a service or route.
fn is_signed(members: &Members<'_>, deck: &Members<'_>, kind: &str, name: &str) -> Result<bool> {
    let mut plugins = members.objects("plugins")?;
    plugins.extend(plugins_of(deck, kind, Some(name))?);
    Ok(!enabled(&plugins, "hmac-auth")?.is_empty())
}
