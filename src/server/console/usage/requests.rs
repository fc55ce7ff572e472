//! Requests by outcome over time, of all Envoys: all of them, or those with one key.

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};
use tokio::task::spawn_blocking;

use super::drawn::{label, marks, notes, sum, table, values};
use super::span::{part, ticks, when};
use super::unknown::unknown;
use crate::console::chart::{Colour, Figure, Plot, Shape, fitting, swatch};
use crate::console::text::Text;
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{Buckets, Group, Kind, Range};

/// The groups of outcomes, each with its colour and its name.
const GROUPS: [(Group, Colour, Text); 5] = [
    (Group::Admitted, "d1", texts::ADMITTED),
    (Group::OverRate, "d2", texts::OVER_RATE),
    (Group::QuotaSpent, "d3", texts::QUOTA_SPENT),
    (Group::NotAuthenticated, "d4", texts::NOT_AUTHENTICATED),
    (Group::Other, "d5", texts::OTHER),
];

/// The colour of a group.
pub(super) fn colour(group: Group) -> Colour {
    GROUPS.iter().find(|(other, ..)| *other == group).map_or("d5", |(_, colour, _)| *colour)
}

/// Requests by outcome in a span of time. The first column has those that were admitted.
pub(in crate::console) struct Requests {
    range: Range,
    buckets: Buckets,
    /// How many there were of each outcome's word.
    pub(super) words: BTreeMap<String, u64>,
}

// === impl Requests ===

impl Requests {
    /// All requests, or those signed with the id of `key`.
    pub(in crate::console) async fn read(visit: &Visit, range: Range, key: Option<&str>) -> Self {
        let (samples, now, offset) = (Arc::clone(&visit.console.samples), visit.now, visit.reader.offset());
        let key = key.map(str::to_owned);
        let read = move || {
            let mut buckets = Buckets::new(range, now, offset, GROUPS.len());
            let mut words: BTreeMap<String, u64> = BTreeMap::new();
            let is_meant = |kind, name: &str| match &key {
                None => kind == Kind::All,
                Some(key) => kind == Kind::Key && name == key,
            };
            let (from, to) = buckets.span();
            samples.visit(range.ring(), from, to, |start, view| {
                buckets.add(start, view, |kind, name, word| column(word).filter(|_| is_meant(kind, name)));
                for (kind, name, word, amount) in &view.amounts {
                    if is_meant(*kind, name) {
                        let sum = words.entry((*word).to_owned()).or_default();
                        *sum = sum.saturating_add(amount.calls);
                    }
                }
            });
            (buckets, words)
        };
        let nothing = |_| (Buckets::new(range, now, offset, GROUPS.len()), BTreeMap::new());
        let (buckets, words) = spawn_blocking(read).await.unwrap_or_else(nothing);
        Self { range, buckets, words }
    }

    /// The card of the overview.
    pub(in crate::console) fn card(&self, visit: &Visit) -> Markup {
        html! {
            section.card.w8 aria-labelledby="requests" {
                div.card-head {
                    h2 #requests { (visit.say(texts::REQUESTS)) }
                    @if visit.console.samples.envoys() > 0 { span.note { (self.times(visit)) } }
                }
                (self.body(visit))
            }
        }
    }

    /// From when to when it is.
    pub(super) fn times(&self, visit: &Visit) -> Markup {
        let moment = |second: u64| visit.reader.moment_of(second);
        let (from, to) = self.buckets.span();
        visit.language.rich(texts::FROM_TO, &[("from", moment(from)), ("to", moment(to))])
    }

    /// The sums, the chart and its table, or why there are none.
    pub(super) fn body(&self, visit: &Visit) -> Markup {
        if let Some(why) = unknown(visit, &self.buckets) {
            return why;
        }
        html! {
            @if self.buckets.is_empty() {
                div.empty {
                    h3 { (visit.language.fill(texts::NO_REQUEST, &[("when", &visit.say(when(self.range)))])) }
                    p { (visit.say(texts::NO_REQUEST_TODO)) }
                }
            } @else {
                (self.legend(visit))
                div.card-body {
                    (self.figure(visit))
                    (table(visit.reader, self.range, &self.buckets, self.names(visit),
                        |_, bucket| self.shown().map(|index| bucket.amounts[index].calls).collect()))
                }
            }
        }
    }

    /// The groups that are shown: that of rare reasons only if it has any.
    fn shown(&self) -> impl Iterator<Item = usize> {
        let rare = GROUPS.len() - 1;
        let has_rare = self.buckets.total(rare) > 0;
        (0..GROUPS.len()).filter(move |index| *index != rare || has_rare)
    }

    fn names(&self, visit: &Visit) -> Vec<String> {
        self.shown().map(|index| visit.say(GROUPS[index].2).to_owned()).collect()
    }

    fn legend(&self, visit: &Visit) -> Markup {
        let all: u64 = (0..GROUPS.len()).map(|index| self.buckets.total(index)).sum();
        html! {
            dl.legend {
                @for index in self.shown() {
                    @let (_, colour, name) = GROUPS[index];
                    @let calls = self.buckets.total(index);
                    div {
                        dt { (swatch(colour)) (visit.say(name)) }
                        dd { (visit.language.number(calls)) " " small { (share(calls, all)) } }
                    }
                }
            }
        }
    }

    fn figure(&self, visit: &Visit) -> Markup {
        let (reader, language, buckets) = (visit.reader, visit.language, &self.buckets);
        let marks = marks(buckets);
        let span = part(reader, buckets);
        let admitted = values(buckets, |bucket| bucket.amounts[0].calls);
        let refused = values(buckets, |bucket| sum(bucket, 1));
        let bars = GROUPS.iter().enumerate().skip(1);
        let bars = bars.map(|(index, (_, colour, _))| (*colour, values(buckets, |b| b.amounts[index].calls)));
        let top =
            |values: &[Option<u64>]| fitting(values.iter().flatten().copied().max().unwrap_or_default());
        let label =
            |name, values: &[Option<u64>]| label(reader, self.range, buckets, visit.say(name), values, true);
        let plots = vec![
            Plot {
                name: html! { (visit.say(texts::ADMITTED)) },
                note: html! { (language.fill(texts::EACH_POINT, &[("span", &span)])) },
                label: label(texts::ADMITTED, &admitted),
                top: top(&admitted),
                shape: Shape::Line(admitted),
                limit: None,
                is_low: false,
            },
            Plot {
                name: html! { (visit.say(texts::REFUSED_BY_REASON)) },
                note: html! { (language.fill(texts::EACH_BAR, &[("span", &span)])) },
                label: label(texts::REFUSED_BY_REASON, &refused),
                top: top(&refused),
                shape: Shape::Bars(bars.collect()),
                limit: None,
                is_low: true,
            },
        ];
        let ticks = ticks(reader, self.range, buckets);
        Figure { plots, ticks, notes: notes(reader, &marks), class: "chart" }.render(&marks)
    }
}

fn column(word: &str) -> Option<usize> {
    let group = Group::of(word)?;
    GROUPS.iter().position(|(other, ..)| *other == group)
}

/// A share of all, in percent to a tenth.
fn share(part: u64, all: u64) -> String {
    let thousandths = u128::from(part) * 1000 / u128::from(all.max(1));
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_in_percent() {
        let shares = [(0, 0), (1, 3), (999, 1000), (5, 5), (u64::MAX, u64::MAX)].map(|(a, b)| share(a, b));
        assert_eq!(shares, ["0.0 %", "33.3 %", "99.9 %", "100.0 %", "100.0 %"]);
    }
}
