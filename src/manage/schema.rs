//! The JSON Schema (draft 2020-12) of the document, for editors.
//!
//! Numbers, words, defaults and names' rules are the decoder's own; [`patterns`] has what it says in code, as regular
//! expressions.

mod kinds;
mod options;
mod patterns;
mod plan;

use serde_json::{Value, json};

use self::kinds::{array, choice, described, moment, name, not_empty, object, reference, with, with_default};
use usage_plan_core::document::decode::{AUTHENTICATION, ENVIRONMENTS, KEY_STATUS};
use usage_plan_core::document::names;

/// The schema of a document.
pub fn schema() -> Value {
    let document = object(
        &[],
        [
            ("services", described(array(service()), "The published APIs")),
            ("keys", described(array(key()), "The callers' key pairs")),
            (
                "usage_plans",
                described(array(plan::usage_plan()), "What the keys may call, and how much of it"),
            ),
            ("options", described(options::options(), "What holds everywhere")),
        ],
    );
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Usage plans for Envoy",
        "description": "Services, keys and usage plans, as the envoy-usage-plan filter reads them",
    });
    with(head, document)
}

fn service() -> Value {
    let environment = name(&names::ENVIRONMENT);
    let domain = json!({"type": "string", "pattern": patterns::DOMAIN});
    let mapping = object(
        &["path", "environment"],
        [
            (
                "path",
                described(
                    json!({"type": "string", "pattern": patterns::mapping()}),
                    "/ or /segment/..., whole segments",
                ),
            ),
            ("environment", described(reference(), "One of the service's environments")),
        ],
    );
    let unique = json!({"uniqueItems": true});
    let environments = with(not_empty(array(environment)), unique.clone());
    object(
        &["id", "domains"],
        [
            ("id", described(name(&names::ID), "Unique among services")),
            ("name", described(name(&names::KEY_NAME), "For people")),
            (
                "domains",
                described(
                    with(not_empty(array(domain)), unique.clone()),
                    "Exact hosts, *.suffix or *; a request's port is ignored",
                ),
            ),
            (
                "environments",
                described(with_default(environments, ENVIRONMENTS), "Where the service is published"),
            ),
            (
                "default_environment",
                described(
                    reference(),
                    "The environment of a path that names none; without it such a request is 404",
                ),
            ),
            (
                "path_mappings",
                described(
                    array(mapping),
                    "Paths that stand for environments, instead of /<environment>; the longest that matches wins",
                ),
            ),
            (
                "authentication",
                described(
                    choice(&AUTHENTICATION),
                    "none: a call without a credential passes; one with a credential is held to it",
                ),
            ),
            (
                "required_signed_headers",
                described(
                    with(array(name(&names::HEADER_NAME)), unique),
                    "What callers must sign besides a date, in lower case; host is the authority",
                ),
            ),
            ("created_at", described(moment(), "When it was made, for people")),
        ],
    )
}

fn key() -> Value {
    let secret = || name(&names::SECRET_KEY);
    let variable = || json!({"type": "string", "pattern": patterns::VARIABLE});
    let one_of = |names: [&str; 2]| json!({"oneOf": names.map(|name| json!({"required": [name]}))});
    let key = object(
        &["secret_id"],
        [
            ("name", described(name(&names::KEY_NAME), "For people")),
            ("secret_id", described(name(&names::SECRET_ID), "Unique among keys; callers send it")),
            ("secret_key", described(secret(), "What callers sign with")),
            (
                "secret_key_env",
                described(
                    variable(),
                    "Instead of secret_key: the variable of Envoy's environment that holds it",
                ),
            ),
            (
                "previous_secret_key",
                described(secret(), "What callers signed with before the key was rotated"),
            ),
            (
                "previous_secret_key_env",
                described(variable(), "Instead of previous_secret_key: the variable that holds it"),
            ),
            (
                "previous_secret_key_not_after",
                described(moment(), "Until when, inclusive, the previous secret key verifies"),
            ),
            ("not_before", described(moment(), "Earlier than this the key is refused as an unknown one is")),
            ("not_after", described(moment(), "Later than this the key is refused as an unknown one is")),
            ("status", described(choice(&KEY_STATUS), "A disabled key is refused as an unknown one is")),
            ("created_at", described(moment(), "When it was made, for people")),
        ],
    );
    let not_after = "previous_secret_key_not_after";
    let previous = ["previous_secret_key", "previous_secret_key_env"];
    let [in_document, in_variable] = previous;
    with(
        with(key, one_of(["secret_key", "secret_key_env"])),
        json!({
            "dependentRequired": {in_document: [not_after], in_variable: [not_after]},
            "dependentSchemas": {not_after: one_of(previous)},
        }),
    )
}
