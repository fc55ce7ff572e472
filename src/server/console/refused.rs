//! Refusals in the reader's words: what did not happen, which objects are concerned, and what to do.

use maud::{Markup, html};
use usage_plan_core::document::{Error, Errors};
use usage_plan_manage::draft::{Collection, KEYS, Named, USAGE_PLANS};
use usage_plan_manage::{Binding, Bound, InUse, KeyState, Refusal};

use super::html::encoded;
use super::parts::{Tone, notice};
use super::text::Text;
use super::texts::refusals as texts;
use super::visit::Visit;

/// What is wrong with what a form says: with single fields, and with the whole.
#[derive(Default)]
pub(super) struct Faults {
    fields: Vec<(&'static str, String)>,
    whole: Option<Markup>,
}

/// The members of objects that are fields of forms, and the rule of each in words.
const RULES: [(&str, Text); 17] = [
    ("name", texts::RULE_NAME),
    ("secret_id", texts::RULE_SECRET_ID),
    ("secret_key", texts::RULE_SECRET_KEY),
    ("remark", texts::RULE_REMARK),
    ("not_before", texts::RULE_TIME),
    ("not_after", texts::RULE_TIME),
    ("max_requests_per_second", texts::RULE_LIMIT),
    ("burst", texts::RULE_BURST),
    ("quotas", texts::RULE_QUOTAS),
    ("warn_at", texts::RULE_WARN_AT),
    ("on_engine_down", texts::RULE_ENGINE_DOWN),
    ("domains", texts::RULE_DOMAINS),
    ("environments", texts::RULE_ENVIRONMENTS),
    ("path_mappings", texts::RULE_MAPPINGS),
    ("apis", texts::RULE_APIS),
    ("default_environment", texts::RULE_DEFAULT),
    ("required_signed_headers", texts::RULE_HEADERS),
];

// === impl Faults ===

impl Faults {
    /// Nothing is wrong.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// What a refusal says of a form. What it says of no field of these, it says of the whole.
    pub(super) fn of(visit: &Visit, refusal: &Refusal, fields: &[&str]) -> Self {
        let mut faults = Self::none();
        match refusal {
            Refusal::Exists { collection, member, value } if fields.contains(member) => {
                faults.add(member, exists(visit, *collection, member, value));
            }
            Refusal::EmptyName(_) if fields.contains(&"name") => {
                faults.add("name", visit.say(texts::NAME_MISSING));
            }
            Refusal::Rule(errors) => faults.add_rules(visit, errors, fields),
            other => faults.whole = Some(words(visit, other)),
        }
        faults
    }

    /// Says what is wrong with a field.
    pub(super) fn add(&mut self, field: &'static str, message: impl Into<String>) {
        if self.field(field).is_none() {
            self.fields.push((field, message.into()));
        }
    }

    /// Says what is wrong with the whole.
    pub(super) fn add_whole(&mut self, message: Markup) {
        self.whole = Some(message);
    }

    /// Whether something is wrong.
    pub(super) fn is_any(&self) -> bool {
        !self.fields.is_empty() || self.whole.is_some()
    }

    /// What is wrong with a field.
    pub(super) fn field(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| *other == field).map(|(_, message)| message.as_str())
    }

    /// What is wrong with the whole.
    pub(super) fn whole(&self) -> Markup {
        html! { @if let Some(whole) = &self.whole { (whole) } }
    }

    fn add_rules(&mut self, visit: &Visit, errors: &Errors, fields: &[&str]) {
        let mut rest = Vec::new();
        for error in errors.iter() {
            // `keys[3].name`: the member of the object, whatever is below it.
            let member = error.path().split('.').nth(1).unwrap_or_default();
            let member = member.split('[').next().unwrap_or_default();
            match RULES.iter().find(|(name, _)| *name == member && fields.contains(name)) {
                Some((name, rule)) => self.add(name, visit.say(*rule)),
                None => rest.push(error),
            }
        }
        if !rest.is_empty() {
            self.whole = Some(refused(visit, &broken(visit, rest)));
        }
    }
}

/// A refusal in words.
pub(super) fn words(visit: &Visit, refusal: &Refusal) -> Markup {
    let language = visit.language;
    let body = match refusal {
        Refusal::NotFound { reference, .. } | Refusal::Ambiguous { name: reference, .. } => {
            html! { p { (language.rich(texts::GONE, &[("name", bold(reference))])) } }
        }
        Refusal::Exists { collection, member, value } => {
            html! { p { (exists(visit, *collection, member, value)) } }
        }
        Refusal::EmptyName(_) => html! { p { (visit.say(texts::NAME_MISSING)) } },
        Refusal::NoEnvironment { service, environment, .. } => {
            let values = [("service", named(service)), ("environment", bold(environment))];
            html! { p { (language.rich(texts::NO_ENVIRONMENT, &values)) } }
        }
        Refusal::NotBound(binding) => {
            let values = [("bound", bound(visit, &binding.bound)), ("plan", named(&binding.plan))];
            html! { p { (language.rich(texts::NOT_BOUND, &values)) } }
        }
        Refusal::InUse { objects, .. } => html! { @for object in objects { (in_use(visit, object)) } },
        Refusal::State { key, state } => html! {
            p { (state_of(visit, key, *state)) }
            (help_of(visit, key, *state))
        },
        Refusal::CountedTogether { plan, .. } => {
            html! { p { (language.rich(texts::COUNTED_TOGETHER, &[("plan", named(plan))])) } }
        }
        Refusal::NoQuota { plan, .. } => {
            html! { p { (language.rich(texts::NO_QUOTA, &[("plan", named(plan))])) } }
        }
        Refusal::OverlapTooLong => html! { p { (visit.say(texts::OVERLAP_TOO_LONG)) } },
        Refusal::Conflict { errors, .. } | Refusal::Rule(errors) => broken(visit, errors.iter()),
    };
    refused(visit, &body)
}

