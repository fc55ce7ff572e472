//! The list of keys.

use crate::console::html::encoded;
use crate::console::objects::{State, key_name, plan_name, plan_tags};
use crate::console::texts::keys as texts;
use std::cmp::Ordering;
use std::collections::HashMap;

use axum::response::Response;
use maud::{Markup, html};
use usage_plan_core::document::{Key, KeyStatus, UsagePlan};
use usage_plan_manage::operations::key::plans;

use crate::console::form::{Asked, Fields};
use crate::console::layout::{Page, Room};
use crate::console::pages::{Paging, no_match, sort_link};
use crate::console::parts::{empty, icon, select};
use crate::console::text::Text;
use crate::console::texts::frame;
use crate::console::visit::Visit;

/// The tabs above the list: the word in the address, the label, and which keys they show.
const TABS: [(&str, Text); 6] = [
    ("", texts::ALL_KEYS),
    ("enabled", texts::ENABLED),
    ("disabled", texts::DISABLED),
    ("expiring", texts::EXPIRING),
    ("replaced", texts::REPLACED),
    ("unbound", texts::NO_PLAN),
];

/// A key with what the list says of it.
struct Row<'v> {
    key: &'v Key,
    state: State,
    plans: &'v [&'v UsagePlan],
}

/// `GET /console/keys`
pub(super) async fn page(visit: Visit, Asked(query): Asked) -> Response {
    let page = Page {
        room: Some(Room::Keys),
        title: visit.say(frame::KEYS),
        content: content(&visit, &query),
        dialog: None,
    };
    page.show(&visit, query.text("done"))
}

/// The list, as the query filters and sorts it.
pub(super) fn content(visit: &Visit, query: &Fields) -> Markup {
    let document = visit.document();
    let plans = plans(document);
    let rows = rows(visit, &plans);
    let count = |tab: &str| rows.iter().filter(|row| row.is_in(tab)).count();
    let create = html! {
        @if visit.may_change() {
            a.button.primary href="/console/keys/new" { (icon("plus")) " " (visit.say(texts::NEW_KEY)) }
        }
    };
    html! {
        div.page-head {
            div {
                h1 {
                    (visit.say(frame::KEYS)) " "
                    span.count { (visit.language.number(document.keys.len() as u64)) }
                }
                p.lead { (visit.say(texts::LEAD)) }
            }
            div.actions { (create) }
        }
        @if document.keys.is_empty() {
            section.card { (empty(visit.language, texts::NO_KEY_YET, texts::NO_KEY_YET_TODO, &create)) }
        } @else {
            nav aria-label=(visit.say(texts::STATE)) {
                ul.tabs {
                    @for (tab, name) in TABS {
                        li {
                            a href={ "/console/keys?state=" (tab) }
                                aria-current=[(query.text("state") == tab).then_some("page")] {
                                (visit.say(name)) " "
                                span.count { (visit.language.number(count(tab) as u64)) }
                            }
                        }
                    }
                }
            }
            section.card aria-label=(visit.say(frame::KEYS)) {
                (filters(visit, query))
                (table(visit, query, rows))
            }
        }
    }
}

fn rows<'v>(visit: &'v Visit, plans: &'v HashMap<&str, Vec<&'v UsagePlan>>) -> Vec<Row<'v>> {
    let keys = visit.document().keys.iter();
    let row = |key: &'v Key| Row {
        key,
        state: State::of(key, visit.now),
        plans: plans.get(key.secret_id.as_str()).map_or(&[], Vec::as_slice),
    };
    keys.map(row).collect()
}

fn filters(visit: &Visit, query: &Fields) -> Markup {
    let plans = visit.document().usage_plans.iter();
    let plans = plans.map(|plan| (plan.id.as_str(), plan_name(plan)));
    html! {
        form.filters method="get" action="/console/keys" role="search" {
            input type="hidden" name="state" value=(query.text("state"));
            div.search {
                (icon("search"))
                input.input type="search" name="q" value=(query.text("q"))
                    placeholder=(visit.say(texts::NAME_OR_ID)) aria-label=(visit.say(texts::SEARCH));
            }
            label.out-of-sight for="plan" { (visit.say(texts::PLAN)) }
            (select("plan", "plan", query.text("plan"),
                [("", visit.say(texts::ANY_PLAN))].into_iter().chain(plans)))
            button.button type="submit" { (visit.say(frame::FILTER)) }
        }
    }
}

