//! Long lists in pages, and the heads of columns that sort them.

use maud::{Markup, html};
use usage_plan_manage::draft::nearest;

use super::form::Fields;
use super::html::encoded;
use super::parts::icon;
use super::text::Text;
use super::texts::frame;
use super::visit::Visit;

/// How many rows a page has.
const ROWS: usize = 50;

/// The fields of a query that say what a list shows, apart from the page.
const KEPT: [&str; 6] = ["q", "state", "plan", "sort", "order", "service"];

/// Which part of a list is shown.
pub(super) struct Paging {
    all: usize,
    page: usize,
}

// === impl Paging ===

impl Paging {
    /// The page that a query asks for, of a list with so many rows.
    pub(super) fn of(query: &Fields, all: usize) -> Self {
        let last = all.saturating_sub(1) / ROWS;
        let page = query.text("page").parse::<usize>().unwrap_or(1).saturating_sub(1).min(last);
        Self { all, page }
    }

    /// The rows of the page.
    pub(super) fn part<'r, T>(&self, rows: &'r [T]) -> &'r [T] {
        rows.chunks(ROWS).nth(self.page).unwrap_or_default()
    }

    /// Which rows these are, and the ways to those before and after.
    pub(super) fn render(&self, visit: &Visit, path: &str, query: &Fields) -> Markup {
        let first = self.page * ROWS + 1;
        let last = self.all.min(first + ROWS - 1);
        let number = |n: usize| visit.language.number(n as u64);
        let (first_shown, last_shown, all) = (number(first.min(self.all)), number(last), number(self.all));
        let words = visit
            .language
            .fill(frame::ROWS_SHOWN, &[("first", &first_shown), ("last", &last_shown), ("all", &all)]);
        let step = |page: Option<usize>, text: Text| {
            html! {
                @match page {
                    Some(page) => a.button.small href=(address(path, query, &[("page", &page.to_string())]))
                        { (visit.say(text)) },
                    None => span.button.small aria-disabled="true" { (visit.say(text)) },
                }
            }
        };
        html! {
            nav.pages aria-label=(words) {
                span { (words) } " "
                @if self.all > ROWS {
                    (step((self.page > 0).then_some(self.page), frame::PREVIOUS)) " "
                    (step((last < self.all).then_some(self.page + 2), frame::NEXT))
                }
            }
        }
    }
}

/// What is said of a list in which nothing matches: what may have been meant, and the way to all of it.
pub(super) fn no_match<'n>(
    visit: &Visit,
    path: &str,
    query: &Fields,
    all: Text,
    names: impl Iterator<Item = &'n str>,
) -> Markup {
    let wanted = query.text("q");
    let head = if wanted.is_empty() {
        visit.say(frame::NO_MATCH).to_owned()
    } else {
        visit.language.fill(frame::NO_MATCH_FOR, &[("words", &wanted)])
    };
    let meant = nearest::word(wanted, names);
    html! {
        div.empty {
            h2 { (head) }
            @if let Some(meant) = meant {
                @let found = address(path, &Fields::none(), &[("q", meant)]);
                @let link = html! { a.inline href=(found) { (meant) } };
                p { (visit.language.rich(frame::DID_YOU_MEAN, &[("name", link)])) }
            }
            div.actions { a.button href=(path) { (visit.say(all)) } }
        }
    }
}

/// The head of a column by which a list is sorted, or can be.
pub(super) fn sort_link(visit: &Visit, path: &str, query: &Fields, by: &str, name: Text) -> Markup {
    let sorted = match query.text("sort") {
        "" => "name",
        sorted => sorted,
    };
    let is_sorted = sorted == by;
    let is_down = query.text("order") == "down";
    let order = if is_sorted && !is_down { "down" } else { "" };
    let sort = is_sorted.then_some(if is_down { "descending" } else { "ascending" });
    let class = if by == "created" { "p3" } else { "" };
    html! {
        th scope="col" class=(class) aria-sort=[sort] {
            a.sort href=(address(path, query, &[("sort", by), ("order", order)])) {
                (visit.say(name)) @if is_sorted { (icon("down")) }
            }
        }
    }
}

/// The address of a list as the query has it, with other values of some fields.
fn address(path: &str, query: &Fields, others: &[(&str, &str)]) -> String {
    let kept = KEPT.iter().filter(|name| others.iter().all(|(other, _)| other != *name));
    let kept = kept.map(|name| (*name, query.text(name)));
    let pairs = kept.chain(others.iter().copied()).filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_is_the_last_one() {
        let rows: Vec<usize> = (0..120).collect();
        for (page, first, len) in [("", 0, 50), ("2", 50, 50), ("3", 100, 20), ("99", 100, 20), ("x", 0, 50)]
        {
            let paging = Paging::of(&Fields::none().with("page", page), rows.len());
            let part = paging.part(&rows);
            assert_eq!((part.first().copied(), part.len()), (Some(first), len), "{page}");
        }
        assert!(Paging::of(&Fields::none(), 0).part(&[0_u8; 0]).is_empty());
    }

    #[test]
    fn an_address_keeps_what_a_list_shows() {
        let query = Fields::none().with("q", "a&b").with("state", "").with("sort", "state").with("page", "4");
        assert_eq!(address("/x", &query, &[("page", "2")]), "/x?q=a%26b&sort=state&page=2");
        assert_eq!(address("/x", &query, &[("sort", ""), ("q", "")]), "/x");
    }
}
