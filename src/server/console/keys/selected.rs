//! What is done with several keys at once.

use crate::console::binding;
use crate::console::change::Change;
use crate::console::objects::{key_names, plan_name};
use crate::console::texts::keys as texts;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use usage_plan_core::document::KeyStatus;
use usage_plan_manage::operations::key;

use super::list;
use crate::console::form::{Asked, Fields};
use crate::console::layout::{Page, Room};
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons, select};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

const BACK: &str = "/console/keys";

/// `GET /console/keys/selected`: asks what to do with the keys that are ticked.
pub(super) async fn selected(Change(visit): Change, Asked(query): Asked) -> Response {
    let keys = query.all("key");
    if keys.is_empty() {
        return Redirect::to(BACK).into_response();
    }
    let dialog = match query.text("do") {
        "disable" => disable_dialog(&visit, &keys, &Faults::none()),
        _ => bind_dialog(&visit, &keys, "", &Faults::none()),
    };
    over_list(&visit, dialog)
}

/// `POST /console/keys/bind`
pub(super) async fn bind(Change(visit): Change, fields: Fields) -> Answer {
    let (keys, plan_id) = (fields.all("key"), fields.text("plan").to_owned());
    match binding::bind_keys(&visit, &plan_id, &keys, fields.text("move") == "yes").await? {
        Ok(done) => {
            let head = binding::bound_words(&visit, &done.value);
            visit.leave(BACK, outcome::done(&visit, &head, &done.delivery))
        }
        Err(faults) => Ok(behind(&visit, bind_dialog(&visit, &keys, &plan_id, &faults)).refuse(&visit)),
    }
}

/// `POST /console/keys/disable`
pub(super) async fn disable_all(Change(visit): Change, fields: Fields) -> Answer {
    let keys = fields.all("key");
    let disabled = keys.clone();
    match visit.edit(move |draft| key::set_status(draft, &disabled, KeyStatus::Disabled)).await? {
        Ok(done) => {
            let head = html! { (visit.language.count(texts::ARE_DISABLED, done.value.len())) };
            visit.leave(BACK, outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &[]);
            Ok(behind(&visit, disable_dialog(&visit, &keys, &faults)).refuse(&visit))
        }
    }
}

fn hidden(keys: &[String]) -> Markup {
    html! { @for key in keys { input type="hidden" name="key" value=(key); } }
}

fn bind_dialog(visit: &Visit, keys: &[String], plan: &str, faults: &Faults) -> Markup {
    let plans = visit.document().usage_plans.iter();
    let plans = plans.map(|plan| (plan.id.as_str(), plan_name(plan)));
    let act = visit.language.count(texts::BIND_KEYS, keys.len());
    let dialog = Dialog {
        title: html! { (visit.language.count(texts::BIND_KEYS_TITLE, keys.len())) },
        action: "/console/keys/bind",
        back: BACK,
        body: html! {
            (faults.whole())
            (hidden(keys))
            p { (key_names(visit, keys)) }
            div.field {
                label for="plan-to-bind" { (visit.say(texts::PLAN)) }
                (select("plan-to-bind", "plan", plan, plans))
            }
        },
        foot: buttons(BACK, visit.say(frame::CANCEL), &act, false),
        is_broad: false,
    };
    dialog.render(visit.language)
}

fn disable_dialog(visit: &Visit, keys: &[String], faults: &Faults) -> Markup {
    let act = visit.language.count(texts::DISABLE_KEYS, keys.len());
    let dialog = Dialog {
        title: html! { (act) "?" },
        action: "/console/keys/disable",
        back: BACK,
        body: html! {
            (faults.whole())
            (hidden(keys))
            p { (visit.say(texts::DISABLE_WHAT)) }
            p { (bold(&key_names(visit, keys))) }
        },
        foot: buttons(BACK, visit.say(texts::KEEP_ENABLED), &act, true),
        is_broad: false,
    };
    dialog.render(visit.language)
}

/// The list, under a dialog.
fn behind(visit: &Visit, dialog: Markup) -> Page<'_> {
    Page {
        room: Some(Room::Keys),
        title: visit.say(frame::KEYS),
        content: list::content(visit, &Fields::none()),
        dialog: Some(dialog),
    }
}

/// Answers with a dialog over the list.
fn over_list(visit: &Visit, dialog: Markup) -> Response {
    behind(visit, dialog).show(visit, "")
}