/// The rules that a document would break, each with its place.
fn broken<'e>(visit: &Visit, errors: impl IntoIterator<Item = &'e Error>) -> Markup {
    html! {
        p { (visit.say(texts::RULES_BROKEN)) }
        ul { @for error in errors { li { (rule(visit, error)) } } }
    }
}

/// A rule that is broken, after the place in the document.
pub(super) fn rule(visit: &Visit, error: &Error) -> Markup {
    html! {
        @if !error.path().is_empty() { code { (error.path()) } ": " }
        (visit.language.sentence(error.sentence()))
    }
}

/// A refusal, which says that nothing was changed.
pub(super) fn refused(visit: &Visit, body: &Markup) -> Markup {
    notice(Tone::Refused, &html! { (visit.say(texts::NOTHING_CHANGED)) }, body)
}

/// An object by its name, or by its id when it has none.
pub(super) fn label(object: &Named) -> &str {
    if object.name.is_empty() { &object.id } else { &object.name }
}

/// The same, to stand out in a sentence.
pub(super) fn named(object: &Named) -> Markup {
    bold(label(object))
}

/// A word that stands out in a sentence.
pub(super) fn bold(word: &str) -> Markup {
    html! { b { (word) } }
}

/// What is bound to a plan.
pub(super) fn bound(visit: &Visit, bound: &Bound) -> Markup {
    match bound {
        Bound::Key(key) => named(key),
        Bound::Environment { service, environment } => {
            let values = [("environment", bold(environment)), ("service", named(service))];
            visit.language.rich(texts::ENVIRONMENT_OF, &values)
        }
    }
}

fn exists(visit: &Visit, collection: Collection, member: &str, value: &str) -> String {
    let text = match (collection, member) {
        (KEYS, "secret_id") => texts::SECRET_ID_TAKEN,
        (USAGE_PLANS, _) => texts::PLAN_TAKEN,
        (KEYS, _) => texts::KEY_TAKEN,
        _ => texts::SERVICE_TAKEN,
    };
    visit.language.fill(text, &[("name", &value)])
}

fn in_use(visit: &Visit, in_use: &InUse) -> Markup {
    let InUse { object, is_enabled, bindings } = in_use;
    let language = visit.language;
    html! {
        p { (language.rich(texts::CANNOT_BE_DELETED, &[("name", named(object))])) }
        ul {
            @if *is_enabled {
                li { a.inline href=(key_page(object, "/disable")) { (visit.say(texts::DISABLE_FIRST)) } }
            }
            @for binding in bindings {
                @let values = [("bound", bound(visit, &binding.bound)), ("plan", named(&binding.plan))];
                li { a.inline href=(unbind_page(binding)) { (language.rich(texts::UNBIND_FIRST, &values)) } }
            }
        }
    }
}

/// The page where a key is enabled, or its replacement is finished.
fn help_of(visit: &Visit, key: &Named, state: KeyState) -> Markup {
    let (page, text) = match state {
        KeyState::Disabled => (key_page(key, ""), texts::OPEN_KEY),
        KeyState::PreviousSecretVerifies { .. } => (key_page(key, "/finish"), texts::FINISH_KEY),
        _ => return html! {},
    };
    let words = visit.language.fill(text, &[("key", &label(key))]);
    html! { div.actions { a.button.small href=(page) { (words) } } }
}

fn key_page(key: &Named, below: &str) -> String {
    format!("/console/keys/{}{below}", encoded(&key.id))
}

/// The page that asks whether to end a binding.
fn unbind_page(Binding { plan, bound }: &Binding) -> String {
    let plan = format!("/console/plans/{}", encoded(&plan.id));
    match bound {
        Bound::Key(key) => format!("{plan}/unbind-keys?key={}", encoded(&key.id)),
        Bound::Environment { service, environment } => {
            let (service, environment) = (encoded(&service.id), encoded(environment));
            format!("{plan}/unbind?service={service}&environment={environment}")
        }
    }
}

fn state_of(visit: &Visit, key: &Named, state: KeyState) -> Markup {
    let text = match state {
        KeyState::Disabled => texts::KEY_DISABLED,
        KeyState::PreviousSecretVerifies { until } => {
            let values = [("key", named(key)), ("until", visit.reader.moment(until))];
            return visit.language.rich(texts::STILL_REPLACED, &values);
        }
        KeyState::NotRotated => texts::NOT_REPLACED,
        KeyState::SecretElsewhere => texts::SECRET_ELSEWHERE,
        KeyState::SameSecret | KeyState::SameVariable | KeyState::SameFile => texts::SAME_SECRET,
    };
    visit.language.rich(text, &[("key", named(key))])
}
