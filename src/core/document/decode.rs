//! From JSON to the [`Document`]: each field with its own rule.

pub mod options;
pub mod plan;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::reader::{Fields, Value};
use super::*;
use crate::lookup::domains::Domains;
use crate::lookup::paths;
use crate::timestamp::Timestamp;

/// `services[].environments` of a service that names none.
pub const ENVIRONMENTS: [&str; 3] = ["release", "prepub", "test"];

/// The words for `services[].authentication`.
pub const AUTHENTICATION: [(&str, Authentication); 2] =
    [("key_pair", Authentication::KeyPair), ("none", Authentication::None)];

/// The words for `keys[].status`.
pub const KEY_STATUS: [(&str, KeyStatus); 2] =
    [("enabled", KeyStatus::Enabled), ("disabled", KeyStatus::Disabled)];

/// The word that stands for `value`: the command line shows what the document says.
pub fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, meaning)| *meaning == value).map_or("", |(word, _)| word)
}

/// Reads the whole document. What breaks a rule is reported and replaced by something harmless.
pub(crate) fn document(root: Value<'_>) -> Document {
    root.object(|fields| Document {
        services: list(fields, "services", service),
        keys: list(fields, "keys", key),
        usage_plans: list(fields, "usage_plans", plan::usage_plan),
        options: fields.optional("options").map(options::options).unwrap_or_default(),
    })
}

fn service(value: Value<'_>) -> Service {
    value.object(|fields| {
        let environments = fields.optional("environments").map(environments);
        Service {
            id: name(fields.required("id"), &names::ID),
            name: name(fields.optional("name"), &names::KEY_NAME),
            domains: fields.required("domains").map(domains).unwrap_or_default(),
            environments: environments.unwrap_or_else(|| ENVIRONMENTS.map(str::to_owned).to_vec()),
            default_environment: fields.optional("default_environment").and_then(reference),
            path_mappings: list(fields, "path_mappings", path_mapping),
            authentication: fields
                .optional("authentication")
                .and_then(|value| value.one_of(&AUTHENTICATION))
                .unwrap_or_default(),
            required_signed_headers: list(fields, "required_signed_headers", |item| {
                item.name(&names::HEADER_NAME).unwrap_or_default()
            }),
            created_at: fields.optional("created_at").and_then(instant),
        }
    })
}

fn domains(value: Value<'_>) -> Vec<String> {
    let domains = value.items(|item| {
        item.text(Domains::is_domain, "must be a host, \"*.suffix\" or \"*\", without a port")
            .unwrap_or_default()
            .to_ascii_lowercase()
    });
    not_empty(value, domains)
}

fn environments(value: Value<'_>) -> Vec<String> {
    let environments = value.items(|item| item.name(&names::ENVIRONMENT).unwrap_or_default());
    not_empty(value, environments)
}

fn path_mapping(value: Value<'_>) -> PathMapping {
    value.object(|fields| PathMapping {
        path: fields
            .required("path")
            .and_then(|value| value.text(paths::is_mapping, paths::MAPPING_RULE))
            .unwrap_or_default(),
        environment: fields.required("environment").and_then(reference).unwrap_or_default(),
    })
}

fn key(value: Value<'_>) -> Key {
    value.object(|fields| Key {
        name: name(fields.optional("name"), &names::KEY_NAME),
        secret_id: name(fields.required("secret_id"), &names::SECRET_ID),
        secret: current_secret(fields),
        previous: previous_secret(fields),
        not_before: fields.optional("not_before").and_then(instant),
        not_after: fields.optional("not_after").and_then(instant),
        status: fields.optional("status").and_then(|value| value.one_of(&KEY_STATUS)).unwrap_or_default(),
        created_at: fields.optional("created_at").and_then(instant),
    })
}

fn current_secret(fields: &mut Fields<'_>) -> Option<SecretSource> {
    let given = ["secret_key", "secret_key_env"].map(|name| fields.optional(name));
    match given {
        [None, None] => {
            fields.error("needs secret_key or secret_key_env");
            None
        }
        [Some(_), Some(_)] => {
            fields.error("has both secret_key and secret_key_env: keep one");
            None
        }
        given => secret_source(given),
    }
}

fn previous_secret(fields: &mut Fields<'_>) -> Option<PreviousSecret> {
    let given = ["previous_secret_key", "previous_secret_key_env"].map(|name| fields.optional(name));
    let not_after = fields.optional("previous_secret_key_not_after");
    let rule = match (given, not_after) {
        ([None, None], None) => return None,
        ([Some(_), Some(_)], _) => "has both previous_secret_key and previous_secret_key_env: keep one",
        ([None, None], Some(_)) => "has previous_secret_key_not_after and no previous secret key",
        (_, None) => "needs previous_secret_key_not_after: until when the previous secret key verifies",
        (given, Some(not_after)) => {
            let (secret, not_after) = (secret_source(given), instant(not_after));
            return Some(PreviousSecret { secret: secret?, not_after: not_after? });
        }
    };
    fields.error(rule);
    None
}

/// The secret in the document, or the variable that holds it: whichever is given.
fn secret_source([text, variable]: [Option<Value<'_>>; 2]) -> Option<SecretSource> {
    match text {
        Some(text) => text.name(&names::SECRET_KEY).map(Secret::new).map(SecretSource::Document),
        None => variable?
            .text(names::is_variable, "must be the name of a variable")
            .map(SecretSource::Environment),
    }
}

/// A moment as RFC 3339 writes it, from 1970 to 2554.
fn instant(value: Value<'_>) -> Option<Timestamp> {
    let moment = moment(value.string()?);
    if moment.is_none() {
        value.error("must be a moment as RFC 3339 writes it, such as \"2026-12-31T23:59:59Z\"");
    }
    moment
}

/// Reads a moment as the document writes it.
pub fn moment(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(time.unix_timestamp_nanos()).ok().map(Timestamp::from_nanos)
}

fn list<T>(fields: &mut Fields<'_>, member: &'static str, read: fn(Value<'_>) -> T) -> Vec<T> {
    fields.optional(member).and_then(|value| value.items(read)).unwrap_or_default()
}

fn not_empty<T>(value: Value<'_>, items: Option<Vec<T>>) -> Vec<T> {
    if items.as_ref().is_some_and(Vec::is_empty) {
        value.error("must not be empty");
    }
    items.unwrap_or_default()
}

fn name(value: Option<Value<'_>>, rule: &names::NameRule) -> String {
    value.and_then(|value| value.name(rule)).unwrap_or_default()
}

/// The id or name of something else. An empty one would be taken for one that could not be read.
fn reference(value: Value<'_>) -> Option<String> {
    value.text(|text| !text.is_empty(), "must not be empty")
}

fn string(value: Value<'_>) -> Option<String> {
    value.string().map(str::to_owned)
}
