//! Activity: who did what, as differences; and taking an edit back.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use usage_plan_core::timestamp::Timestamp;
use usage_plan_manage::audit::{Entry, History, Kind, Recorded, UndoError};

use super::change::Change;
use super::failure;
use super::form::{Asked, Fields};
use super::layout::{Page, Room, not_found};
use super::outcome;
use super::pages::Paging;
use super::parts::{Dialog, buttons, empty};
use super::refused::{refused, rule};
use super::site::Console;
use super::texts::{activity as texts, frame};
use super::visit::{Answer, Stop, Visit};

/// The pages below `/console/activity`.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/activity", get(list))
        .route("/console/activity/{id}/undo", get(ask).post(undo))
}

async fn list(visit: Visit, Asked(query): Asked) -> Result<Response, Stop> {
    let history = history(&visit).await?;
    let page = Page {
        room: Some(Room::Activity),
        title: visit.say(frame::ACTIVITY),
        content: content(&visit, &history, &query),
        dialog: None,
    };
    Ok(page.show(&visit, query.text("done")))
}

async fn ask(Change(visit): Change, Path(id): Path<String>) -> Answer {
    let history = history(&visit).await?;
    Ok(undo_page(&visit, &history, &id, &html! {})?.show(&visit, ""))
}

async fn undo(Change(visit): Change, Path(id): Path<String>) -> Answer {
    match visit.console.desk.undo(visit.author(), Some(id.clone())).await {
        Ok(done) => {
            let objects = done.value.objects.iter().map(|object| visit.language.sentence(object));
            let objects = visit.language.list(objects);
            let head = html! { (visit.language.fill(texts::UNDONE, &[("objects", &objects)])) };
            visit.leave("/console/activity", outcome::done(&visit, &head, &done.delivery))
        }
        Err(error) => {
            let history = history(&visit).await?;
            let why = refused(&visit, &why(&visit, &error));
            Ok(undo_page(&visit, &history, &id, &why)?.refuse(&visit))
        }
    }
}

async fn history(visit: &Visit) -> Result<History, Stop> {
    let history = visit.console.desk.history().await;
    history.map_err(|error| failure::page(visit.reader, &format!("{error:?}")).into())
}

/// Why an edit is not taken back, and what to do.
fn why(visit: &Visit, error: &UndoError) -> Markup {
    match error {
        UndoError::Changed { obstacles, .. } => html! {
            p { (visit.say(texts::CHANGED_AGAIN)) }
            ul { @for obstacle in obstacles { li { (visit.language.sentence(&obstacle.object)) } } }
        },
        UndoError::SecretIsGone { key, .. } => {
            html! { p { (visit.language.fill(texts::SECRET_IS_GONE, &[("key", key)])) } }
        }
        UndoError::Rule { errors, by, .. } => html! {
            p { (visit.say(texts::LATER_EDITS_NEED_IT)) }
            ul { @for later in by { li { code { (later.id) } " " (later.what) } } }
            ul { @for error in errors.iter() { li { (rule(visit, error)) } } }
        },
        UndoError::NoKey => html! { p { (visit.say(texts::NO_LOG_KEY)) } },
        UndoError::Begins(_) | UndoError::DidNotHappen(_) | UndoError::Unknown(_) => {
            html! { p { (visit.say(texts::NOTHING_TO_UNDO)) } }
        }
        UndoError::Document(error) => html! { p { code { (format!("{error:?}")) } } },
    }
}

fn content(visit: &Visit, history: &History, query: &Fields) -> Markup {
    let undone = undone(history);
    let entries: Vec<&Recorded> = history.entries.iter().rev().collect();
    let paging = Paging::of(query, entries.len());
    html! {
        div.page-head { div { h1 { (visit.say(frame::ACTIVITY)) } p.lead { (visit.say(texts::LEAD)) } } }
        section.card aria-label=(visit.say(frame::ACTIVITY)) {
            @if entries.is_empty() {
                (empty(visit.language, texts::NO_EDIT_YET, texts::NO_EDIT_YET_TODO, &html! {}))
            } @else {
                ol.timeline.wide {
                    @for found in paging.part(&entries) {
                        li { (entry(visit, found, undone.get(found.entry.id.as_str()).copied())) }
                    }
                }
                div.card-foot { span {} (paging.render(visit, "/console/activity", query)) }
            }
        }
    }
}

