//! The use of a plan's limits: now, and over time, each scaled to its limit.

use std::sync::Arc;

use maud::{Markup, html};
use tokio::task::spawn_blocking;
use usage_plan_core::document::{Quota, UsagePlan};
use usage_plan_core::telemetry::Outcome;

use super::drawn::{label, marks, notes, table, values};
use super::limits::{is_counted_apart, outlook, renews, threshold, times, used_cell};
use super::span::{part, segments, ticks};
use super::unknown::unknown;
use crate::console::chart::{Figure, Plot, Shape, fitting, inline_swatch, limit_key, meter};
use crate::console::objects::{per_period, per_second};
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::{ADMITTED, Bucket, Buckets, FINE, Kind, PlanQuota, Range, Used};

/// The columns: admitted, over the rate, quota spent.
const COLUMNS: usize = 3;

/// How the limits of a plan are used.
pub(in crate::console) struct PlanUsage {
    range: Range,
    known: Known,
    envoys: usize,
}

/// What the samples say.
struct Known {
    buckets: Buckets,
    /// The requests that were admitted in the last of the finest steps; `None` if that is not known.
    last: Option<u64>,
    /// The requests that were admitted in the last hour.
    hourly: u64,
    quotas: Vec<QuotaUse>,
}

/// What was used of a quota.
struct QuotaUse {
    quota: Quota,
    used: Used,
    /// The most in each part of the span; `None` where the parts are longer than its periods.
    over_time: Option<Vec<Option<u64>>>,
}

// === impl PlanUsage ===

impl PlanUsage {
    pub(in crate::console) async fn read(visit: &Visit, plan: &UsagePlan, range: Range) -> Self {
        let (samples, now, offset) = (Arc::clone(&visit.console.samples), visit.now, visit.reader.offset());
        let envoys = samples.envoys();
        let wanted = plan.clone();
        let read = move || {
            let column = |kind, name: &str, word: &str| match kind {
                Kind::Plan if name == wanted.id => column(word),
                _ => None,
            };
            let buckets = samples.buckets(range, now, offset, COLUMNS, column);
            let (mut last, mut hourly) = (None, 0_u64);
            samples.visit(FINE, now.as_secs().saturating_sub(3600), u64::MAX, |start, view| {
                let admitted = view.amounts.iter().filter(|(kind, name, word, _)| {
                    (*kind, *name, *word) == (Kind::Plan, wanted.id.as_str(), ADMITTED)
                });
                let admitted: u64 = admitted.map(|(.., amount)| amount.calls).sum();
                hourly = hourly.saturating_add(admitted);
                let is_now = start + 4 * FINE.step >= now.as_secs() && view.answers > 0;
                last = is_now.then_some(admitted).or(last);
            });
            let quotas = wanted.quotas.iter().filter(|quota| quota.max_requests.is_some());
            let quotas: Vec<PlanQuota> = quotas.map(|quota| PlanQuota::new(&wanted, *quota)).collect();
            let used = samples.used(&quotas, now);
            let over_time = quotas.iter().map(|quota| samples.use_over_time(quota, &buckets, now));
            let over_time: Vec<_> = over_time.collect();
            let quotas = wanted.quotas.iter().filter(|quota| quota.max_requests.is_some()).copied();
            let quotas = quotas.zip(used).zip(over_time);
            let quotas = quotas.map(|((quota, used), over_time)| QuotaUse { quota, used, over_time });
            Known { last, hourly, quotas: quotas.collect(), buckets }
        };
        let nothing = |_| {
            let buckets = Buckets::new(range, now, offset, COLUMNS);
            Known { buckets, last: None, hourly: 0, quotas: Vec::new() }
        };
        Self { range, known: spawn_blocking(read).await.unwrap_or_else(nothing), envoys }
    }

