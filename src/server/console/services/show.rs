//! One service: its environments across, the plans that are bound to them down.

use crate::console::objects::{find_service, limits, plan_name, service_name};
use crate::console::texts::services as texts;
use axum::extract::Path;
use maud::{Markup, html};
use usage_plan_core::document::{Authentication, Service, UsagePlan};
use usage_plan_manage::operations::service::plans;

use crate::console::form::Asked;
use crate::console::layout::{Page, Room};
use crate::console::parts::{empty, icon};
use crate::console::texts::{frame, plans as plan_texts};
use crate::console::visit::{Answer, Visit};

/// `GET /console/services/{id}`
pub(super) async fn page(visit: Visit, Path(id): Path<String>, Asked(query): Asked) -> Answer {
    let service = find_service(&visit, &id)?;
    let content = content(&visit, service);
    let page = Page { room: Some(Room::Services), title: service_name(service), content, dialog: None };
    Ok(page.show(&visit, query.text("done")))
}

/// All about a service.
pub(super) fn content(visit: &Visit, service: &Service) -> Markup {
    let address = format!("/console/services/{}", service.id);
    html! {
        div.page-head {
            div {
                nav aria-label=(visit.say(frame::BREADCRUMB)) {
                    ol.crumbs
                        { li { a href="/console/services" { (visit.say(frame::SERVICES)) } } li
                        { (service_name(service)) } }
                }
                h1 { (service_name(service)) " " span.id { (service.id) } }
            }
            @if visit.may_change() {
                div.actions {
                    a.button href={ (address) "/edit" } { (visit.say(frame::EDIT)) } " "
                    a.button.danger href={ (address) "/delete" } { (visit.say(frame::DELETE_ASK)) }
                }
            }
        }
        (facts(visit, service))
        (matrix(visit, service, &address))
        (paths(visit, service))
    }
}

fn facts(visit: &Visit, service: &Service) -> Markup {
    let fact = |name, value: Markup| html! { div { dt { (visit.say(name)) } dd { (value) } } };
    let callers = match service.authentication {
        Authentication::KeyPair => texts::CALLERS_SIGN,
        Authentication::None => texts::CALLERS_MAY_SIGN,
    };
    let default = service.default_environment.as_deref();
    html! {
        dl.facts {
            (fact(texts::DOMAINS, html! { span.mono { (service.domains.join(", ")) } }))
            (fact(texts::WITHOUT_ENVIRONMENT, html!
                { (default.unwrap_or_else(|| visit.say(texts::REFUSED_WITH_404))) }))
            (fact(texts::CALLERS, html! { (visit.say(callers)) }))
            (fact(texts::MUST_BE_SIGNED, html! {
                (visit.say(texts::A_DATE))
                @for header in &service.required_signed_headers { ", " span.mono { (header) } }
            }))
            @if let Some(created) = service.created_at
                { (fact(texts::CREATED, visit.reader.moment(created))) }
        }
    }
}

/// The plans that are bound to an environment of the service, in the order of the document.
fn bound_plans<'v>(visit: &'v Visit, service: &Service) -> Vec<&'v UsagePlan> {
    let mut bound: Vec<&UsagePlan> = plans(visit.document(), &service.id).map(|(plan, _)| plan).collect();
    bound.dedup_by_key(|plan| &plan.id);
    bound
}

