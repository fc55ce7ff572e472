//! One usage plan: its limits, its keys and its environments.

use crate::console::html::encoded;
use crate::console::objects::{State, find_plan, name_of_key, plan_name, service_name};
use crate::console::texts::plans as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{Enforcement, UsagePlan};

use super::engine_down;
use super::limits::limits;
use crate::console::form::Asked;
use crate::console::layout::{Page, Room};
use crate::console::parts::icon;
use crate::console::texts::frame;
use crate::console::usage::{PlanUsage, of_query};
use crate::console::visit::{Answer, Visit};

/// How many of a plan's keys its page shows.
const SHOWN: usize = 200;

/// `GET /console/plans/{id}`
pub(super) async fn page(visit: Visit, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let plan = find_plan(&visit, &id)?;
    let usage = PlanUsage::read(&visit, plan, of_query(&visit, &query).await).await;
    let content = content_with(&visit, plan, Some(&usage));
    let page = Page { room: Some(Room::Plans), title: plan_name(plan), content, dialog: None };
    Ok(page.show(&visit, query.text("done")))
}

/// All about a plan, behind a dialog.
pub(super) fn content(visit: &Visit, plan: &UsagePlan) -> Markup {
    content_with(visit, plan, None)
}

fn content_with(visit: &Visit, plan: &UsagePlan, usage: Option<&PlanUsage>) -> Markup {
    let address = format!("/console/plans/{}", plan.id);
    html! {
        div.page-head {
            div {
                nav aria-label=(visit.say(frame::BREADCRUMB)) {
                    ol.crumbs
                        { li { a href="/console/plans" { (visit.say(frame::PLANS)) } } li
                        { (plan_name(plan)) } }
                }
                h1 { (plan_name(plan)) " " span.id { (plan.id) } }
                @if !plan.remark.is_empty() { p.lead { (plan.remark) } }
            }
            @if visit.may_change() {
                div.actions {
                    a.button href={ (address) "/edit" } { (visit.say(frame::EDIT)) } " "
                    a.button href={ (address) "/reset" } { (visit.say(texts::RESET_ASK)) } " "
                    a.button.danger href={ (address) "/delete" } { (visit.say(frame::DELETE_ASK)) }
                }
            }
        }
        (facts(visit, plan))
        (limits(visit, plan, usage))
        @if let Some(usage) = usage { (usage.card(visit, plan)) }
        div.columns { (bound_keys(visit, plan, &address)) (bound_environments(visit, plan, &address)) }
    }
}

fn facts(visit: &Visit, plan: &UsagePlan) -> Markup {
    let fact = |name, value: Markup| html! { div { dt { (visit.say(name)) } dd { (value) } } };
    let over = match plan.enforcement {
        Enforcement::Enforce => texts::REFUSED_WITH_429,
        Enforcement::Observe => texts::LET_THROUGH,
    };
    let counted = match (plan.counter_per.key, plan.counter_per.environment) {
        (false, false) => texts::COUNTED_ONCE,
        (true, false) => texts::COUNTED_PER_KEY,
        (false, true) => texts::COUNTED_PER_ENVIRONMENT,
        (true, true) => texts::COUNTED_PER_BOTH,
    };
    let engine_down = engine_down::said(visit, plan.on_engine_down);
    let warn_at = plan.warn_at.iter().map(|percent| format!("{percent} %"));
    html! {
        dl.facts {
            (fact(texts::OVER_A_LIMIT, html! { (visit.say(over)) }))
            (fact(texts::COUNTED, html! { (visit.say(counted)) }))
            @if !plan.warn_at.is_empty() { (fact(texts::WARNS_AT, html! { (visit.language.list(warn_at)) })) }
            @if !engine_down.is_empty() {
                (fact(texts::ENGINE_DOWN, html! { (visit.language.list(engine_down)) }))
            }
            @if !plan.region.is_empty() { (fact(texts::REGION, html! { (plan.region) })) }
            @if let Some(created) = plan.created_at { (fact(texts::CREATED, visit.reader.moment(created))) }
        }
    }
}

