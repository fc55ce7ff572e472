//! Which environment of which service the request calls, and whether it needs a credential there.

use usage_plan_core::document;
use usage_plan_core::gate::decision::is_anonymous;
use usage_plan_core::lookup::Target;

use super::inquiry::Inquiry;
use super::step::{Step, escape_bytes, quote_bytes};

/// The steps, and the environment that is called if there is one and the request needs a credential there.
pub(super) fn steps<'a>(inquiry: Inquiry<'a>) -> (Vec<Step>, Option<Target<'a>>) {
    let config = inquiry.config();
    let (authority, path) = (inquiry.headers.first(":authority"), inquiry.headers.first(":path"));
    let Some((service, domain)) = config.service_on(authority) else {
        let detail = format!("no service has the host {} among its domains", quote_bytes(authority));
        return (vec![Step::refused("service", detail).with("", domains(inquiry))], None);
    };
    let mut steps = vec![Step::passed("service", format!("{}, by its domain \"{domain}\"", service.id()))];
    let Ok(target) = config.target(authority, path) else {
        steps.push(Step::refused("environment", no_environment(inquiry, service.id(), path)));
        return (steps, None);
    };
    steps.push(Step::passed("environment", environment(inquiry, target, path)));
    if is_anonymous(target, inquiry.headers) {
        let detail = "the request has none and the service asks for none: it is let through and not counted";
        steps.push(Step::passed("credential", detail));
        return (steps, None);
    }
    steps.push(if target.environment.has_usage_plans() {
        Step::passed("usage plans", "there are plans bound to this environment")
    } else {
        Step::refused("usage plans", "no plan at all is bound to this environment")
    });
    (steps, Some(target))
}

fn domains(inquiry: Inquiry<'_>) -> String {
    let domains = inquiry.local.document().services.iter().flat_map(|service| &service.domains);
    format!("the document has {}", domains.map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn service<'a>(inquiry: Inquiry<'a>, id: &str) -> Option<&'a document::Service> {
    inquiry.local.document().service(id)
}

fn no_environment(inquiry: Inquiry<'_>, service_id: &str, path: &[u8]) -> String {
    let Some(service) = service(inquiry, service_id) else { return String::new() };
    let prefixes: Vec<String> = if service.path_mappings.is_empty() {
        service.environments.iter().map(|name| format!("/{name}")).collect()
    } else {
        service.path_mappings.iter().map(|mapping| mapping.path.clone()).collect()
    };
    let default = match service.default_environment {
        Some(_) => "; the default environment does not take a path that spells one of these in another way",
        None => ", and the service has no default environment",
    };
    format!(
        "the path {} begins with none of the service's {}{default}",
        quote_bytes(path),
        prefixes.join(", ")
    )
}

/// The environment's name, and what in the request or in the document named it.
fn environment(inquiry: Inquiry<'_>, target: Target<'_>, path: &[u8]) -> String {
    let name = target.environment.name();
    let mappings = service(inquiry, target.service.id()).map(|service| service.path_mappings.as_slice());
    let mappings = mappings.unwrap_or_default();
    let prefix = escape_bytes(path.get(..target.prefix_len()).unwrap_or_default());
    match (prefix.as_str(), mappings) {
        ("", mappings) if mappings.iter().any(|mapping| mapping.path == "/") => {
            format!("{name}, to which all other paths are mapped")
        }
        ("", _) => format!("{name}, the service's default: the path names none"),
        (prefix, []) => format!("{name}, by the path's {prefix}"),
        (prefix, _) => format!("{name}, to which the path's {prefix} is mapped"),
    }
}
