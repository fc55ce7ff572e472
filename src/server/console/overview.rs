//! Overview: what is in force where, what needs somebody, and what was done last.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use usage_plan_core::document::KeyStatus;
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::History;

use super::failure;
use super::fleet::{Member, Standing, cells, members, summary};
use super::form::Asked;
use super::layout::{Page, Room};
use super::objects::{State, key_name, plan_name};
use super::parts::{Tone, empty, notice};
use super::site::Console;
use super::texts::{frame, overview as texts};
use super::usage::{self, Near, RefusedKeys, Requests, of_query, segments};
use super::visit::{Stop, Visit};

/// How many edits are shown.
const EDITS: usize = 6;
/// How many objects of a kind are named that need somebody.
const NAMED: usize = 5;

/// The first page.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console", get(page))
}

async fn page(visit: Visit, Asked(query): Asked) -> Result<Response, Stop> {
    let history = visit.console.desk.history().await;
    let history = history.map_err(|error| failure::page(visit.reader, &format!("{error:?}")))?;
    let members = members(&visit.console);
    let range = of_query(&visit, &query).await;
    let requests = Requests::read(&visit, range, None).await;
    let (near, refused) = (Near::read(&visit).await, RefusedKeys::read(&visit, range).await);
    let content = html! {
        div.page-head {
            h1 { (visit.say(frame::OVERVIEW)) }
            div.actions { (segments(visit.reader, "/console", range)) }
        }
        (usage::attention(&visit))
        (attention(&visit, &members))
        div.columns {
            (requests.card(&visit))
            section.card.w4 aria-labelledby="envoys" { (envoys(&visit, &members)) }
            (near.card(&visit))
            (refused.card(&visit))
            section.card.w12 aria-labelledby="edits" { (edits(&visit, &history)) }
        }
    };
    let page = Page { room: Some(Room::Overview), title: visit.say(frame::OVERVIEW), content, dialog: None };
    Ok(page.show(&visit, query.text("done")))
}

/// What needs somebody: Envoys that refuse the document, and objects that have no effect or soon none.
fn attention(visit: &Visit, members: &[Member]) -> Markup {
    let language = visit.language;
    let document = visit.document();
    let refusing = members.iter().filter_map(|member| match &member.standing {
        Standing::Refused(why) => Some((&member.name, texts::REFUSED_IT, why)),
        Standing::Away(why) => Some((&member.name, texts::DOES_NOT_ANSWER, why)),
        Standing::InForce | Standing::Behind => None,
    });
    let enabled = document.keys.iter().filter(|key| key.status == KeyStatus::Enabled);
    let ending = enabled.filter_map(|key| match State::of(key, visit.now) {
        state @ (State::Expires(_) | State::Expired(_)) => Some((key, state)),
        _ => None,
    });
    let idle =
        document.usage_plans.iter().filter(|plan| plan.keys.is_empty() || plan.environments.is_empty());
    let (ending, idle): (Vec<_>, Vec<_>) = (ending.collect(), idle.collect());
    html! {
        @for (name, said, why) in refusing {
            (notice(Tone::Refused, &html! { (language.fill(said, &[("name", name)])) }, &html! {
                p { code.reason { (why) } }
            }))
        }
        @if let Some(problem) = &visit.console.desk.publishing().last().problem {
            (notice(Tone::Refused, &html! { (visit.say(frame::NOT_PUBLISHED)) }, &html!
                { p { code.reason { (problem) } } }))
        }
        @if !ending.is_empty() {
            (notice(Tone::Warn, &html! { (language.count(texts::KEYS_END, ending.len())) }, &html! {
                ul {
                    @for (key, state) in ending.iter().take(NAMED) {
                        li { a.inline href={ "/console/keys/" (key.secret_id) } { (key_name(key)) } ": "
                            (state.render(visit.reader)) }
                    }
                }
            }))
        }
        @if !idle.is_empty() {
            (notice(Tone::Warn, &html! { (language.count(texts::PLANS_IDLE, idle.len())) }, &html! {
                ul {
                    @for plan in idle.iter().take(NAMED) {
                        li { a.inline href={ "/console/plans/" (plan.id) } { (plan_name(plan)) } }
                    }
                }
            }))
        }
    }
}

fn envoys(visit: &Visit, members: &[Member]) -> Markup {
    html! {
        div.card-head { h2 #envoys { (visit.say(texts::ENVOYS)) } (cells(members)) }
        @if members.is_empty() {
            (empty(visit.language, texts::NO_ENVOY_YET, texts::NO_ENVOY_YET_TODO, &html! {}))
        } @else {
            table.table {
                thead { tr { th scope="col" { "Envoy" } th scope="col" { (visit.say(frame::DOCUMENT)) } } }
                tbody {
                    @for member in members {
                        tr {
                            th scope="row" { (member.name) span.sub.id { (member.address) } }
                            td { (standing(visit, &member.standing)) }
                        }
                    }
                }
            }
            div.card-foot { span { (summary(visit.language, members)) } }
        }
    }
}

fn standing(visit: &Visit, standing: &Standing) -> Markup {
    let (class, text) = match standing {
        Standing::InForce => ("state ok", texts::IN_FORCE),
        Standing::Behind => ("state warn", texts::BEHIND),
        Standing::Refused(_) => ("state bad", texts::REFUSED),
        Standing::Away(_) => ("state off", texts::AWAY),
    };
    html! { span class=(class) { (visit.say(text)) } }
}

fn edits(visit: &Visit, history: &History) -> Markup {
    html! {
        div.card-head {
            h2 #edits { (visit.say(texts::LAST_EDITS)) }
            a.note href="/console/activity" { (visit.say(texts::ALL_ACTIVITY)) }
        }
        @if history.entries.is_empty() {
            (empty(visit.language, texts::NO_EDIT_YET, texts::NO_EDIT_YET_TODO, &html! {}))
        } @else {
            ol.timeline.wide {
                @for found in history.entries.iter().rev().take(EDITS) {
                    @let entry = &found.entry;
                    li {
                        span.when {
                            @if let Some(time) = Timestamp::from_rfc3339(&entry.time)
                                { (visit.reader.moment(time)) }
                        }
                        span {
                            (visit.language.list(entry.changes().iter().take(NAMED)
                                .map(|change| visit.language.sentence(&change.label()))))
                            span.sub { (entry.author.who) ", " (entry.author.what) }
                        }
                        span {}
                    }
                }
            }
        }
    }
}
