//! From Kong's services with hmac-auth to services of the document.

use std::collections::HashMap;

use serde_json::json;

use super::plugins::{enabled, plugins_of, reference};
use super::{Members, Notes, Object, Part, settle};
use crate::draft::text;
use crate::error::Result;
use usage_plan_core::lookup::domains::Domains;

/// The one environment of a service that knows none.
pub(super) const ENVIRONMENT: &str = "release";

/// The services whose callers sign, with the hosts of their routes.
pub(super) fn services(deck: &Members<'_>, notes: &mut Notes) -> Result<Vec<Object>> {
    let everywhere = !enabled(&plugins_of(deck, "service", None)?, "hmac-auth")?.is_empty();
    let top_routes = deck.objects("routes")?;
    let mut found: Vec<Object> = Vec::new();
    let mut taken: HashMap<String, String> = HashMap::new();
    for service in deck.objects("services")? {
        let Some(name) = service.text("name")?.or(service.text("id")?) else { continue };
        let named = format!("service {name}");
        let mut routes = service.objects("routes")?;
        for route in &top_routes {
            if reference(route, "service")? == Some(name) {
                routes.push(route.clone());
            }
        }
        let is_signed = everywhere || is_signed(&service, deck, "service", name)?;
        let mut hosts = Vec::new();
        for route in &routes {
            let route_name = route.text("name")?.unwrap_or("without a name");
            if !is_signed && !self::is_signed(route, deck, "route", route_name)? {
                notes.add(&named, format!("route {route_name} is left out: it has no hmac-auth"));
                continue;
            }
            let of_route = route.texts("hosts")?;
            if of_route.is_empty() {
                notes.add(&named, format!("route {route_name} is left out: it has no hosts"));
            }
            hosts.extend(of_route);
        }
        let Some(id) = settle::tame(name) else {
            notes.add(named, "is left out: nothing of its name can be an id");
            continue;
        };
        let domains = free_hosts(&hosts, &id, &named, &mut taken, notes);
        if domains.is_empty() {
            continue;
        }
        let mut object = Object::new();
        object.insert("id".to_owned(), id.as_str().into());
        object.insert("name".to_owned(), id.into());
        object.insert("domains".to_owned(), domains.into());
        object.insert("environments".to_owned(), json!([ENVIRONMENT]));
        object.insert("path_mappings".to_owned(), json!([{"path": "/", "environment": ENVIRONMENT}]));
        if found.iter().any(|other| text(other, "id") == text(&object, "id")) {
            notes.leave_out(Part::Service, &object, "is left out: another service has that id");
            continue;
        }
        found.push(object);
    }
    Ok(found)
}

/// Those of `hosts` that no service answers on yet: a host's calls are those of one service, whatever their path.
fn free_hosts(
    hosts: &[&str],
    id: &str,
    named: &str,
    taken: &mut HashMap<String, String>,
    notes: &mut Notes,
) -> Vec<String> {
    let mut free = Vec::new();
    for host in hosts.iter().map(|host| host.to_ascii_lowercase()) {
        if !Domains::is_domain(&host) {
            notes.add(
                named,
                format!("host {host} is left out: it must be a host or *.suffix, without a port"),
            );
        } else if let Some(other) = taken.get(&host).filter(|other| *other != id) {
            notes.add(named, format!("calls of {host} are those of service {other}, which has it already"));
        } else if taken.insert(host.clone(), id.to_owned()).is_none() {
            free.push(host);
        }
    }
    free
}

/// Whether a service or route has the hmac-auth plugin.
fn is_signed(members: &Members<'_>, deck: &Members<'_>, kind: &str, name: &str) -> Result<bool> {
    let mut plugins = members.objects("plugins")?;
    plugins.extend(plugins_of(deck, kind, Some(name))?);
    Ok(!enabled(&plugins, "hmac-auth")?.is_empty())
}
