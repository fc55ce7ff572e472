//! What a plan does while the engine of the fleet cannot be asked, as fields of its form.

use maud::{Markup, html};
use serde_json::{Map, Value};
use usage_plan_core::document::OnEngineDown;

use crate::console::form::Fields;
use crate::console::parts::{Input, InputKind, select};
use crate::console::refused::Faults;
use crate::console::text::Text;
use crate::console::texts::plans as texts;
use crate::console::visit::Visit;

/// The member of a plan.
pub(super) const MEMBER: &str = "on_engine_down";

/// The policies of rates and of quotas. Where a plan says nothing, the options hold.
const RATES: [(&str, Text); 4] = [
    ("", texts::DOWN_AS_OPTIONS),
    ("local_share", texts::DOWN_LOCAL_SHARE),
    ("deny", texts::DOWN_DENY),
    ("allow", texts::DOWN_ALLOW),
];
const QUOTAS: [(&str, Text); 4] = [
    ("", texts::DOWN_AS_OPTIONS),
    ("grace", texts::DOWN_GRACE),
    ("deny", texts::DOWN_DENY),
    ("allow", texts::DOWN_ALLOW),
];

/// The members of the policies, each with its field.
const FIELDS: [(&str, &str); 3] =
    [("rate", "down_rate"), ("quota", "down_quota"), ("grace_percent", "down_grace_percent")];

/// The fields with what a plan says.
pub(super) fn fields(fields: Fields, down: OnEngineDown) -> Fields {
    let said = down.to_json();
    FIELDS.into_iter().fold(fields, |fields, (member, field)| match said.get(member) {
        Some(Value::String(word)) => fields.with(field, word.as_str()),
        Some(number) => fields.with(field, number.to_string()),
        None => fields,
    })
}

/// The member that the fields mean; `""` for none.
pub(super) fn member(fields: &Fields) -> Value {
    let said = FIELDS.into_iter().filter_map(|(member, field)| {
        let text = fields.text(field).trim();
        let value = text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
        (!text.is_empty()).then(|| (member.to_owned(), value))
    });
    let said: Map<String, Value> = said.collect();
    if said.is_empty() { "".into() } else { said.into() }
}

/// The fields as they are shown.
pub(super) fn body(visit: &Visit, fields: &Fields, faults: &Faults) -> Markup {
    let policy = |name: &str, label: Text, policies: [(&'static str, Text); 4]| {
        let options = policies.into_iter().map(|(word, text)| (word, visit.say(text)));
        html! {
            div.field {
                label for=(name) { (visit.say(label)) }
                (select(name, name, fields.text(name), options))
            }
        }
    };
    let percent = Input {
        name: "down_grace_percent",
        label: visit.say(texts::DOWN_GRACE_PERCENT),
        hint: "",
        value: fields.text("down_grace_percent"),
        wrong: faults.field(MEMBER),
        kind: InputKind::Number,
    };
    html! {
        fieldset.field {
            legend { (visit.say(texts::ENGINE_DOWN)) }
            div.pair {
                (policy("down_rate", texts::DOWN_RATE, RATES))
                (policy("down_quota", texts::DOWN_QUOTA, QUOTAS))
                (percent)
            }
            p.hint { (visit.say(texts::ENGINE_DOWN_HINT)) }
        }
    }
}

/// What a plan says, in words; nothing where the options hold.
pub(super) fn said(visit: &Visit, down: OnEngineDown) -> Vec<String> {
    let said = down.to_json();
    let word_of = |member: &str, policies: [(&str, Text); 4]| {
        let word = said.get(member)?.as_str()?;
        policies.into_iter().find(|(other, _)| *other == word).map(|(_, text)| visit.say(text))
    };
    let percent = said.get("grace_percent").map(|percent| format!("{percent} %"));
    let policies = [word_of("rate", RATES), word_of("quota", QUOTAS)];
    policies.into_iter().flatten().map(str::to_owned).chain(percent).collect()
}
