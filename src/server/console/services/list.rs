//! The list of services.

use crate::console::objects::service_name;
use crate::console::texts::services as texts;
use axum::response::Response;
use maud::{Markup, html};
use usage_plan_core::document::Service;
use usage_plan_manage::operations::service::plans;

use crate::console::form::{Asked, Fields};
use crate::console::layout::{Page, Room};
use crate::console::pages::{Paging, no_match, sort_link};
use crate::console::parts::{empty, icon};
use crate::console::texts::frame;
use crate::console::visit::Visit;

/// `GET /console/services`
pub(super) async fn page(visit: Visit, Asked(query): Asked) -> Response {
    let content = content(&visit, &query);
    let page = Page { room: Some(Room::Services), title: visit.say(frame::SERVICES), content, dialog: None };
    page.show(&visit, query.text("done"))
}

/// The list, as the query filters and sorts it.
pub(super) fn content(visit: &Visit, query: &Fields) -> Markup {
    let all = &visit.document().services;
    let create = html! {
        @if visit.may_change() {
            a.button.primary href="/console/services/new"
                { (icon("plus")) " " (visit.say(texts::NEW_SERVICE)) }
        }
    };
    html! {
        div.page-head {
            div {
                h1 {
                    (visit.say(frame::SERVICES)) " "
                    span.count { (visit.language.number(all.len() as u64)) }
                }
                p.lead { (visit.say(texts::LEAD)) }
            }
            div.actions { (create) }
        }
        section.card aria-label=(visit.say(frame::SERVICES)) {
            @if all.is_empty() {
                (empty(visit.language, texts::NO_SERVICE_YET, texts::NO_SERVICE_YET_TODO, &create))
            } @else {
                form.filters method="get" action="/console/services" role="search" {
                    div.search {
                        (icon("search"))
                        input.input type="search" name="q" value=(query.text("q"))
                            placeholder=(visit.say(texts::NAME_ID_OR_DOMAIN))
                                aria-label=(visit.say(texts::SEARCH));
                    }
                    button.button type="submit" { (visit.say(frame::FILTER)) }
                }
                (table(visit, query, all))
            }
        }
    }
}

fn table(visit: &Visit, query: &Fields, all: &[Service]) -> Markup {
    let wanted = query.text("q").to_lowercase();
    let is_wanted = |service: &&Service| {
        let mut texts = [&service.name, &service.id].into_iter().chain(&service.domains);
        texts.any(|text| text.to_lowercase().contains(&wanted))
    };
    let mut services: Vec<&Service> = all.iter().filter(is_wanted).collect();
    services.sort_by(|a, b| match query.text("sort") {
        "created" => a.created_at.cmp(&b.created_at).then_with(|| service_name(a).cmp(service_name(b))),
        _ => service_name(a).cmp(service_name(b)),
    });
    if query.text("order") == "down" {
        services.reverse();
    }
    if services.is_empty() {
        let names = all.iter().map(|service| service.name.as_str());
        return no_match(visit, "/console/services", query, texts::ALL_SERVICES_LINK, names);
    }
    let paging = Paging::of(query, services.len());
    html! {
        table.table {
            thead {
                tr {
                    (sort_link(visit, "/console/services", query, "name", texts::NAME))
                    th scope="col" { (visit.say(texts::DOMAINS)) }
                    th.p2 scope="col" { (visit.say(texts::ENVIRONMENTS)) }
                    th.num.p2 scope="col" { (visit.say(frame::PLANS)) }
                    (sort_link(visit, "/console/services", query, "created", texts::CREATED))
                }
            }
            tbody {
                @for service in paging.part(&services) {
                    tr {
                        th.name scope="row" {
                            a href={ "/console/services/" (service.id) } { (service_name(service)) }
                            span.sub.id { (service.id) }
                        }
                        td { span.mono { (service.domains.join(", ")) } }
                        td.p2 { (visit.language.list(&service.environments)) }
                        td.num.p2 { (bound_plans(visit, service)) }
                        td.when.p3
                            { @if let Some(created) = service.created_at { (visit.reader.date(created)) } }
                    }
                }
            }
        }
        div.card-foot { span {} (paging.render(visit, "/console/services", query)) }
    }
}

/// How many plans are bound to environments of a service.
fn bound_plans(visit: &Visit, service: &Service) -> String {
    let mut bound: Vec<&str> =
        plans(visit.document(), &service.id).map(|(plan, _)| plan.id.as_str()).collect();
    bound.dedup();
    visit.language.number(bound.len() as u64)
}
