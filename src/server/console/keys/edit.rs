//! A key's name, note and time of validity.

use crate::console::change::Change;
use crate::console::html::encoded;
use crate::console::objects::{find_key, key_name};
use crate::console::texts::keys as texts;
use axum::extract::Path;
use maud::html;
use usage_plan_core::document::Key;
use usage_plan_manage::draft::Members;
use usage_plan_manage::operations::key;

use super::show;
use crate::console::form::Fields;
use crate::console::inputs::inputs;
use crate::console::layout::{Page, Room};
use crate::console::outcome;
use crate::console::parts::{Dialog, InputKind, buttons};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// The fields of the form, which are members of a key.
const FIELDS: [&str; 4] = ["name", "remark", "not_before", "not_after"];

/// `GET /console/keys/{id}/edit`
pub(super) async fn dialog(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let key = find_key(&visit, &id)?;
    let time = |time: Option<usage_plan_core::timestamp::Timestamp>| {
        time.map_or_else(String::new, usage_plan_core::timestamp::Timestamp::to_rfc3339)
    };
    let fields = Fields::none()
        .with("name", key.name.as_str())
        .with("remark", key.remark.as_str())
        .with("not_before", time(key.not_before))
        .with("not_after", time(key.not_after));
    Ok(page(&visit, key, &fields, &Faults::none()).show(&visit, ""))
}

/// `POST /console/keys/{id}/edit`
pub(super) async fn edit(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let key = find_key(&visit, &id)?;
    let members = FIELDS.iter().fold(Members::new(), |members, field| members.with(field, fields.get(field)));
    match visit.edit(move |draft| key::edit(draft, &id, members).map(|_| ())).await? {
        Ok(done) => {
            let head = visit.language.rich(frame::SAVED, &[("name", bold(key_name(key)))]);
            let address = format!("/console/keys/{}", encoded(&key.secret_id));
            visit.leave(&address, outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &FIELDS);
            Ok(page(&visit, key, &fields, &faults).refuse(&visit))
        }
    }
}

fn page<'v>(visit: &'v Visit, key: &'v Key, fields: &Fields, faults: &Faults) -> Page<'v> {
    let input = inputs(visit, fields, faults);
    let back = format!("/console/keys/{}", encoded(&key.secret_id));
    let dialog = Dialog {
        title: html! { (visit.language.rich(frame::EDIT_OBJECT, &[("name", bold(key_name(key)))])) },
        action: &format!("{back}/edit"),
        back: &back,
        body: html! {
            (faults.whole())
            (input("name", texts::NAME, texts::NAME_HINT, InputKind::First))
            (input("remark", texts::REMARK, texts::REMARK_HINT, InputKind::Text))
            (input("not_before", texts::NOT_BEFORE, texts::TIME_HINT, InputKind::Code))
            (input("not_after", texts::NOT_AFTER, texts::TIME_HINT, InputKind::Code))
        },
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(frame::SAVE), false),
        is_broad: false,
    };
    Page {
        room: Some(Room::Keys),
        title: key_name(key),
        content: show::content(visit, key),
        dialog: Some(dialog.render(visit.language)),
    }
}
