//! The keys that were refused most, with the reason that was given most.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};
use tokio::task::spawn_blocking;

use super::per_key::switch_on;
use super::requests::colour;
use super::span::when;
use super::words::reason;
use crate::console::chart::{BARS, spark};
use crate::console::html::encoded;
use crate::console::objects::name_of_key;
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{Group, Kind, Range};

/// How many keys are shown.
const SHOWN: usize = 5;

/// What was refused of a key.
#[derive(Default)]
struct Refused {
    words: BTreeMap<String, u64>,
    all: u64,
    over_time: [u64; BARS],
}

/// The keys that were refused most, the most first.
pub(in crate::console) struct RefusedKeys {
    range: Range,
    keys: Vec<(String, Refused)>,
}

// === impl RefusedKeys ===

impl RefusedKeys {
    pub(in crate::console) async fn read(visit: &Visit, range: Range) -> Self {
        let (samples, now) = (Arc::clone(&visit.console.samples), visit.now.as_secs());
        let from = now.saturating_sub(range.length().as_secs());
        let read = move || {
            let mut keys: BTreeMap<String, Refused> = BTreeMap::new();
            samples.visit(range.ring(), from, u64::MAX, |start, view| {
                for (kind, name, word, amount) in &view.amounts {
                    let is_refusal = Group::of(word).is_some_and(|group| group != Group::Admitted);
                    if *kind != Kind::Key || !is_refusal || amount.calls == 0 {
                        continue;
                    }
                    let refused = keys.entry((*name).to_owned()).or_default();
                    *refused.words.entry((*word).to_owned()).or_default() += amount.calls;
                    refused.all = refused.all.saturating_add(amount.calls);
                    let bar = (start - from) * BARS as u64 / range.length().as_secs().max(1);
                    let bar = usize::try_from(bar).ok().and_then(|bar| refused.over_time.get_mut(bar));
                    bar.into_iter().for_each(|bar| *bar = bar.saturating_add(amount.calls));
                }
            });
            let mut keys: Vec<(String, Refused)> = keys.into_iter().collect();
            keys.sort_by_key(|(_, refused)| Reverse(refused.all));
            keys.truncate(SHOWN);
            keys
        };
        Self { range, keys: spawn_blocking(read).await.unwrap_or_default() }
    }

    pub(in crate::console) fn card(&self, visit: &Visit) -> Markup {
        html! {
            section.card.w6 aria-labelledby="refused" {
                div.card-head {
                    h2 #refused { (visit.say(texts::REFUSED_MOST)) }
                    span.note { (visit.say(when(self.range))) }
                }
                @if !self.keys.is_empty() { (self.table(visit)) }
                @else if visit.console.samples.envoys() == 0 {
                    div.empty {
                        h3 { (visit.say(texts::REFUSALS_NOT_KNOWN)) }
                        p { (visit.say(texts::NO_ENVOY_ASKED_TODO)) }
                    }
                } @else if let Some(todo) = switch_on(visit) { (todo) }
                @else {
                    div.empty {
                        h3 { (visit.say(texts::NO_KEY_REFUSED)) }
                        p { (visit.say(texts::NO_KEY_REFUSED_WHY)) }
                    }
                }
            }
        }
    }

    fn table(&self, visit: &Visit) -> Markup {
        html! {
            table.table {
                thead {
                    tr {
                        th scope="col" { (visit.say(texts::KEY)) }
                        th scope="col" { (visit.say(texts::MOSTLY_BECAUSE)) }
                        th.p1 scope="col" { span.out-of-sight { (visit.say(texts::OVER_TIME)) } }
                        th.num scope="col" { (visit.say(texts::REFUSED)) }
                    }
                }
                tbody { @for (id, refused) in &self.keys { (row(visit, id, refused)) } }
            }
        }
    }
}

fn row(visit: &Visit, id: &str, refused: &Refused) -> Markup {
    let most = refused.words.iter().max_by_key(|(_, calls)| **calls).map_or("", |(word, _)| word.as_str());
    let colour = colour(Group::of(most).unwrap_or(Group::Other));
    let is_known = visit.document().key(id).is_some();
    html! {
        tr {
            th.name scope="row" {
                @if is_known { a href={ "/console/keys/" (encoded(id)) } { (name_of_key(visit, id)) } }
                @else { (id) }
                span.sub.id { (id) }
            }
            td { (reason(visit.language, most)) }
            td.p1 { (spark(colour, &refused.over_time)) }
            td.num { (visit.language.number(refused.all)) }
        }
    }
}