/// Which entries are taken back, and by which.
fn undone(history: &History) -> HashMap<&str, &str> {
    let happened = history.entries.iter().filter(|found| found.happened);
    happened.filter_map(|found| Some((found.entry.undo_of()?, found.entry.id.as_str()))).collect()
}

fn entry(visit: &Visit, found: &Recorded, undone_by: Option<&str>) -> Markup {
    let entry = &found.entry;
    let difference = entry.difference();
    let may_undo =
        visit.may_change() && found.happened && undone_by.is_none() && !matches!(entry.kind, Kind::Begins(_));
    html! {
        span.when {
            @match Timestamp::from_rfc3339(&entry.time) {
                Some(time) => (visit.reader.moment(time)),
                None => (entry.time),
            }
        }
        div {
            (what(visit, entry))
            span.sub {
                (entry.author.who) ", " (entry.author.from) ", " span.id { (entry.id) }
                @if !found.happened { ", " (visit.say(texts::DID_NOT_HAPPEN)) }
                @if let Some(by) = undone_by
                    { ", " (visit.language.fill(texts::TAKEN_BACK_BY, &[("id", &by)])) }
            }
            @if !difference.is_empty() {
                details.more
                    { summary { (visit.say(texts::SHOW_DIFFERENCE)) } pre.code tabindex="0" { (difference) } }
            }
        }
        span {
            @if may_undo {
                a.button.quiet.small href={ "/console/activity/" (entry.id) "/undo" }
                    aria-label={ (visit.say(texts::UNDO_ASK)) " " (entry.id) }
                        { (visit.say(texts::UNDO_ASK)) }
            }
        }
    }
}

/// What an entry is about, in a line.
fn what(visit: &Visit, entry: &Entry) -> Markup {
    let label = |change: &usage_plan_manage::audit::Change| visit.language.sentence(&change.label());
    let labels = || visit.language.list(entry.changes().iter().map(label));
    match (&entry.kind, entry.undo_of()) {
        (_, Some(id)) => html! { (visit.language.fill(texts::UNDO_OF, &[("id", &id)])) ": " (labels()) },
        (Kind::Begins(_), None) => html! { (visit.say(texts::LOG_BEGINS)) },
        (Kind::Outside(_), None) => html! { (visit.say(texts::CHANGED_OUTSIDE)) ": " (labels()) },
        _ => html! { (labels()) " " span.unit { (entry.author.what) } },
    }
}

fn undo_page<'v>(visit: &'v Visit, history: &History, id: &str, why: &Markup) -> Result<Page<'v>, Stop> {
    let found = history.entries.iter().find(|found| found.entry.id == id);
    let found = found.ok_or_else(|| not_found(visit, texts::NO_SUCH_EDIT, id))?;
    let back = "/console/activity";
    let dialog = Dialog {
        title: html! { (visit.say(texts::UNDO)) "?" },
        action: &format!("/console/activity/{}/undo", found.entry.id),
        back,
        body: html! {
            (why)
            p { (what(visit, &found.entry)) }
            p { (visit.say(texts::UNDO_WHAT)) }
            pre.code tabindex="0" { (found.entry.difference()) }
        },
        foot: buttons(back, visit.say(frame::CANCEL), visit.say(texts::UNDO), true),
        is_broad: true,
    };
    Ok(Page {
        room: Some(Room::Activity),
        title: visit.say(frame::ACTIVITY),
        content: content(visit, history, &Fields::none()),
        dialog: Some(dialog.render(visit.language)),
    })
}
