//! What is said after a change: that it is made, and whether Envoys have it in force.

use std::time::Duration;

use maud::{Markup, html};

use super::parts::{Tone, notice};
use super::session::Flash;
use super::texts::frame;
use super::visit::Visit;
use crate::delivery::{Delivery, Taken};

/// The message about a change that was made.
pub(super) fn done(visit: &Visit, head: &Markup, delivery: &Delivery) -> Flash {
    let tone = if delivery.trouble().is_some() { Tone::Warn } else { Tone::Done };
    Flash::Done(notice(tone, head, &in_force(visit, delivery)))
}

/// Where the document is in force.
pub(super) fn in_force(visit: &Visit, delivery: &Delivery) -> Markup {
    let all = delivery.envoys.len();
    let taken = delivery.envoys.iter().filter_map(|answer| match &answer.taken {
        Taken::InForce(after) => Some(*after),
        Taken::Refused(_) | Taken::Silent(_) => None,
    });
    let taken: Vec<Duration> = taken.collect();
    let language = visit.language;
    let seconds = taken.iter().max().copied().unwrap_or_default().as_secs_f64();
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("taken", &taken.len()), ("all", &all), ("seconds", &format!("{seconds:.1}"))];
    html! {
        @if all > 0 { p { (language.fill(frame::IN_FORCE_AFTER, &values)) } }
        @for answer in &delivery.envoys {
            @match &answer.taken {
                Taken::Refused(why) => p
                    { b { (answer.envoy) } " " (language.say(frame::REFUSED_IT)) " " code.reason { (why) } },
                Taken::Silent(why) => p
                    { b { (answer.envoy) } " " (language.say(frame::DID_NOT_ANSWER)) " " code.reason
                    { (why) } },
                Taken::InForce(_) => {}
            }
        }
        @if let Some(problem) = &delivery.problem
            { p { (language.say(frame::NOT_PUBLISHED)) " " code.reason { (problem) } } }
    }
}
