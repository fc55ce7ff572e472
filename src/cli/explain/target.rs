//! Which environment of which service the request calls, and whether it needs a credential there.

use super::Inquiry;
use super::step::{Step, quoted, visible};
use usage_plan_core::document;
use usage_plan_core::gate::decision::is_anonymous;
use usage_plan_core::lookup::Target;

// === impl Inquiry ===

impl<'a> Inquiry<'a> {
    /// The environment that is called, if there is one and the request needs a credential there.
    pub(super) fn target(&self, steps: &mut Vec<Step>) -> Option<Target<'a>> {
        let config = &self.configured.config;
        let (authority, path) = (self.headers.first(":authority"), self.headers.first(":path"));
        let Some((service, domain)) = config.service_on(authority) else {
            let detail = format!("no service has the host {} among its domains", quoted(authority));
            steps.push(Step::refused("service", detail).with("", self.domains()));
            return None;
        };
        steps.push(Step::ok("service", format!("{}, which has the domain \"{domain}\"", service.id())));
        let Ok(target) = config.target(authority, path) else {
            steps.push(Step::refused("environment", self.no_environment(service.id(), path)));
            return None;
        };
        steps.push(Step::ok("environment", self.how_named(target, path)));
        if is_anonymous(target, self.headers) {
            let detail = "there is none, and the service asks for none: the call passes, and is not counted";
            steps.push(Step::ok("credential", detail));
            return None;
        }
        steps.push(match target.environment.has_usage_plans() {
            true => Step::ok("usage plans", "there are plans bound to this environment"),
            false => Step::refused("usage plans", "no plan at all is bound to this environment"),
        });
        Some(target)
    }

    fn service(&self, id: &str) -> Option<&'a document::Service> {
        self.configured.draft.document().service(id)
    }

    fn domains(&self) -> String {
        let domains = self.configured.draft.document().services.iter().flat_map(|service| &service.domains);
        let domains: Vec<&str> = domains.map(String::as_str).collect();
        format!("the document has {}", domains.join(", "))
    }

    fn no_environment(&self, service: &str, path: &[u8]) -> String {
        let Some(service) = self.service(service) else { return String::new() };
        let named = match service.path_mappings.as_slice() {
            [] => service.environments.iter().map(|name| format!("/{name}")).collect::<Vec<_>>(),
            mappings => mappings.iter().map(|mapping| mapping.path.clone()).collect(),
        };
        let default = match service.default_environment {
            Some(_) => "; another spelling of a path is not the default environment's",
            None => ", and it has no default environment",
        };
        format!("the path {} begins with none of the service's {}{default}", quoted(path), named.join(", "))
    }

    fn how_named(&self, target: Target<'_>, path: &[u8]) -> String {
        let name = target.environment.name();
        let mappings = self.service(target.service.id()).map(|service| service.path_mappings.as_slice());
        let mappings = mappings.unwrap_or_default();
        let prefix = visible(path.get(..target.prefix_len()).unwrap_or_default());
        match (prefix.as_str(), mappings) {
            ("", mappings) if mappings.iter().any(|mapping| mapping.path == "/") => {
                format!("{name}, to which all other paths are mapped")
            }
            ("", _) => format!("{name}, the service's default: the path names none"),
            (prefix, []) => format!("{name}, by the path's {prefix}"),
            (prefix, _) => format!("{name}, to which the path's {prefix} is mapped"),
        }
    }
}
