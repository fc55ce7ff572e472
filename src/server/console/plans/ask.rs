//! Deleting a plan, and resetting what it has counted. Both ask first.

use crate::console::change::Change;
use crate::console::layout::not_found;
use crate::console::objects::{find_plan, name_of_key, per_period, plan_name};
use crate::console::texts::plans as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{Period, UsagePlan};
use usage_plan_manage::operations::plan as operations;
use usage_plan_manage::operations::plan::Quotas;

use super::under::under;
use crate::console::form::Fields;
use crate::console::layout::Page;
use crate::console::outcome;
use crate::console::parts::{Dialog, buttons, select};
use crate::console::refused::{Faults, bold};
use crate::console::texts::frame;
use crate::console::visit::{Answer, Visit};

/// `GET /console/plans/{id}/{action}`
pub(super) async fn dialog(Change(visit): Change, Path((id, action)): Path<(String, String)>) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let page = page(&visit, plan, &action, &Faults::none());
    page.map(|page| page.show(&visit, "")).ok_or_else(|| not_found(&visit, frame::NO_SUCH_PAGE, &action))
}

/// `POST /console/plans/{id}/{action}`
pub(super) async fn act(
    Change(visit): Change,
    Path((id, action)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let name = bold(plan_name(plan));
    let (now, of) = (visit.now, id.clone());
    let (edited, said, back) = match action.as_str() {
        "delete" => {
            let edited = visit.edit(move |draft| operations::delete(draft, &[of]).map(|_| ())).await?;
            (edited, texts::IS_DELETED, "/console/plans".to_owned())
        }
        "reset" => {
            let period = Period::ALL.into_iter().find(|period| period.name() == fields.text("period"));
            let key = fields.text("key").to_owned();
            let edited = visit.edit(move |draft| {
                let key = Some(key.as_str()).filter(|key| !key.is_empty());
                operations::reset(draft, Quotas { plan: &of, key, period }, now).map(|_| ())
            });
            (edited.await?, texts::IS_RESET, format!("/console/plans/{id}"))
        }
        _ => return Err(not_found(&visit, frame::NO_SUCH_PAGE, &action)),
    };
    match edited {
        Ok(done) => {
            let head = visit.language.rich(said, &[("name", name)]);
            visit.leave(&back, outcome::done(&visit, &head, &done.delivery))
        }
        Err(refusal) => {
            let page = page(&visit, plan, &action, &Faults::of(&visit, &refusal, &[]));
            page.map(|page| page.refuse(&visit))
                .ok_or_else(|| not_found(&visit, frame::NO_SUCH_PAGE, &action))
        }
    }
}

fn page<'v>(visit: &'v Visit, plan: &'v UsagePlan, action: &str, faults: &Faults) -> Option<Page<'v>> {
    let name = [("name", &plan_name(plan) as &dyn std::fmt::Display)];
    let [title, stay, act] = match action {
        "delete" => [texts::DELETE_PLAN, frame::KEEP_IT, texts::DELETE],
        "reset" => [texts::RESET_PLAN, texts::KEEP_COUNTING, texts::RESET],
        _ => return None,
    };
    let back = format!("/console/plans/{}", plan.id);
    let dialog = Dialog {
        title: html! { (visit.language.fill(title, &name)) },
        action: &format!("{back}/{action}"),
        back: &back,
        body: html! {
            (faults.whole())
            @if action == "reset" { (reset(visit, plan)) } @else { (delete(visit, plan)) }
        },
        foot: buttons(&back, visit.say(stay), &visit.language.fill(act, &name), true),
        is_broad: false,
    };
    Some(under(visit, Some(plan), &dialog))
}

fn delete(visit: &Visit, plan: &UsagePlan) -> Markup {
    html! {
        p { (visit.say(texts::DELETE_WHAT)) }
        p {
            (visit.language.count(texts::KEYS, plan.keys.len())) ", "
            (visit.language.count(texts::ENVIRONMENTS_COUNT, plan.environments.len()))
        }
    }
}

/// Which quotas and whose, and what that forgets.
fn reset(visit: &Visit, plan: &UsagePlan) -> Markup {
    let quotas = plan.all_quotas().filter(|quota| quota.max_requests.is_some());
    let quotas: Vec<String> = quotas.map(|quota| per_period(visit.language, quota)).collect();
    let mut periods: Vec<Period> = plan.all_quotas().map(|quota| quota.period).collect();
    periods.dedup();
    let names = Period::ALL.into_iter().zip(texts::PERIODS);
    let options = names.filter(|(period, _)| periods.contains(period));
    let options = options.map(|(period, name)| (period.name(), visit.say(name)));
    let keys: Vec<(&str, &str)> = plan.keys.iter().map(|id| (id.as_str(), name_of_key(visit, id))).collect();
    html! {
        p { (visit.language.fill(texts::RESET_WHAT, &[("quotas", &visit.language.list(&quotas))])) }
        div.pair {
            div.field {
                label for="period" { (visit.say(texts::QUOTA)) }
                (select("period", "period", "",
                    [("", visit.say(texts::EVERY_QUOTA))].into_iter().chain(options)))
            }
            @if plan.counter_per.key {
                div.field {
                    label for="key" { (visit.say(texts::KEY)) }
                    (select("key", "key", "", [("", visit.say(texts::EVERY_KEY))].into_iter().chain(keys)))
                }
            }
        }
    }
}
