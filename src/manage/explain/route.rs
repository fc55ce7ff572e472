//! Which environment of which service the request calls, and whether it needs a credential there.

use usage_plan_core::document::Service;
use usage_plan_core::host;
use usage_plan_core::lookup::Route;
use usage_plan_core::sentence::{Sentence, Value};
use usage_plan_core::telemetry::Outcome;

use super::inquiry::Inquiry;
use super::phrases;
use super::step::{Step, escape_bytes, quote_bytes};

/// The steps, and the route if the request needs a credential there.
pub(super) fn steps(inquiry: Inquiry<'_>) -> (Vec<Step>, Option<Route>) {
    let config = inquiry.config();
    let (authority, path) = (inquiry.request.authority, inquiry.request.path);
    let Some((service, domain)) = config.service_on(authority) else {
        let detail = no_service(authority);
        return (vec![Step::refused("service", detail).with("", domains(inquiry))], None);
    };
    let mut steps = vec![Step::passed("service", phrases::BY_DOMAIN.put(service.id()).put(domain))];
    let Some(route) = inquiry.verdict.route else {
        steps.push(Step::refused("environment", no_environment(inquiry, service.id(), path)));
        return (steps, None);
    };
    steps.push(Step::passed("environment", environment(inquiry, route)));
    if config.is_usage_request(route, inquiry.request.method, path) {
        steps.push(Step::info("usage path", phrases::USAGE_PATH));
    }
    if inquiry.verdict.outcome == Outcome::Anonymous {
        steps.push(Step::passed("credential", phrases::ANONYMOUS));
        return (steps, None);
    }
    steps.push(if config.environment(route.environment).has_usage_plans() {
        Step::passed("usage plans", phrases::PLANS)
    } else {
        Step::refused("usage plans", phrases::NO_PLANS)
    });
    (steps, Some(route))
}

/// Why no service answers on `authority`.
fn no_service(authority: &[u8]) -> Sentence {
    let quoted = quote_bytes(authority);
    if host::of_authority(authority).and_then(host::canonical).is_some() {
        phrases::NO_SERVICE.put(quoted)
    } else {
        phrases::NO_HOST.put(quoted)
    }
}

fn domains(inquiry: Inquiry<'_>) -> Sentence {
    let domains = inquiry.document().services.iter().flat_map(|service| &service.domains);
    phrases::DOMAINS.put(domains.map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn no_environment(inquiry: Inquiry<'_>, service_id: &str, path: &[u8]) -> Value {
    let Some(service) = inquiry.document().service(service_id) else { return "".into() };
    let prefixes: Vec<String> = if service.path_mappings.is_empty() {
        service.environments.iter().map(|name| format!("/{name}")).collect()
    } else {
        service.path_mappings.iter().map(|mapping| mapping.path.clone()).collect()
    };
    let phrase = match service.default_environment {
        Some(_) => phrases::NOT_DEFAULT,
        None => phrases::NO_ENVIRONMENT,
    };
    phrase.put(quote_bytes(path)).put(prefixes.join(", ")).into()
}

/// The environment's name, and what in the request or in the document named it.
fn environment(inquiry: Inquiry<'_>, route: Route) -> Sentence {
    let config = inquiry.config();
    let name = config.environment(route.environment).name();
    let service: Option<&Service> = inquiry.document().service(config.service(route.service).id());
    let mappings = service.map(|service| service.path_mappings.as_slice()).unwrap_or_default();
    let prefix = escape_bytes(inquiry.request.path.get(..route.prefix_len).unwrap_or_default());
    match (prefix.as_str(), mappings) {
        ("", mappings) if mappings.iter().any(|mapping| mapping.path == "/") => phrases::ALL_MAPPED.put(name),
        ("", _) => phrases::DEFAULT.put(name),
        (prefix, []) => phrases::BY_PATH.put(name).put(prefix),
        (prefix, _) => phrases::MAPPED.put(name).put(prefix),
    }
}
