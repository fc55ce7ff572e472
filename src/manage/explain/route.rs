//! Which environment of which service the request calls, and whether it needs a credential there.

use usage_plan_core::document::Service;
use usage_plan_core::host;
use usage_plan_core::lookup::Route;
use usage_plan_core::telemetry::Outcome;

use super::inquiry::Inquiry;
use super::step::{Step, escape_bytes, quote_bytes};

/// The steps, and the route if the request needs a credential there.
pub(super) fn steps(inquiry: Inquiry<'_>) -> (Vec<Step>, Option<Route>) {
    let config = inquiry.config();
    let (authority, path) = (inquiry.request.authority, inquiry.request.path);
    let Some((service, domain)) = config.service_on(authority) else {
        let detail = no_service(authority);
        return (vec![Step::refused("service", detail).with("", domains(inquiry))], None);
    };
    let mut steps = vec![Step::passed("service", format!("{}, by its domain \"{domain}\"", service.id()))];
    let Some(route) = inquiry.verdict.route else {
        steps.push(Step::refused("environment", no_environment(inquiry, service.id(), path)));
        return (steps, None);
    };
    steps.push(Step::passed("environment", environment(inquiry, route)));
    if config.is_usage_request(route, inquiry.request.method, path) {
        let detail = "the filter answers it itself: it needs a credential, and is not counted on the plan";
        steps.push(Step::info("usage path", detail));
    }
    if inquiry.verdict.outcome == Outcome::Anonymous {
        let detail = "the request has none and the service asks for none: it is let through and not counted";
        steps.push(Step::passed("credential", detail));
        return (steps, None);
    }
    steps.push(if config.environment(route.environment).has_usage_plans() {
        Step::passed("usage plans", "there are plans bound to this environment")
    } else {
        Step::refused("usage plans", "no plan at all is bound to this environment")
    });
    (steps, Some(route))
}

/// Why no service answers on `authority`.
fn no_service(authority: &[u8]) -> String {
    let quoted = quote_bytes(authority);
    if host::of_authority(authority).and_then(host::canonical).is_some() {
        format!("no service has the host {quoted} among its domains")
    } else {
        format!("{quoted} is no host, so that no domain matches it, not even *")
    }
}

fn domains(inquiry: Inquiry<'_>) -> String {
    let domains = inquiry.document().services.iter().flat_map(|service| &service.domains);
    format!("the document has {}", domains.map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn no_environment(inquiry: Inquiry<'_>, service_id: &str, path: &[u8]) -> String {
    let Some(service) = inquiry.document().service(service_id) else { return String::new() };
    let prefixes: Vec<String> = if service.path_mappings.is_empty() {
        service.environments.iter().map(|name| format!("/{name}")).collect()
    } else {
        service.path_mappings.iter().map(|mapping| mapping.path.clone()).collect()
    };
    let default = match service.default_environment {
        Some(_) => {
            "; the default environment does not take a path that has a dot segment, or an empty segment, an \
             escaped slash or a backslash where an environment is named"
        }
        None => ", and the service has no default environment",
    };
    format!(
        "the path {} begins with none of the service's {}{default}",
        quote_bytes(path),
        prefixes.join(", ")
    )
}

/// The environment's name, and what in the request or in the document named it.
fn environment(inquiry: Inquiry<'_>, route: Route) -> String {
    let config = inquiry.config();
    let name = config.environment(route.environment).name();
    let service: Option<&Service> = inquiry.document().service(config.service(route.service).id());
    let mappings = service.map(|service| service.path_mappings.as_slice()).unwrap_or_default();
    let prefix = escape_bytes(inquiry.request.path.get(..route.prefix_len).unwrap_or_default());
    match (prefix.as_str(), mappings) {
        ("", mappings) if mappings.iter().any(|mapping| mapping.path == "/") => {
            format!("{name}, to which all other paths are mapped")
        }
        ("", _) => format!("{name}, the service's default: the path names none"),
        (prefix, []) => format!("{name}, by the path's {prefix}"),
        (prefix, _) => format!("{name}, to which the path's {prefix} is mapped"),
    }
}