    /// How much of a rate is used now, and how often it refused.
    pub(in crate::console) fn of_rate(&self, visit: &Visit, plan: &UsagePlan, rate: u64) -> [Markup; 2] {
        let language = visit.language;
        let refused = self.known.buckets.total(1);
        let refused = html! {
            @if refused > 0 { (language.fill(texts::REFUSED_N, &[("n", &language.number(refused))])) }
            @else { span.none { (visit.say(texts::REFUSED_NONE)) } }
        };
        let Some(last) = self.known.last else { return [not_known(visit), refused] };
        let now = a_second(last);
        let shown = language.number(now);
        let used = match self.capacity(visit, plan, rate, true) {
            None => html! { (language.fill(texts::A_SECOND_NOW, &[("n", &shown)])) (apart(visit)) },
            Some(most) => html! {
                (meter(now, most, threshold(plan)))
                span.sub {
                    (language.fill(texts::A_SECOND_OF, &[
                        ("n", &shown), ("left", &language.number(most.saturating_sub(now))),
                    ]))
                    (self.on_each(visit, rate, most))
                }
            },
        };
        [used, refused]
    }

    /// How much of a quota is used, and when it renews.
    pub(in crate::console) fn of_quota(&self, visit: &Visit, plan: &UsagePlan, quota: &Quota) -> [Markup; 2] {
        let found = self.known.quotas.iter().find(|other| other.quota == *quota);
        let Some((QuotaUse { used, .. }, max)) = found.zip(quota.max_requests) else {
            return [html! {}, html! {}];
        };
        if used.since.is_none() {
            return [not_known(visit), html! { (renews(visit, used)) }];
        }
        let Some(most) = self.capacity(visit, plan, max, false) else {
            let calls = visit.language.number(used.calls);
            let admitted = visit.language.fill(texts::ADMITTED_N, &[("n", &calls)]);
            return [html! { (admitted) (apart(visit)) }, html! { (renews(visit, used)) }];
        };
        let outlook = outlook(visit, used, most, self.known.hourly);
        [
            html! { (used_cell(visit, used, most, threshold(plan))) (self.on_each(visit, max, most)) },
            html! {
                @if let Some(outlook) = outlook { (outlook) span.sub { (renews(visit, used)) } }
                @else { (renews(visit, used)) }
            },
        ]
    }

    /// How much all Envoys together admit of a limit; `None` where each key or environment has it for itself.
    fn capacity(&self, visit: &Visit, plan: &UsagePlan, limit: u64, is_rate: bool) -> Option<u64> {
        let times =
            times(visit.document(), self.envoys, |fleet| if is_rate { fleet.rates } else { fleet.quotas });
        (!is_counted_apart(plan)).then(|| limit.saturating_mul(times))
    }

    /// That each Envoy counts for itself, if that makes a difference.
    fn on_each(&self, visit: &Visit, limit: u64, most: u64) -> Markup {
        let limit = visit.language.number(limit);
        html! {
            @if most.to_string() != limit.replace(',', "") {
                span.sub
                    { (visit.language.fill(texts::ON_EACH_ENVOY, &[("limit", &limit), ("n", &self.envoys)])) }
            }
        }
    }

    /// The card with the charts.
    pub(in crate::console) fn card(&self, visit: &Visit, plan: &UsagePlan) -> Markup {
        let address = format!("/console/plans/{}", plan.id);
        html! {
            section.card aria-labelledby="usage" {
                div.card-head {
                    h2 #usage { (visit.say(texts::USAGE)) }
                    (segments(visit.reader, &address, self.range))
                }
                @if let Some(why) = unknown(visit, &self.known.buckets) { (why) }
                @else { div.card-body { (self.figure(visit, plan)) (self.table(visit)) } }
            }
        }
    }

