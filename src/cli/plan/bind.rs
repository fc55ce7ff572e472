//! `usage-plan plan bind-key`, `unbind-key`, `bind-environment` and `unbind-environment`

use clap::Args;
use serde_json::json;

use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions, Missing};
use crate::draft::{Draft, KEYS, Named, SERVICES, USAGE_PLANS, list_mut};
use crate::error::{Error, Result};
use crate::{key, service};
use usage_plan_core::document::{Document, KeyStatus};

/// What to do when the conflict rule stands in the way.
const CONFLICT_HINT: &str = "a key has at most one plan in an environment of a service: \
     unbind the key or the environment from one of the two plans first";

/// A plan and keys.
#[derive(Args, Debug)]
pub struct KeyArguments {
    /// Its id or name
    plan: String,
    /// Their secret_ids or names
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// A plan and an environment of a service.
#[derive(Args, Debug)]
pub struct EnvironmentArguments {
    /// Its id or name
    plan: String,
    /// The service's id or name
    service: String,
    /// The environment's name
    environment: String,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl KeyArguments ===

impl KeyArguments {
    pub(super) fn bind(&self, file: &DocumentFile) -> Result<Answer> {
        let bound = file.edit(&self.edit, Missing::IsAnError, |draft| {
            let plan = draft.resolve(USAGE_PLANS, &self.plan)?;
            let keys = self.keys(draft)?;
            for key in &keys {
                if key::find(draft.document(), &key.id)?.status == KeyStatus::Disabled {
                    return Err(Error::refused(format!(
                        "key {key} is disabled, and a disabled key cannot be bound: \
                         `usage-plan key enable {}` first",
                        key.id
                    )));
                }
            }
            let bound = list_mut(draft.find_mut(USAGE_PLANS, &plan.id)?, "keys")?;
            for key in &keys {
                if !bound.contains(&key.id.as_str().into()) {
                    bound.push(key.id.as_str().into());
                }
            }
            Ok(told(&plan, &keys, "is bound to"))
        });
        bound.map_err(|error| error.hint(CONFLICT_HINT))
    }

    pub(super) fn unbind(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let plan = draft.resolve(USAGE_PLANS, &self.plan)?;
            let keys = self.keys(draft)?;
            let bound = list_mut(draft.find_mut(USAGE_PLANS, &plan.id)?, "keys")?;
            for key in &keys {
                let Some(place) = bound.iter().position(|bound| *bound == key.id) else {
                    return Err(Error::refused(format!(
                        "key {key} is not bound to usage plan {plan}: `usage-plan key show {}` tells \
                         what it is bound to",
                        key.id
                    )));
                };
                bound.remove(place);
            }
            Ok(told(&plan, &keys, "is bound no more to"))
        })
    }

    fn keys(&self, draft: &Draft) -> Result<Vec<Named>> {
        self.keys.iter().map(|key| draft.resolve(KEYS, key)).collect()
    }
}

// === impl EnvironmentArguments ===

impl EnvironmentArguments {
    pub(super) fn bind(&self, file: &DocumentFile) -> Result<Answer> {
        let bound = file.edit(&self.edit, Missing::IsAnError, |draft| {
            let plan = draft.resolve(USAGE_PLANS, &self.plan)?;
            let service = draft.resolve(SERVICES, &self.service)?;
            self.must_be_of(&service, draft.document())?;
            let binding = json!({"service": service.id, "environment": self.environment});
            let bound = list_mut(draft.find_mut(USAGE_PLANS, &plan.id)?, "environments")?;
            if !bound.contains(&binding) {
                bound.push(binding);
            }
            Ok(self.told(&plan, &service, "is bound to"))
        });
        bound.map_err(|error| error.hint(CONFLICT_HINT))
    }

    pub(super) fn unbind(&self, file: &DocumentFile) -> Result<Answer> {
        file.edit(&self.edit, Missing::IsAnError, |draft| {
            let plan = draft.resolve(USAGE_PLANS, &self.plan)?;
            let service = draft.resolve(SERVICES, &self.service)?;
            self.must_be_of(&service, draft.document())?;
            let binding = json!({"service": service.id, "environment": self.environment});
            let bound = list_mut(draft.find_mut(USAGE_PLANS, &plan.id)?, "environments")?;
            let Some(place) = bound.iter().position(|bound| *bound == binding) else {
                return Err(Error::refused(format!(
                    "usage plan {plan} is not bound to environment \"{}\" of service {service}: \
                     `usage-plan plan show {}` tells what it is bound to",
                    self.environment, plan.id
                )));
            };
            bound.remove(place);
            Ok(self.told(&plan, &service, "is bound no more to"))
        })
    }

    fn must_be_of(&self, service: &Named, document: &Document) -> Result<()> {
        let environments = &service::find(document, &service.id)?.environments;
        if environments.contains(&self.environment) {
            return Ok(());
        }
        let (environment, known) = (&self.environment, environments.join(", "));
        Err(Error::refused(format!("service {service} has no environment \"{environment}\"; it has {known}")))
    }

    fn told(&self, plan: &Named, service: &Named, relation: &str) -> Answer {
        let environment = &self.environment;
        Answer::new(
            format!("usage plan {plan} {relation} environment \"{environment}\" of service {service}"),
            json!({"usage_plan": plan.id, "service": service.id, "environment": environment}),
        )
    }
}

fn told(plan: &Named, keys: &[Named], relation: &str) -> Answer {
    let lines: Vec<String> =
        keys.iter().map(|key| format!("key {key} {relation} usage plan {plan}")).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    Answer::new(lines.join("\n"), json!({"usage_plan": plan.id, "keys": ids}))
}
