//! The form of a service: every field that the document has.

use crate::console::change::Change;
use crate::console::objects::{find_service, service_name};
use crate::console::texts::services as texts;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};
use usage_plan_core::document::{Authentication, Service};
use usage_plan_manage::draft::{Members, SERVICES};
use usage_plan_manage::operations::{NewObject, service};
use usage_plan_manage::random;

use super::under::under;
use crate::console::form::Fields;
use crate::console::inputs::inputs;
use crate::console::layout::Page;
use crate::console::parts::{Dialog, InputKind, buttons, choice};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};
use crate::console::{failure, outcome, revision};

/// The members that have a field.
const FIELDS: [&str; 6] =
    ["name", "domains", "environments", "default_environment", "path_mappings", "required_signed_headers"];

/// `GET /console/services/new`
pub(super) async fn new(Change(visit): Change) -> Response {
    let fields = Fields::none().with("environments", "release prepub test");
    page(&visit, None, &fields, &Faults::none()).show(&visit, "")
}

/// `POST /console/services/new`
pub(super) async fn create(Change(visit): Change, fields: Fields) -> Answer {
    let id = random::id(SERVICES).map_err(|error| failure::page(visit.reader, &format!("{error:?}")))?;
    let name = fields.text("name").to_owned();
    let members = members(&fields);
    let new = NewObject { id: id.clone(), name: name.clone(), members, created_at: visit.now };
    match visit.edit(move |draft| service::create(draft, new).map(|_| ())).await? {
        Ok(done) => {
            let head = visit.language.rich(texts::CREATED_SERVICE, &[("name", bold(&name))]);
            visit.leave(&format!("/console/services/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &FIELDS);
            Ok(page(&visit, None, &fields, &faults).refuse(&visit))
        }
    }
}

/// `GET /console/services/{id}/edit`
pub(super) async fn edit(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let service = find_service(&visit, &id)?;
    let fields = fields_of(service).with(revision::FIELD, revision::of(&visit.read.draft, SERVICES, &id));
    Ok(page(&visit, Some(service), &fields, &Faults::none()).show(&visit, ""))
}

/// `POST /console/services/{id}/edit`
pub(super) async fn save(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let service = find_service(&visit, &id)?;
    let members = members(&fields);
    let (edited, seen) = (id.clone(), fields.text(revision::FIELD).to_owned());
    let saved = visit.edit(move |draft| {
        if revision::of(draft, SERVICES, &edited) != seen {
            return Ok(false);
        }
        service::edit(draft, &edited, members).map(|_| true)
    });
    let faults = match saved.await? {
        Ok(done) if done.value => {
            let head = visit.language.rich(frame::SAVED, &[("name", bold(fields.text("name")))]);
            let address = format!("/console/services/{id}");
            return visit.leave(&address, outcome::done(&visit, &head, &done.delivery));
        }
        Ok(_) => revision::changed(&visit, service_name(service)),
        Err(refusal) => Faults::of(&visit, &refusal, &FIELDS),
    };
    let fields = fields.replaced(revision::FIELD, revision::of(&visit.read.draft, SERVICES, &id));
    Ok(page(&visit, Some(service), &fields, &faults).refuse(&visit))
}

/// The fields of a service.
fn fields_of(service: &Service) -> Fields {
    let mapping = |mapping: &usage_plan_core::document::PathMapping| {
        format!("{} {}", mapping.path, mapping.environment)
    };
    let is_open = service.authentication == Authentication::None;
    Fields::none()
        .with("name", service.name.as_str())
        .with("domains", service.domains.join(" "))
        .with("environments", service.environments.join(" "))
        .with("default_environment", service.default_environment.clone().unwrap_or_default())
        .with("path_mappings", service.path_mappings.iter().map(mapping).collect::<Vec<_>>().join("\n"))
        .with("required_signed_headers", service.required_signed_headers.join(" "))
        .with("authentication", if is_open { "none" } else { "key_pair" })
        .with("show_usage", if service.show_usage { "yes" } else { "no" })
}

/// The members that the fields mean.
fn members(fields: &Fields) -> Members {
    let list = |name: &str| Some(Value::from(fields.words(name)));
    let mappings: Vec<Value> = fields.text("path_mappings").lines().filter_map(mapping).collect();
    let is_open = fields.text("authentication") == "none";
    Members::new()
        .with("name", Some(fields.text("name")))
        .with("domains", list("domains"))
        .with("environments", list("environments"))
        .with("default_environment", Some(fields.text("default_environment")))
        .with("path_mappings", Some(Value::from(mappings)))
        .with("required_signed_headers", list("required_signed_headers"))
        .with("authentication", Some(if is_open { "none" } else { "" }))
        .with("show_usage", Some(if fields.text("show_usage") == "no" { json!(false) } else { json!("") }))
}

/// `/v1 release`
fn mapping(line: &str) -> Option<Value> {
    let mut words = line.split_whitespace();
    let path = words.next()?;
    Some(json!({"path": path, "environment": words.next().unwrap_or_default()}))
}

fn page<'v>(visit: &'v Visit, service: Option<&'v Service>, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = service.map_or_else(
        || "/console/services".to_owned(),
        |service| format!("/console/services/{}", service.id),
    );
    let action = if service.is_some() { format!("{back}/edit") } else { format!("{back}/new") };
    let act = if service.is_some() { frame::SAVE } else { texts::CREATE_SERVICE };
    let dialog = Dialog {
        title: match service {
            Some(service) => {
                visit.language.rich(frame::EDIT_OBJECT, &[("name", bold(service_name(service)))])
            }
            None => html! { (visit.say(texts::NEW_SERVICE)) },
        },
        action: &action,
        back: &back,
        body: body(visit, fields, faults),
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(act), false),
        is_broad: true,
    };
    under(visit, service, &dialog)
}

