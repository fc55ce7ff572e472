//! `usage-plan service list` and `show`

use clap::Args;
use serde_json::{Map, Value, json};

use super::plans;
use crate::answer::{Answer, Table};
use crate::document_file::DocumentFile;
use crate::draft::{SERVICES, text};
use crate::error::Result;
use usage_plan_core::document::decode::{AUTHENTICATION, word};
use usage_plan_core::document::{Document, Service};

/// Which services to list.
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Only services whose id or name contains this
    filter: Option<String>,
}

/// Which service to show.
#[derive(Args, Debug)]
pub struct ShowArguments {
    /// Its id or name
    service: String,
}

// === impl ListArguments ===

impl ListArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let titles = ["NAME", "ID", "DOMAINS", "ENVIRONMENTS", "AUTHENTICATION", "USAGE PLANS", "CREATED"];
        let mut table = Table::new(&titles);
        let mut json = Vec::new();
        for (place, object) in draft.matching(SERVICES, self.filter.as_deref()) {
            let Some(service) = draft.document().services.get(place) else { continue };
            let mut plans: Vec<&str> =
                plans(draft.document(), &service.id).map(|(plan, _)| plan.id.as_str()).collect();
            plans.sort_unstable();
            plans.dedup();
            table.row([
                service.name.as_str(),
                &service.id,
                &service.domains.join(" "),
                &environments(service),
                word(&AUTHENTICATION, service.authentication),
                &plans.join(" "),
                text(object, "created_at"),
            ]);
            json.push(shown(object, draft.document(), &service.id));
        }
        Ok(Answer::new(table.lines(), json.into()))
    }
}

// === impl ShowArguments ===

impl ShowArguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let draft = file.read()?;
        let id = draft.resolve(SERVICES, &self.service)?.id;
        let shown = shown(draft.find(SERVICES, &id)?, draft.document(), &id);
        Ok(Answer::new(Table::of_members(&shown).lines(), shown))
    }
}

/// The service as it is in the document, with the plans bound to its environments.
fn shown(service: &Map<String, Value>, document: &Document, id: &str) -> Value {
    let mut shown = service.clone();
    let plans = plans(document, id)
        .map(|(plan, environment)| json!({"usage_plan": plan.id, "environment": environment}));
    shown.insert("usage_plans".to_owned(), plans.collect());
    shown.into()
}

/// Its environments, the one of paths that name none with a star.
fn environments(service: &Service) -> String {
    let star = |name: &String| if service.default_environment.as_ref() == Some(name) { "*" } else { "" };
    let names: Vec<String> =
        service.environments.iter().map(|name| format!("{name}{}", star(name))).collect();
    names.join(" ")
}
