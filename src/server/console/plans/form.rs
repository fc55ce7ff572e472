//! The form of a usage plan: every field that the document has.

use crate::console::change::Change;
use crate::console::objects::{find_plan, plan_name};
use crate::console::texts::plans as texts;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use usage_plan_core::document::UsagePlan;
use usage_plan_manage::draft::USAGE_PLANS;
use usage_plan_manage::operations::{NewObject, plan};
use usage_plan_manage::random;

use super::engine_down;
use super::fields::{self, MORE_QUOTAS};
use super::under::under;
use crate::console::form::Fields;
use crate::console::inputs::inputs;
use crate::console::layout::Page;
use crate::console::parts::{Dialog, InputKind, buttons, choice, wrong};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};
use crate::console::{failure, outcome, revision};

/// The members that have a field.
const FIELDS: [&str; 7] =
    ["name", "max_requests_per_second", "burst", "quotas", "warn_at", "apis", engine_down::MEMBER];

/// `GET /console/plans/new`
pub(super) async fn new(Change(visit): Change) -> Response {
    page(&visit, None, &Fields::none(), &Faults::none()).show(&visit, "")
}

/// `POST /console/plans/new`
pub(super) async fn create(Change(visit): Change, fields: Fields) -> Answer {
    let id = random::id(USAGE_PLANS).map_err(|error| failure::page(visit.reader, &format!("{error:?}")))?;
    let name = fields.text("name").to_owned();
    let members = fields::members(&fields);
    let new = NewObject { id: id.clone(), name: name.clone(), members, created_at: visit.now };
    match visit.edit(move |draft| plan::create(draft, new).map(|_| ())).await? {
        Ok(done) => {
            let head = visit.language.rich(texts::CREATED_PLAN, &[("name", bold(&name))]);
            visit.leave(&format!("/console/plans/{id}"), outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let faults = Faults::of(&visit, &refusal, &FIELDS);
            Ok(page(&visit, None, &fields, &faults).refuse(&visit))
        }
    }
}

/// `GET /console/plans/{id}/edit`
pub(super) async fn edit(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let revision = revision::of(&visit.read.draft, USAGE_PLANS, &id);
    let fields = fields::of(plan).with(revision::FIELD, revision);
    Ok(page(&visit, Some(plan), &fields, &Faults::none()).show(&visit, ""))
}

/// `POST /console/plans/{id}/edit`
pub(super) async fn save(Change(visit): Change, Path(id): Path<String>, fields: Fields) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let members = fields::members(&fields);
    let (edited, seen) = (id.clone(), fields.text(revision::FIELD).to_owned());
    let saved = visit.edit(move |draft| {
        if revision::of(draft, USAGE_PLANS, &edited) != seen {
            return Ok(false);
        }
        plan::edit(draft, &edited, members).map(|_| true)
    });
    let faults = match saved.await? {
        Ok(done) if done.value => {
            let head = visit.language.rich(frame::SAVED, &[("name", bold(fields.text("name")))]);
            return visit
                .leave(&format!("/console/plans/{id}"), outcome::done(&visit, &head, &done.delivery));
        }
        Ok(_) => revision::changed(&visit, plan_name(plan)),
        Err(refusal) => Faults::of(&visit, &refusal, &FIELDS),
    };
    // What others changed is in the page behind; whoever saves again has seen it.
    let fields = fields.replaced(revision::FIELD, revision::of(&visit.read.draft, USAGE_PLANS, &id));
    Ok(page(&visit, Some(plan), &fields, &faults).refuse(&visit))
}

fn page<'v>(visit: &'v Visit, plan: Option<&'v UsagePlan>, fields: &Fields, faults: &Faults) -> Page<'v> {
    let back = plan.map_or_else(|| "/console/plans".to_owned(), |plan| format!("/console/plans/{}", plan.id));
    let action = if plan.is_some() { format!("{back}/edit") } else { format!("{back}/new") };
    let act = if plan.is_some() { frame::SAVE } else { texts::CREATE_PLAN };
    let dialog = Dialog {
        title: match plan {
            Some(plan) => visit.language.rich(frame::EDIT_OBJECT, &[("name", bold(plan_name(plan)))]),
            None => html! { (visit.say(texts::NEW_PLAN)) },
        },
        action: &action,
        back: &back,
        body: body(visit, fields, faults),
        foot: buttons(&back, visit.say(frame::CANCEL), visit.say(act), false),
        is_broad: true,
    };
    under(visit, plan, &dialog)
}

