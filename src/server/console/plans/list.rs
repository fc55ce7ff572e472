//! The list of usage plans.

use crate::console::objects::{limits, plan_name};
use crate::console::texts::plans as texts;
use axum::response::Response;
use maud::{Markup, html};
use usage_plan_core::document::{Enforcement, UsagePlan};

use crate::console::form::{Asked, Fields};
use crate::console::layout::{Page, Room};
use crate::console::pages::{Paging, no_match, sort_link};
use crate::console::parts::{empty, icon};
use crate::console::texts::frame;
use crate::console::visit::Visit;

/// `GET /console/plans`
pub(super) async fn page(visit: Visit, Asked(query): Asked) -> Response {
    let content = content(&visit, &query);
    let page = Page { room: Some(Room::Plans), title: visit.say(frame::PLANS), content, dialog: None };
    page.show(&visit, query.text("done"))
}

/// The list, as the query filters and sorts it.
pub(super) fn content(visit: &Visit, query: &Fields) -> Markup {
    let all = &visit.document().usage_plans;
    let create = html! {
        @if visit.may_change() {
            a.button.primary href="/console/plans/new" { (icon("plus")) " " (visit.say(texts::NEW_PLAN)) }
        }
    };
    html! {
        div.page-head {
            div {
                h1 {
                    (visit.say(frame::PLANS)) " "
                    span.count { (visit.language.number(all.len() as u64)) }
                }
                p.lead { (visit.say(texts::LEAD)) }
            }
            div.actions { (create) }
        }
        section.card aria-label=(visit.say(frame::PLANS)) {
            @if all.is_empty() {
                (empty(visit.language, texts::NO_PLAN_YET, texts::NO_PLAN_YET_TODO, &create))
            } @else {
                form.filters method="get" action="/console/plans" role="search" {
                    div.search {
                        (icon("search"))
                        input.input type="search" name="q" value=(query.text("q"))
                            placeholder=(visit.say(texts::NAME_OR_ID)) aria-label=(visit.say(texts::SEARCH));
                    }
                    button.button type="submit" { (visit.say(frame::FILTER)) }
                }
                (table(visit, query, all))
            }
        }
    }
}

fn table(visit: &Visit, query: &Fields, all: &[UsagePlan]) -> Markup {
    let wanted = query.text("q").to_lowercase();
    let is_wanted =
        |plan: &&UsagePlan| [&plan.name, &plan.id].iter().any(|text| text.to_lowercase().contains(&wanted));
    let mut plans: Vec<&UsagePlan> = all.iter().filter(is_wanted).collect();
    plans.sort_by(|a, b| match query.text("sort") {
        "created" => a.created_at.cmp(&b.created_at).then_with(|| plan_name(a).cmp(plan_name(b))),
        _ => plan_name(a).cmp(plan_name(b)),
    });
    if query.text("order") == "down" {
        plans.reverse();
    }
    if plans.is_empty() {
        let names = all.iter().map(|plan| plan.name.as_str());
        return no_match(visit, "/console/plans", query, texts::ALL_PLANS_LINK, names);
    }
    let paging = Paging::of(query, plans.len());
    html! {
        table.table {
            thead {
                tr {
                    (sort_link(visit, "/console/plans", query, "name", texts::NAME))
                    th scope="col" { (visit.say(texts::LIMITS)) }
                    th.num.p2 scope="col" { (visit.say(frame::KEYS)) }
                    th.num.p2 scope="col" { (visit.say(texts::ENVIRONMENTS)) }
                    (sort_link(visit, "/console/plans", query, "created", texts::CREATED))
                    @if visit.may_change() {
                        th.act.p3 scope="col" { span.out-of-sight { (visit.say(frame::OPERATIONS)) } }
                    }
                }
            }
            tbody { @for plan in paging.part(&plans) { (row(visit, plan)) } }
        }
        div.card-foot { span {} (paging.render(visit, "/console/plans", query)) }
    }
}

fn row(visit: &Visit, plan: &UsagePlan) -> Markup {
    let address = format!("/console/plans/{}", plan.id);
    let number = |n: usize| visit.language.number(n as u64);
    html! {
        tr {
            th.name scope="row" { a href=(address) { (plan_name(plan)) } span.sub.id { (plan.id) } }
            td {
                (limits(visit.language, plan))
                @if plan.enforcement == Enforcement::Observe
                    { " " span.tag.warn { (visit.say(texts::OBSERVES)) } }
                @if !plan.remark.is_empty() { span.sub { (plan.remark) } }
            }
            td.num.p2 { (number(plan.keys.len())) }
            td.num.p2 { (number(plan.environments.len())) }
            td.when.p3 { @if let Some(created) = plan.created_at { (visit.reader.date(created)) } }
            @if visit.may_change() {
                td.act.p3 {
                    a.button.quiet.small href={ (address) "/edit" }
                        aria-label={ (visit.say(frame::EDIT)) " " (plan_name(plan)) }
                            { (visit.say(frame::EDIT)) } " "
                    a.button.quiet.small.danger href={ (address) "/delete" }
                        aria-label={ (visit.say(frame::DELETE_ASK)) " " (plan_name(plan)) }
                            { (visit.say(frame::DELETE_ASK)) }
                }
            }
        }
    }
}
