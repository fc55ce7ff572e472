//! Whose key the credential names, and on which plan it is here.

use super::Inquiry;
use super::step::{Step, quoted};
use crate::draft::Named;
use crate::moment::rfc3339;
use usage_plan_core::auth::credential::Credential;
use usage_plan_core::document::{self, EnvironmentRef};
use usage_plan_core::lookup::{Key, Target};

// === impl Inquiry ===

impl<'a> Inquiry<'a> {
    /// The key that the credential names, as the document has it.
    pub(super) fn caller(
        &self,
        target: Target<'_>,
        credential: &Credential<'_>,
        steps: &mut Vec<Step>,
    ) -> Option<&'a document::Key> {
        let config = &self.configured.config;
        let key = config.find_key(credential.id).and_then(|place| config.keys().get(place));
        let document = self.configured.draft.document();
        let Some((key, in_document)) = key.and_then(|key| Some((key, document.key(key.secret_id())?))) else {
            steps.push(self.no_key(credential.id));
            return None;
        };
        steps.push(self.key(key, in_document));
        steps.push(self.plan(key, target));
        Some(in_document)
    }

    fn no_key(&self, id: &[u8]) -> Step {
        let step = Step::refused("key", format!("no key has the secret_id {}", quoted(id)));
        let keys = &self.configured.draft.document().keys;
        let near = |key: &&document::Key| {
            key.name.as_bytes() == id
                || key.secret_id.as_bytes().eq_ignore_ascii_case(id)
                || key.secret_id.as_bytes() == id.trim_ascii()
        };
        match keys.iter().find(near) {
            Some(key) => step.with("", format!("did the caller mean \"{}\"?", key.secret_id)),
            None => step,
        }
    }

    fn key(&self, key: &Key, document: &document::Key) -> Step {
        let name = Named::new(&document.secret_id, &document.name);
        if !key.is_enabled() {
            return Step::refused("key", format!("{name} is disabled"));
        }
        let from = document.not_before.map(|from| format!(" from {}", rfc3339(from)));
        let until = document.not_after.map(|until| format!(" until {}", rfc3339(until)));
        let valid = match (&from, &until) {
            (None, None) => String::new(),
            _ => format!(", valid{}{}", from.unwrap_or_default(), until.unwrap_or_default()),
        };
        match key.is_valid_at(self.now) {
            true => Step::ok("key", format!("{name}, enabled{valid}")),
            false => Step::refused("key", format!("{name}{valid}: not at this moment")),
        }
    }

    fn plan(&self, key: &Key, target: Target<'_>) -> Step {
        let config = &self.configured.config;
        let (service, environment) = (target.service.id(), target.environment.name());
        let plan =
            config.find_usage_plan(key, target.environment).and_then(|place| config.usage_plans().get(place));
        if let Some(plan) = plan {
            let detail = format!("{} is bound to the key and to {environment} of {service}", plan.id());
            return Step::ok("plan", detail);
        }
        let plans = self.configured.draft.document().usage_plans.iter();
        let plans: Vec<_> = plans.filter(|plan| plan.keys.iter().any(|id| id == key.secret_id())).collect();
        let here = |bound: &&EnvironmentRef| bound.service == service;
        let bound = plans.iter().flat_map(|plan| {
            plan.environments.iter().filter(here).map(|bound| format!("{} ({})", bound.environment, plan.id))
        });
        let bound: Vec<String> = bound.collect();
        let elsewhere = match (plans.as_slice(), bound.as_slice()) {
            ([], _) => "the key is bound to no plan".to_owned(),
            (plans, []) => {
                let ids: Vec<&str> = plans.iter().map(|plan| plan.id.as_str()).collect();
                format!("the key's plans ({}) are bound to no environment of {service}", ids.join(", "))
            }
            (_, bound) => format!("in {service} the key has plans in {}", bound.join(", ")),
        };
        Step::refused("plan", format!("the key has none in {environment} of {service}")).with("", elsewhere)
    }
}