fn body(visit: &Visit, fields: &Fields, faults: &Faults) -> Markup {
    let input = inputs(visit, fields, faults);
    let say = |text| visit.say(text);
    let per = |value: &str, text| {
        html! {
            label.check {
                input type="checkbox" name="counter_per" value=(value)
                    checked[fields.has("counter_per", value)];
                (say(text))
            }
        }
    };
    let observes = fields.text("enforcement") == "observe";
    html! {
        (faults.whole())
        @if let Some(revision) = fields.get(revision::FIELD) {
            input type="hidden" name=(revision::FIELD) value=(revision);
        }
        (input("name", texts::NAME, texts::NAME_HINT, InputKind::First))
        div.pair {
            (input("max_requests_per_second", texts::PER_SECOND, texts::EMPTY_IS_NO_LIMIT, InputKind::Number))
            (input("burst", texts::BURST, texts::BURST_HINT, InputKind::Number))
        }
        (quotas(visit, fields, faults))
        (input("warn_at", texts::WARNS_AT, texts::WARN_AT_HINT, InputKind::Code))
        fieldset.field {
            legend { (say(texts::COUNTED)) }
            div.tags.loose
                { (per("key", texts::FOR_EACH_KEY)) (per("environment", texts::FOR_EACH_ENVIRONMENT)) }
            p.hint { (say(texts::COUNTED_HINT)) }
        }
        fieldset.choices {
            legend { (say(texts::OVER_A_LIMIT)) }
            (choice("enforcement", "enforce", !observes, say(texts::REFUSED_WITH_429), ""))
            (choice("enforcement", "observe", observes, say(texts::LET_THROUGH),
                say(texts::LET_THROUGH_HINT)))
        }
        (engine_down::body(visit, fields, faults))
        (input("apis", texts::API_LIMITS, texts::API_LIMITS_HINT, InputKind::Lines))
        div.pair {
            (input("region", texts::REGION, texts::REGION_HINT, InputKind::Text))
            (input("remark", texts::REMARK, texts::REMARK_HINT, InputKind::Text))
        }
    }
}

/// A row for each quota, and some that are empty.
fn quotas(visit: &Visit, fields: &Fields, faults: &Faults) -> Markup {
    let mut rows: Vec<[String; 3]> =
        fields::quotas(fields).into_iter().filter(|[max, ..]| !max.is_empty()).collect();
    rows.extend((0..MORE_QUOTAS).map(|_| [String::new(), "day".to_owned(), String::new()]));
    let say = |text| visit.say(text);
    let message = faults.field("quotas");
    html! {
        fieldset.field {
            legend { (say(texts::QUOTAS)) }
            @for (index, [max, period, offset]) in rows.iter().enumerate() {
                @let number = (index + 1).to_string();
                div.with-unit {
                    input.input.mono type="text" inputmode="numeric" name="quota_max" value=(max)
                        aria-label={ (say(texts::QUOTA_MAX)) " " (number) }
                            aria-invalid=[message.map(|_| "true")]
                        aria-describedby=[message.map(|_| "quotas-wrong")];
                    select.input name="quota_period" aria-label={ (say(texts::QUOTA_PERIOD)) " " (number) } {
                        @for (word, name) in fields::periods().into_iter().zip(texts::PERIODS) {
                            option value=(word) selected[word == period] { (say(name)) }
                        }
                    }
                    input.input.mono type="text" name="quota_offset" value=(offset) placeholder="+08:00"
                        aria-label={ (say(texts::QUOTA_OFFSET)) " " (number) };
                }
            }
            p.hint { (say(texts::QUOTAS_HINT)) }
            (wrong("quotas", message))
        }
    }
}