    fn figure(&self, visit: &Visit, plan: &UsagePlan) -> Markup {
        let (reader, language, buckets) = (visit.reader, visit.language, &self.known.buckets);
        let marks = marks(buckets);
        let span = part(reader, buckets);
        let limit_note = |text: Option<String>| {
            let text = text.map(|text| language.fill(texts::LIMIT_IS, &[("limit", &text)]));
            html! { @if let Some(text) = text { (limit_key()) (text) } }
        };
        let plot = |name: String, numbers: Vec<Option<u64>>, limit: Option<(u64, String)>| {
            let most = numbers.iter().flatten().copied().max().unwrap_or_default();
            let (limit, text) = limit.unzip();
            Plot {
                label: label(reader, self.range, buckets, &name, &numbers, false),
                name: html! { (name) },
                note: limit_note(text),
                // A step may be a little longer than it says, and observe mode admits more than the limit.
                top: limit.filter(|limit| *limit >= most).unwrap_or_else(|| fitting(most)),
                limit,
                shape: Shape::Line(numbers),
                is_low: false,
            }
        };
        let rate = plan.max_requests_per_second;
        let rate =
            rate.and_then(|rate| Some((self.capacity(visit, plan, rate, true)?, per_second(language, rate))));
        let busiest = values(buckets, |bucket| a_second(bucket.amounts[0].peak));
        let refused =
            values(buckets, |bucket| bucket.amounts[1].calls.saturating_add(bucket.amounts[2].calls));
        let bars = [("d2", 1), ("d3", 2)];
        let bars =
            bars.map(|(colour, index)| (colour, values(buckets, |bucket| bucket.amounts[index].calls)));
        let top = fitting(refused.iter().flatten().copied().max().unwrap_or_default());
        let mut plots = vec![
            plot(language.fill(texts::BUSIEST, &[("span", &span)]), busiest, rate),
            Plot {
                name: html! {
                    (inline_swatch("d2")) " " (visit.say(texts::OVER_RATE)) " " (inline_swatch("d3")) " "
                    (visit.say(texts::QUOTA_SPENT))
                },
                note: html! { (language.fill(texts::EACH_BAR, &[("span", &span)])) },
                label: label(reader, self.range, buckets, visit.say(texts::REFUSED), &refused, true),
                shape: Shape::Bars(bars.into()),
                top,
                limit: None,
                is_low: true,
            },
        ];
        let mut notes = notes(reader, &marks);
        for QuotaUse { quota, over_time, .. } in &self.known.quotas {
            let text = per_period(language, quota);
            let limit = quota.max_requests.and_then(|max| self.capacity(visit, plan, max, false));
            match over_time {
                Some(most) => plots.push(plot(
                    language.fill(texts::USED_OF, &[("quota", &text)]),
                    most.clone(),
                    limit.map(|limit| (limit, text)),
                )),
                None => notes.push(html! { (language.fill(texts::TOO_SHORT, &[("quota", &text)])) }),
            }
        }
        if is_counted_apart(plan) {
            notes.push(html! { (visit.say(texts::APART)) });
        }
        let ticks = ticks(reader, self.range, buckets);
        Figure { plots, ticks, notes, class: "chart" }.render(&marks)
    }

    fn table(&self, visit: &Visit) -> Markup {
        let say = |text| visit.say(text).to_owned();
        let columns = [texts::BUSIEST_SECOND, texts::ADMITTED, texts::OVER_RATE, texts::QUOTA_SPENT]
            .map(say)
            .into_iter();
        let drawn: Vec<_> =
            self.known.quotas.iter().filter_map(|one| Some((&one.quota, one.over_time.as_ref()?))).collect();
        let used = drawn.iter().map(|(quota, _)| {
            visit.language.fill(texts::USED_OF, &[("quota", &per_period(visit.language, quota))])
        });
        let numbers = |index: usize, bucket: &Bucket| {
            let busiest = a_second(bucket.amounts[0].peak);
            let calls = bucket.amounts.iter().map(|amount| amount.calls);
            let used = drawn.iter().map(|(_, most)| most.get(index).copied().flatten().unwrap_or_default());
            std::iter::once(busiest).chain(calls).chain(used).collect()
        };
        table(visit.reader, self.range, &self.known.buckets, columns.chain(used).collect(), numbers)
    }
}

fn column(word: &str) -> Option<usize> {
    let words = [ADMITTED, Outcome::RateLimited.as_str(), Outcome::QuotaExceeded.as_str()];
    words.iter().position(|other| *other == word)
}

/// So many requests in one of the finest steps as requests a second, rounded up.
fn a_second(calls: u64) -> u64 {
    calls.div_ceil(FINE.step)
}

fn not_known(visit: &Visit) -> Markup {
    html! { span.none { (visit.say(texts::NOTHING_KNOWN)) } }
}

fn apart(visit: &Visit) -> Markup {
    html! { span.sub { (visit.say(texts::APART)) } }
}
