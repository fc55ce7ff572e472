//! The fields of a form that is shown again: each has what was typed, and what is wrong with it.

use super::form::Fields;
use super::parts::{Input, InputKind};
use super::refused::Faults;
use super::text::Text;
use super::visit::Visit;

/// Makes the fields of a form by their name, their label and their hint.
pub(super) fn inputs<'a>(
    visit: &'a Visit,
    fields: &'a Fields,
    faults: &'a Faults,
) -> impl Fn(&'a str, Text, Text, InputKind) -> Input<'a> {
    |name, label, hint, kind| Input {
        name,
        label: visit.say(label),
        hint: visit.say(hint),
        value: fields.text(name),
        wrong: faults.field(name),
        kind,
    }
}