fn body(visit: &Visit, fields: &Fields, faults: &Faults) -> Markup {
    let input = inputs(visit, fields, faults);
    let say = |text| visit.say(text);
    let is_open = fields.text("authentication") == "none";
    let is_shown = fields.text("show_usage") != "no";
    html! {
        (faults.whole())
        @if let Some(revision) = fields.get(revision::FIELD) {
            input type="hidden" name=(revision::FIELD) value=(revision);
        }
        (input("name", texts::NAME, texts::NAME_HINT, InputKind::First))
        (input("domains", texts::DOMAINS, texts::DOMAINS_HINT, InputKind::Code))
        div.pair {
            (input("environments", texts::ENVIRONMENTS, texts::ENVIRONMENTS_HINT, InputKind::Code))
            (input("default_environment", texts::WITHOUT_ENVIRONMENT, texts::DEFAULT_HINT, InputKind::Code))
        }
        (input("path_mappings", texts::MAPPINGS, texts::MAPPINGS_HINT, InputKind::Lines))
        (input("required_signed_headers", texts::MUST_BE_SIGNED, texts::MUST_BE_SIGNED_HINT, InputKind::Code))
        fieldset.choices {
            legend { (say(texts::CALLERS)) }
            (choice("authentication", "key_pair", !is_open, say(texts::CALLERS_SIGN), ""))
            (choice("authentication", "none", is_open, say(texts::CALLERS_MAY_SIGN),
                say(texts::CALLERS_MAY_SIGN_HINT)))
        }
        fieldset.choices {
            legend { (say(texts::SHOW_USAGE)) }
            (choice("show_usage", "yes", is_shown, say(texts::YES), ""))
            (choice("show_usage", "no", !is_shown, say(texts::NO), ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;
    use usage_plan_manage::draft;

    use super::*;

    #[test]
    fn every_field_of_a_service_is_in_its_form_and_means_the_same() {
        let object = json!({"id": "orders", "name": "orders", "domains": ["a.example.com", "*.b.example.com"],
            "environments": ["release", "test"], "default_environment": "release",
            "path_mappings":
                [{"path": "/", "environment": "release"}, {"path": "/v1/x", "environment": "test"}],
            "authentication": "none", "required_signed_headers": ["host", "digest"], "show_usage": false});
        let service = |object: &Value| {
            let document = draft::read(json!({"services": [object]}).to_string().as_bytes()).expect("valid");
            document.services.into_iter().next().expect("a service")
        };
        let mut same = Map::new();
        members(&fields_of(&service(&object))).apply(&mut same);
        same.insert("id".to_owned(), "orders".into());
        assert_eq!(service(&Value::from(same)), service(&object));
    }
}
