//! `usage-plan plan bind-key`, `unbind-key`, `bind-environment` and `unbind-environment`

use clap::Args;
use serde_json::{Value, json};
use usage_plan_manage::draft::Named;
use usage_plan_manage::file::{DocumentFile, Missing};
use usage_plan_manage::operations::plan::{self, EnvironmentBindings, KeyBindings, Left};

use crate::commands::{EditOptions, complete};
use crate::output::answer::Answer;
use crate::output::error::Result;

const IS_BOUND: &str = "is bound to";
const IS_UNBOUND: &str = "is no longer bound to";

/// `usage-plan plan bind-key`
#[derive(Args, Debug)]
pub(crate) struct BindKeyArguments {
    #[command(flatten)]
    keys: KeyArguments,
    /// Unbind the keys from every plan that would conflict with this one, in the same edit
    #[arg(long = "move")]
    moves: bool,
}

/// `usage-plan plan unbind-key`
#[derive(Args, Debug)]
pub(crate) struct KeyArguments {
    /// The plan's id or name
    #[arg(add = complete::plans())]
    plan: String,
    /// The keys' secret_ids or names
    #[arg(required = true, value_name = "KEY", add = complete::keys())]
    keys: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// `usage-plan plan bind-environment` and `unbind-environment`
#[derive(Args, Debug)]
pub(crate) struct EnvironmentArguments {
    /// The plan's id or name
    #[arg(add = complete::plans())]
    plan: String,
    /// The service's id or name
    #[arg(add = complete::services())]
    service: String,
    /// The environments' names
    #[arg(required = true, add = complete::environments(), value_name = "ENVIRONMENT")]
    environments: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

// === impl BindKeyArguments ===

impl BindKeyArguments {
    pub(super) fn bind(&self, file: &DocumentFile) -> Result<Answer> {
        let KeyArguments { plan, keys, edit } = &self.keys;
        if self.moves {
            return edit.edit(
                file,
                Missing::IsAnError,
                |draft| plan::move_keys(draft, plan, keys),
                |(bindings, left)| moved_answer(&bindings, &left),
            );
        }
        edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::bind_keys(draft, plan, keys),
            |bindings| keys_answer(&bindings, IS_BOUND),
        )
    }
}

// === impl KeyArguments ===

impl KeyArguments {
    pub(super) fn unbind(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::unbind_keys(draft, &self.plan, &self.keys),
            |bindings| keys_answer(&bindings, IS_UNBOUND),
        )
    }
}

// === impl EnvironmentArguments ===

impl EnvironmentArguments {
    pub(super) fn bind(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::bind_environments(draft, &self.plan, &self.service, &self.environments),
            |bindings| {
                let answer = environments_answer(&bindings, IS_BOUND);
                bindings.unreached.iter().fold(answer, |answer, environment| {
                    answer.warn(unreached(&bindings.service, environment))
                })
            },
        )
    }

    pub(super) fn unbind(&self, file: &DocumentFile) -> Result<Answer> {
        self.edit.edit(
            file,
            Missing::IsAnError,
            |draft| plan::unbind_environments(draft, &self.plan, &self.service, &self.environments),
            |bindings| environments_answer(&bindings, IS_UNBOUND),
        )
    }
}

fn keys_answer(KeyBindings { plan, keys }: &KeyBindings, relation: &str) -> Answer {
    let lines: Vec<String> =
        keys.iter().map(|key| format!("key {key} {relation} usage plan {plan}")).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    Answer::new(lines.join("\n"), json!({"usage_plan": plan.id, "keys": ids}))
}

fn moved_answer(bindings: &KeyBindings, left: &[Left]) -> Answer {
    let mut answer = keys_answer(bindings, IS_BOUND);
    for Left { key, plan } in left {
        answer.text.push_str(&format!("\nkey {key} {IS_UNBOUND} usage plan {plan}"));
    }
    let left = left.iter().map(|Left { key, plan }| json!({"key": key.id, "usage_plan": plan.id}));
    answer.insert("left", left.collect::<Value>());
    answer
}

fn environments_answer(bindings: &EnvironmentBindings, relation: &str) -> Answer {
    let EnvironmentBindings { plan, service, environments, .. } = bindings;
    let lines: Vec<String> = environments
        .iter()
        .map(|name| format!("usage plan {plan} {relation} environment \"{name}\" of service {service}"))
        .collect();
    let mut json = json!({"usage_plan": plan.id, "service": service.id, "environments": environments});
    if let [environment] = &environments[..] {
        json["environment"] = environment.as_str().into();
    }
    Answer::new(lines.join("\n"), json)
}

fn unreached(service: &Named, environment: &str) -> String {
    format!(
        "no path reaches environment \"{environment}\" of service {service}: none of its path_mappings names it, and \
         a path that matches none does not lead there either"
    )
}