fn bound_keys(visit: &Visit, plan: &UsagePlan, address: &str) -> Markup {
    let more = plan.keys.len().saturating_sub(SHOWN);
    html! {
        section.card.w7 aria-labelledby="bound-keys" {
            form method="get" action={ (address) "/unbind-keys" } {
                div.card-head {
                    h2 #bound-keys
                        { (visit.say(frame::KEYS)) " " span.count
                        { (visit.language.number(plan.keys.len() as u64)) } }
                    @if visit.may_change() {
                        @if !plan.keys.is_empty() {
                            button.button.small type="submit" { (visit.say(texts::UNBIND_SELECTED)) } " "
                        }
                        a.button.small href={ (address) "/keys" }
                            { (icon("plus")) " " (visit.say(texts::BIND_KEYS)) }
                    }
                }
                @if plan.keys.is_empty() {
                    div.empty {
                        h3 { (visit.language.fill(texts::HAS_NO_KEY, &[("name", &plan_name(plan))])) }
                        p { (visit.say(texts::HAS_NO_KEY_TODO)) }
                    }
                } @else {
                    table.table {
                        thead {
                            tr {
                                @if visit.may_change() { td.tick {
                                    input type="checkbox" hidden data-all
                                        aria-label=(visit.say(texts::SELECT_ALL));
                                } }
                                th scope="col" { (visit.say(texts::NAME)) }
                                th.p1 scope="col" { (visit.say(texts::STATE)) }
                            }
                        }
                        tbody { @for id in plan.keys.iter().take(SHOWN) { (key_row(visit, id)) } }
                    }
                    @if more > 0 {
                        div.card-foot
                            { a href={ "/console/keys?plan=" (plan.id) }
                            { (visit.language.count(texts::MORE_KEYS, more)) } }
                    }
                }
            }
        }
    }
}

fn key_row(visit: &Visit, id: &str) -> Markup {
    let key = visit.document().key(id);
    let name = name_of_key(visit, id);
    html! {
        tr {
            @if visit.may_change() {
                td.tick {
                    input type="checkbox" name="key" value=(id)
                        aria-label=(visit.language.fill(crate::console::texts::keys::SELECT,
                            &[("name", &name)]));
                }
            }
            th.name scope="row" { a href={ "/console/keys/" (encoded(id)) } { (name) } span.sub.id { (id) } }
            td.when.p1 { @if let Some(key) = key { (State::of(key, visit.now).render(visit.reader)) } }
        }
    }
}

fn bound_environments(visit: &Visit, plan: &UsagePlan, address: &str) -> Markup {
    html! {
        section.card.w5 aria-labelledby="bound-environments" {
            div.card-head {
                h2 #bound-environments { (visit.say(texts::ENVIRONMENTS)) }
                @if visit.may_change() {
                    a.button.small href={ (address) "/environments" } {
                        (icon("plus")) " " (visit.say(texts::BIND_ENVIRONMENTS))
                    }
                }
            }
            @if plan.environments.is_empty() {
                div.empty {
                    h3 { (visit.language.fill(texts::HAS_NO_ENVIRONMENT, &[("name", &plan_name(plan))])) }
                    p { (visit.say(texts::HAS_NO_ENVIRONMENT_TODO)) }
                }
            } @else {
                table.table {
                    thead {
                        tr {
                            th scope="col" { (visit.say(texts::ENVIRONMENT)) }
                            @if visit.may_change() {
                                th.act scope="col" { span.out-of-sight { (visit.say(frame::OPERATIONS)) } }
                            }
                        }
                    }
                    tbody {
                        @for bound in &plan.environments {
                            @let service = visit.document().service(&bound.service);
                            @let name = service.map_or(bound.service.as_str(), service_name);
                            tr {
                                th scope="row" {
                                    a.inline href={ "/console/services/" (bound.service) } { (name) } " "
                                    (bound.environment)
                                    @if let Some(service) = service {
                                        span.sub.id { (service.domains.join(", ")) }
                                    }
                                }
                                @if visit.may_change() {
                                    td.act {
                                        a.button.quiet.small.danger
                                            href={ (address) "/unbind?service=" (bound.service)
                                            "&environment=" (bound.environment) }
                                            aria-label={ (visit.say(texts::UNBIND_ASK)) " " (name) " "
                                                (bound.environment) } {
                                            (visit.say(texts::UNBIND_ASK))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
