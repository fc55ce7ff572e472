//! A new key.

use crate::console::change::Change;
use crate::console::objects::plan_name;
use crate::console::texts::keys as texts;
use std::time::Duration;

use axum::response::Response;
use maud::{Markup, html};
use usage_plan_core::document::{Secret, SecretSource};
use usage_plan_manage::Error;
use usage_plan_manage::draft::{KEYS, Members};
use usage_plan_manage::operations::NewObject;
use usage_plan_manage::operations::key::{self, NewSecret};
use usage_plan_manage::random;

use super::list;
use crate::console::failure;
use crate::console::form::Fields;
use crate::console::inputs::inputs;
use crate::console::layout::{Page, Room};
use crate::console::outcome;
use crate::console::parts::{Dialog, InputKind, buttons, choice, select};
use crate::console::refused::{Faults, bold};
use crate::console::session::{Flash, NewSecret as Shown};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// The fields of the form that are members of a key.
const FIELDS: [&str; 4] = ["name", "secret_id", "secret_key", "remark"];

const DAY: Duration = Duration::from_secs(86_400);

/// `GET /console/keys/new`
pub(super) async fn dialog(Change(visit): Change) -> Response {
    page(&visit, &Fields::none(), &Faults::none()).show(&visit, "")
}

/// `POST /console/keys/new`
pub(super) async fn create(Change(visit): Change, fields: Fields) -> Answer {
    let is_custom = fields.text("type") == "custom";
    let made = if is_custom { Ok(given(&fields)) } else { automatic() };
    let (id, secret) = made.map_err(|error| failure::page(visit.reader, &format!("{error:?}")))?;
    let shown = match &secret {
        NewSecret::Random(secret) => Some(secret.clone()),
        NewSecret::Given(_) => None,
    };
    let name = fields.text("name").to_owned();
    let not_after = match fields.text("expires") {
        "quarter" => Some(visit.now.saturating_add(DAY * 90)),
        "year" => Some(visit.now.saturating_add(DAY * 365)),
        _ => None,
    };
    let remark = Some(fields.text("remark")).filter(|remark| !remark.is_empty());
    let members = Members::new()
        .with("remark", remark)
        .with("not_after", not_after.map(usage_plan_core::timestamp::Timestamp::to_rfc3339));
    let new = NewObject { id: id.clone(), name: name.clone(), members, created_at: visit.now };
    let plans = fields.all("plan");
    let edited = visit.edit(move |draft| key::create(draft, new, &secret, &plans).map(|_| ())).await?;
    let done = match edited {
        Ok(done) => done,
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &FIELDS);
            return Ok(page(&visit, &fields, &faults).refuse(&visit));
        }
    };
    let title = visit.language.fill(texts::CREATED_KEY, &[("name", &name)]);
    match shown {
        Some(secret_key) => {
            let in_force = outcome::in_force(&visit, &done.delivery);
            let shown = Shown { title, secret_id: id, secret_key, in_force };
            visit.leave("/console/keys", Flash::Secret(shown))
        }
        None => {
            let head = visit.language.rich(texts::CREATED_KEY, &[("name", bold(&name))]);
            visit.leave("/console/keys", outcome::done(&visit, &head, &done.delivery))
        }
    }
}

fn automatic() -> Result<(String, NewSecret), Error> {
    Ok((random::id(KEYS)?, NewSecret::Random(random::secret()?)))
}

fn given(fields: &Fields) -> (String, NewSecret) {
    let secret = Secret::new(fields.text("secret_key"));
    (fields.text("secret_id").to_owned(), NewSecret::Given(SecretSource::Document(secret)))
}

fn page<'v>(visit: &'v Visit, fields: &Fields, faults: &Faults) -> Page<'v> {
    let dialog = Dialog {
        title: html! { (visit.say(texts::NEW_KEY)) },
        action: "/console/keys/new",
        back: "/console/keys",
        body: body(visit, fields, faults),
        foot: html! {
            p.note { (visit.say(texts::SHOWN_ONCE_NEXT)) }
            (buttons("/console/keys", visit.say(frame::CANCEL), visit.say(texts::CREATE_KEY), false))
        },
        is_broad: false,
    };
    Page {
        room: Some(Room::Keys),
        title: visit.say(texts::NEW_KEY),
        content: list::content(visit, &Fields::none()),
        dialog: Some(dialog.render(visit.language)),
    }
}

fn body(visit: &Visit, fields: &Fields, faults: &Faults) -> Markup {
    let input = inputs(visit, fields, faults);
    let is_custom = fields.text("type") == "custom";
    let say = |text| visit.say(text);
    let plans = visit.document().usage_plans.iter();
    let plans = plans.map(|plan| (plan.id.as_str(), plan_name(plan)));
    let ends = [("", texts::NEVER), ("quarter", texts::IN_90_DAYS), ("year", texts::IN_A_YEAR)];
    html! {
        (faults.whole())
        (input("name", texts::NAME, texts::NAME_HINT, InputKind::First))
        fieldset.choices {
            legend { (say(texts::SECRET)) }
            (choice("type", "automatic", !is_custom, say(texts::AUTOMATIC), say(texts::AUTOMATIC_HINT)))
            (choice("type", "custom", is_custom, say(texts::CUSTOM), say(texts::CUSTOM_HINT)))
        }
        div.only-custom { (input("secret_id", texts::SECRET_ID, texts::SECRET_ID_HINT, InputKind::Code)) }
        div.only-custom {
            (input("secret_key", texts::SECRET_KEY, texts::SECRET_KEY_HINT, InputKind::Secret))
        }
        div.pair {
            div.field {
                label for="new-plan" { (say(texts::PLAN)) " " span.optional { (say(frame::OPTIONAL)) } }
                (select("new-plan", "plan", fields.text("plan"),
                    [("", say(texts::BIND_LATER))].into_iter().chain(plans)))
            }
            div.field {
                label for="expires" { (say(texts::EXPIRES)) }
                (select("expires", "expires", fields.text("expires"),
                    ends.map(|(value, text)| (value, say(text)))))
            }
        }
        (input("remark", texts::REMARK, texts::REMARK_HINT, InputKind::Text))
    }
}