fn table(visit: &Visit, query: &Fields, rows: Vec<Row<'_>>) -> Markup {
    let wanted = query.text("q").to_lowercase();
    let (state, plan) = (query.text("state"), query.text("plan"));
    let is_wanted = |row: &Row<'_>| {
        row.is_in(state)
            && (plan.is_empty() || row.plans.iter().any(|bound| bound.id == plan))
            && [&row.key.name, &row.key.secret_id].iter().any(|text| text.to_lowercase().contains(&wanted))
    };
    let mut rows: Vec<Row<'_>> = rows.into_iter().filter(is_wanted).collect();
    rows.sort_by(|a, b| a.compare(b, query.text("sort")));
    if query.text("order") == "down" {
        rows.reverse();
    }
    let paging = Paging::of(query, rows.len());
    let shown = paging.part(&rows);
    let sort = |by: &str, name: Text| sort_link(visit, "/console/keys", query, by, name);
    if rows.is_empty() {
        let names = visit.document().keys.iter().map(|key| key.name.as_str());
        return no_match(visit, "/console/keys", query, texts::ALL_KEYS_LINK, names);
    }
    html! {
        form method="get" action="/console/keys/selected" {
            table.table {
                thead {
                    tr {
                        @if visit.may_change() {
                            td.tick {
                                input type="checkbox" hidden data-all
                                    aria-label=(visit.say(texts::SELECT_ALL));
                            }
                        }
                        (sort("name", texts::NAME))
                        (sort("state", texts::STATE))
                        th.p3 scope="col" { (visit.say(frame::PLANS)) }
                        (sort("created", texts::CREATED))
                        @if visit.may_change() {
                            th.act.p2 scope="col" { span.out-of-sight { (visit.say(frame::OPERATIONS)) } }
                        }
                    }
                }
                tbody { @for row in shown { (row.render(visit)) } }
            }
            div.card-foot {
                @if visit.may_change() {
                    div.actions {
                        span { (visit.say(texts::WITH_SELECTED)) } " "
                        button.button.small type="submit" name="do" value="bind"
                            { (visit.say(texts::BIND_TO_PLAN)) } " "
                        button.button.small type="submit" name="do" value="disable"
                            { (visit.say(texts::DISABLE_ASK)) }
                    }
                }
                (paging.render(visit, "/console/keys", query))
            }
        }
    }
}

// === impl Row ===

impl Row<'_> {
    /// Whether the key is on a tab.
    fn is_in(&self, tab: &str) -> bool {
        match tab {
            "enabled" => self.key.status == KeyStatus::Enabled,
            "disabled" => self.key.status == KeyStatus::Disabled,
            "expiring" => matches!(self.state, State::Expires(_)),
            "replaced" => matches!(self.state, State::Replaced(_)),
            "unbound" => self.plans.is_empty(),
            _ => true,
        }
    }

    fn compare(&self, other: &Self, by: &str) -> Ordering {
        let by_name = || key_name(self.key).cmp(key_name(other.key));
        match by {
            "state" => self.state.cmp(&other.state).then_with(by_name),
            "created" => self.key.created_at.cmp(&other.key.created_at).then_with(by_name),
            _ => by_name(),
        }
    }

    fn render(&self, visit: &Visit) -> Markup {
        let Self { key, state, plans } = self;
        let (id, name) = (&key.secret_id, key_name(key));
        let address = format!("/console/keys/{}", encoded(id));
        html! {
            tr {
                @if visit.may_change() {
                    td.tick {
                        input type="checkbox" name="key" value=(id)
                            aria-label=(visit.language.fill(texts::SELECT, &[("name", &name)]));
                    }
                }
                th.name scope="row" { a href=(address) { (name) } span.sub.id { (id) } }
                td.when { (state.render(visit.reader)) }
                td.p3 { (plan_tags(visit, plans)) }
                td.when.p3 { @if let Some(created) = key.created_at { (visit.reader.date(created)) } }
                @if visit.may_change() { td.act.p2 { (operations(visit, key, *state, &address)) } }
            }
        }
    }
}

/// What can be done with a key in its state. The buttons belong to a form around them.
pub(super) fn operations(visit: &Visit, key: &Key, state: State, address: &str) -> Markup {
    let name = key_name(key);
    let link = |action: &str, class: &str, text: Text| {
        let words = visit.say(text);
        html! {
            a class=(class) href={ (address) "/" (action) } aria-label={ (words) " " (name) } { (words) } " "
        }
    };
    html! {
        @if key.status == KeyStatus::Disabled {
            button.button.quiet.small type="submit" formmethod="post" formaction={ (address) "/enable" }
                aria-label={ (visit.say(texts::ENABLE)) " " (name) } { (visit.say(texts::ENABLE)) } " "
            (link("delete", "button quiet small danger", frame::DELETE_ASK))
        } @else {
            @if matches!(state, State::Replaced(_)) {
                (link("finish", "button quiet small", texts::FINISH_ASK))
            } @else {
                (link("replace", "button quiet small", texts::REPLACE_ASK))
            }
            (link("disable", "button quiet small danger", texts::DISABLE_ASK))
        }
    }
}
