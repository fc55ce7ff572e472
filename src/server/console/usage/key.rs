//! What a key used, when it was seen last, and why it was refused.

use std::cmp::Reverse;
use std::sync::Arc;

use maud::{Markup, html};
use tokio::task::spawn_blocking;
use usage_plan_core::document::{Document, Key};
use usage_plan_core::timestamp::Timestamp;

use super::per_key::switch_on;
use super::requests::Requests;
use super::span::segments;
use super::words::reason;
use crate::console::html::encoded;
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{Group, Range};

/// What is known of the calls with a key.
pub(in crate::console) struct KeyUsage {
    range: Range,
    requests: Requests,
    last_seen: Option<Timestamp>,
    /// What Envoys have counted since each of them started: admitted, and refused.
    since_start: (u64, u64),
}

// === impl KeyUsage ===

impl KeyUsage {
    pub(in crate::console) async fn read(visit: &Visit, key: &Key, range: Range) -> Self {
        let requests = Requests::read(visit, range, Some(&key.secret_id)).await;
        let (samples, id) = (Arc::clone(&visit.console.samples), key.secret_id.clone());
        let ask = move || {
            let counts = samples.counts();
            let (nothing, mut sums) = (Document::default(), (0, 0));
            for counted in counts.keys(&nothing).filter(|counted| counted.secret_id == id) {
                sums = (sums.0 + counted.outcomes.admitted(), sums.1 + counted.outcomes.refused());
            }
            (samples.last_seen(&id), sums)
        };
        let (last_seen, since_start) = spawn_blocking(ask).await.unwrap_or_default();
        Self { range, requests, last_seen, since_start }
    }

    pub(in crate::console) fn card(&self, visit: &Visit, key: &Key) -> Markup {
        let address = format!("/console/keys/{}", encoded(&key.secret_id));
        let is_asked = visit.console.samples.envoys() > 0;
        html! {
            section.card aria-labelledby="usage" {
                div.card-head {
                    h2 #usage { (visit.say(texts::USAGE)) }
                    (segments(visit.reader, &address, self.range))
                }
                @if let Some(todo) = switch_on(visit).filter(|_| is_asked) { (todo) }
                @else {
                    @if is_asked { div.card-body { (self.facts(visit)) } }
                    (self.requests.body(visit))
                    (self.reasons(visit))
                }
            }
        }
    }

    fn facts(&self, visit: &Visit) -> Markup {
        let number = |number| visit.language.number(number);
        let (admitted, refused) = self.since_start;
        let numbers = [("admitted", number(admitted)), ("refused", number(refused))];
        let [admitted, refused] = &numbers;
        html! {
            dl.facts {
                div {
                    dt { (visit.say(texts::LAST_SEEN)) }
                    dd {
                        @match self.last_seen {
                            Some(time) => (visit.reader.moment(time)),
                            None => (visit.say(texts::NEVER_SEEN)),
                        }
                    }
                }
                div {
                    dt { (visit.say(texts::SINCE_START)) }
                    dd {
                        (visit.language.fill(texts::ADMITTED_AND_REFUSED,
                            &[(admitted.0, &admitted.1), (refused.0, &refused.1)]))
                    }
                }
            }
        }
    }

    fn reasons(&self, visit: &Visit) -> Markup {
        let is_refusal = |word: &str| Group::of(word).is_some_and(|group| group != Group::Admitted);
        let mut words: Vec<(&String, &u64)> =
            self.requests.words.iter().filter(|(word, calls)| **calls > 0 && is_refusal(word)).collect();
        words.sort_by_key(|(_, calls)| Reverse(**calls));
        html! {
            @if !words.is_empty() {
                table.table {
                    thead {
                        tr {
                            th scope="col" { (visit.say(texts::WHY_REFUSED)) }
                            th.num scope="col" { (visit.say(texts::REFUSED)) }
                        }
                    }
                    tbody {
                        @for (word, calls) in words {
                            tr {
                                th scope="row" { (reason(visit.language, word)) }
                                td.num { (visit.language.number(*calls)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
