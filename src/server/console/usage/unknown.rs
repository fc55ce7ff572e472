//! What is said in place of a chart when there is nothing to draw, with what to do.

use maud::{Markup, html};

use crate::console::parts::{Tone, empty, notice};
use crate::console::texts::usage as texts;
use crate::console::visit::Visit;
use crate::samples::Buckets;

/// Why nothing is known of a span of time; `None` if something is.
pub(super) fn unknown(visit: &Visit, buckets: &Buckets) -> Option<Markup> {
    let samples = &visit.console.samples;
    if let Some(problem) = samples.problem() {
        let (head, why) = (html! { (visit.say(texts::NOT_KEPT)) }, html! { p { code.reason { (problem) } } });
        return Some(html! { div.card-body { (notice(Tone::Warn, &head, &why)) } });
    }
    let (head, todo) = match samples.envoys() {
        0 => (texts::NO_ENVOY_ASKED, texts::NO_ENVOY_ASKED_TODO),
        _ if buckets.is_unknown() => (texts::NO_SAMPLE, texts::NO_SAMPLE_TODO),
        _ => return None,
    };
    Some(empty(visit.language, head, todo, &html! {}))
}
