//! One key: its state, what it is bound to, and what can be done with it.

use crate::console::html::encoded;
use crate::console::objects::{State, find_key, key_name, limits, plan_name, service_name};
use crate::console::texts::keys as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{Key, SecretSource};
use usage_plan_manage::operations::key::plans;

use super::list;
use crate::console::form::Asked;
use crate::console::layout::{Page, Room};
use crate::console::texts::frame;
use crate::console::usage::{KeyUsage, of_query};
use crate::console::visit::{Answer, Visit};

/// `GET /console/keys/{id}`
pub(super) async fn page(visit: Visit, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let key = find_key(&visit, &id)?;
    let usage = KeyUsage::read(&visit, key, of_query(&visit, &query).await).await;
    let content = html! { (content(&visit, key)) (usage.card(&visit, key)) };
    let page = Page { room: Some(Room::Keys), title: key_name(key), content, dialog: None };
    Ok(page.show(&visit, query.text("done")))
}

/// All about a key.
pub(super) fn content(visit: &Visit, key: &Key) -> Markup {
    let address = format!("/console/keys/{}", encoded(&key.secret_id));
    let state = State::of(key, visit.now);
    html! {
        div.page-head {
            div {
                nav aria-label=(visit.say(frame::BREADCRUMB)) {
                    ol.crumbs
                        { li { a href="/console/keys" { (visit.say(frame::KEYS)) } } li { (key_name(key)) } }
                }
                h1 { (key_name(key)) " " span.id { (key.secret_id) } }
                @if !key.remark.is_empty() { p.lead { (key.remark) } }
            }
            @if visit.may_change() {
                form.actions method="get" action={ (address) "/edit" } {
                    button.button.small type="submit" { (visit.say(frame::EDIT)) } " "
                    (list::operations(visit, key, state, &address))
                }
            }
        }
        (facts(visit, key, state))
        (bound(visit, key))
    }
}

fn facts(visit: &Visit, key: &Key, state: State) -> Markup {
    let fact = |name, value: Markup| html! { div { dt { (visit.say(name)) } dd { (value) } } };
    let secret = match &key.secret {
        Some(SecretSource::Environment(name)) => {
            html! { (visit.say(texts::IN_VARIABLE)) " " span.mono { (name) } }
        }
        Some(SecretSource::File(path)) => html! { (visit.say(texts::IN_FILE)) " " span.mono { (path) } },
        Some(SecretSource::Document(_)) | None => html! { (visit.say(texts::IN_DOCUMENT)) },
    };
    html! {
        dl.facts {
            (fact(texts::STATE, state.render(visit.reader)))
            (fact(texts::SECRET, secret))
            @if let Some(from) = key.not_before { (fact(texts::NOT_BEFORE, visit.reader.moment(from))) }
            @if let Some(until) = key.not_after { (fact(texts::NOT_AFTER, visit.reader.moment(until))) }
            @if let Some(created) = key.created_at { (fact(texts::CREATED, visit.reader.moment(created))) }
        }
    }
}

/// The plans of the key, and the environments that it may call by each.
fn bound(visit: &Visit, key: &Key) -> Markup {
    let document = visit.document();
    let plans = plans(document);
    let plans = plans.get(key.secret_id.as_str()).map_or(&[][..], Vec::as_slice);
    html! {
        section.card aria-labelledby="bound" {
            div.card-head {
                h2 #bound { (visit.say(frame::PLANS)) }
                @if visit.may_change() {
                    @let address = format!("/console/keys/selected?do=bind&key={}", encoded(&key.secret_id));
                    a.button.small href=(address) { (visit.say(texts::BIND_TO_PLAN)) }
                }
            }
            @if plans.is_empty() {
                div.empty { p { (visit.say(texts::REACHES_NOTHING)) } }
            } @else {
                table.table {
                    thead {
                        tr {
                            th scope="col" { (visit.say(texts::PLAN)) }
                            th.p1 scope="col" { (visit.say(texts::LIMITS)) }
                            th scope="col" { (visit.say(texts::MAY_CALL)) }
                        }
                    }
                    tbody {
                        @for plan in plans {
                            tr {
                                th scope="row" {
                                    a href={ "/console/plans/" (plan.id) } { (plan_name(plan)) }
                                }
                                td.p1 { (limits(visit.language, plan)) }
                                td {
                                    @for bound in &plan.environments {
                                        @let service = document.service(&bound.service);
                                        div {
                                            a.inline href={ "/console/services/" (bound.service) } {
                                                (service.map_or(bound.service.as_str(), service_name))
                                            } " " (bound.environment)
                                        }
                                    }
                                    @if plan.environments.is_empty()
                                        { span.none { (visit.say(texts::NOWHERE)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