fn matrix(visit: &Visit, service: &Service, address: &str) -> Markup {
    let bound = bound_plans(visit, service);
    let others = visit.document().usage_plans.len() - bound.len();
    let bind = html! {
        @if visit.may_change() {
            a.button.primary.small href={ (address) "/bind" } { (icon("plus")) " " (visit.say(texts::BIND)) }
        }
    };
    html! {
        section.card aria-labelledby="plans" {
            div.card-head { h2 #plans { (visit.say(texts::PLANS_OF_EACH)) } (bind) }
            @if bound.is_empty() {
                (empty(visit.language, texts::NO_PLAN_BOUND, texts::NO_PLAN_BOUND_TODO, &html! {}))
            } @else {
                section.scrolls tabindex="0" aria-label=(visit.say(texts::PLANS_BY_ENVIRONMENT)) {
                    table.table.matrix {
                        thead {
                            tr {
                                th scope="col" { (visit.say(texts::PLAN)) }
                                @for environment in &service.environments {
                                    th scope="col" { b { (environment) } (prefixes(service, environment)) }
                                }
                            }
                        }
                        tbody { @for plan in bound { (row(visit, service, plan, address)) } }
                    }
                }
                @if others > 0 {
                    div.card-foot {
                        span { (visit.language.count(texts::MORE_PLANS, others)) }
                        a href="/console/plans" { (visit.say(texts::SHOW_THEM)) }
                    }
                }
            }
        }
    }
}

fn row(visit: &Visit, service: &Service, plan: &UsagePlan, address: &str) -> Markup {
    let name = plan_name(plan);
    let keys = visit.language.count(plan_texts::KEYS, plan.keys.len());
    html! {
        tr {
            th scope="row" {
                a.inline href={ "/console/plans/" (plan.id) } { (name) } " " span.keys { (keys) }
                span.sub { (limits(visit.language, plan)) }
            }
            @for environment in &service.environments {
                @let is_bound =
                    plan.environments.iter().any(|bound| bound.service == service.id && bound.environment ==
                    *environment);
                td {
                    div.cell {
                        @if is_bound {
                            span.state.ok { (visit.say(texts::BOUND)) }
                            @if visit.may_change() {
                                a.button.quiet.small.danger
                                    href={ "/console/plans/" (plan.id) "/unbind?from=service&service="
                                        (service.id) "&environment=" (environment) }
                                    aria-label={ (visit.say(plan_texts::UNBIND_ASK)) " " (name) " "
                                        (environment) } {
                                    (visit.say(plan_texts::UNBIND_ASK))
                                }
                            }
                        } @else {
                            span.none { (visit.say(texts::NOT_BOUND)) }
                            @if visit.may_change() {
                                a.button.quiet.small
                                    href={ (address) "/bind?environment=" (environment) "&plan=" (plan.id) }
                                    aria-label={ (visit.say(texts::BIND)) " " (name) " " (environment) }
                                        { (visit.say(texts::BIND)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The beginnings of paths that mean an environment.
fn prefixes(service: &Service, environment: &str) -> Markup {
    let mapped = service.path_mappings.iter().filter(|mapping| mapping.environment == environment);
    let mut prefixes: Vec<String> = mapped.map(|mapping| mapping.path.clone()).collect();
    if service.path_mappings.is_empty() {
        prefixes.push(format!("/{environment}"));
    }
    if service.default_environment.as_deref() == Some(environment) {
        prefixes.push("/".to_owned());
    }
    prefixes.dedup();
    html! { span.mono { (prefixes.join(", ")) } }
}

/// How the service is called.
fn paths(visit: &Visit, service: &Service) -> Markup {
    let domain = service.domains.first().map_or("", String::as_str).replace('*', "any");
    let mapped = service.path_mappings.iter().map(|mapping| (mapping.path.clone(), &mapping.environment));
    let named = service.environments.iter().map(|environment| (format!("/{environment}"), environment));
    let paths: Vec<(String, &String)> =
        if service.path_mappings.is_empty() { named.collect() } else { mapped.collect() };
    html! {
        section.card aria-labelledby="paths" {
            div.card-head { h2 #paths { (visit.say(texts::CALL_IT)) } }
            table.table {
                thead { tr
                    { th scope="col" { (visit.say(texts::ADDRESS)) } th scope="col"
                    { (visit.say(texts::ENVIRONMENT)) } } }
                tbody {
                    @for (path, environment) in paths {
                        tr {
                            td.mono { "https://" (domain) (path.trim_end_matches('/')) "/…" }
                            td { (environment) }
                        }
                    }
                    @if let Some(environment) = &service.default_environment {
                        tr { td.mono { "https://" (domain) "/…" } td { (environment) } }
                    }
                }
            }
        }
    }
}
