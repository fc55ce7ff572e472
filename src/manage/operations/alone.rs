//! The rules that the members of an object break by themselves, before anybody looks at a document.

use serde_json::{Map, Value, json};
use usage_plan_core::document::Errors;

use crate::draft::{self, Collection, KEYS, Members, SERVICES, USAGE_PLANS};

/// The rules that `members` break in an object that is otherwise valid and alone in its document. What they
/// mean together with the object's other members, and with other objects, is not asked.
pub fn check_alone(collection: Collection, members: &Members) -> Result<(), Errors> {
    let mut object = Map::new();
    members.clone().apply(&mut object);
    let is_set = |member: &str| members.iter().any(|(name, _)| name == member);
    let mut complete = |member: &str, value: Value| {
        if !is_set(member) {
            object.insert(member.to_owned(), value);
        }
    };
    complete(collection.id, json!("alone"));
    if collection == KEYS && !is_set("secret_key") {
        complete("secret_key_env", json!("SECRET_KEY"));
    } else if collection == USAGE_PLANS && is_set("burst") {
        complete("max_requests_per_second", json!(1));
    } else if collection == SERVICES {
        complete("domains", json!(["*"]));
        add_environments(&mut object);
    }
    let document = json!({ collection.list: [object] });
    draft::read(document.to_string().as_bytes()).map(|_| ())
}

/// Adds the environments that other members refer to: the service may have them already.
fn add_environments(service: &mut Map<String, Value>) {
    let mappings = service.get("path_mappings").and_then(Value::as_array).into_iter().flatten();
    let mapped = mappings.filter_map(|mapping| mapping.get("environment"));
    let named: Vec<Value> = mapped.chain(service.get("default_environment")).cloned().collect();
    draft::edit_list(service, "environments", |environments| {
        for environment in named {
            if !environments.contains(&environment) {
                environments.push(environment);
            }
        }
        if environments.is_empty() {
            environments.push(json!("release"));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(collection: Collection, members: Members) -> String {
        check_alone(collection, &members).err().map_or_else(String::new, |errors| errors.to_string())
    }

    #[test]
    fn what_is_right_alone_may_need_what_the_document_has() {
        let mapping = json!({"path": "/v1", "environment": "live"});
        for (collection, members) in [
            (KEYS, Members::new().with("name", Some("acme")).with("not_after", Some("2027-01-01T00:00:00Z"))),
            (KEYS, Members::new().with("secret_key_env", Some("ACME"))),
            (USAGE_PLANS, Members::new().with("burst", Some(5))),
            (SERVICES, Members::new().with("default_environment", Some("live"))),
            (SERVICES, Members::new().with("path_mappings", Some(json!([mapping])))),
            (SERVICES, Members::new().with("domains", Some(json!([])))),
        ] {
            let members_text = format!("{members:?}");
            let allowed =
                if members_text.contains("domains") { "services[0].domains: is missing" } else { "" };
            assert_eq!(errors(collection, members), allowed, "{members_text}");
        }
    }

    #[test]
    fn what_is_wrong_alone_is_found_with_the_filters_own_rule() {
        let quota = json!({"max_requests": 5, "period": "fortnight"});
        for (collection, members, expected) in [
            (KEYS, Members::new().with("name", Some("a.b")), "keys[0].name: must be up to 50 of"),
            (KEYS, Members::new().with("not_after", Some("soon")), "keys[0].not_after: must be a time"),
            (
                USAGE_PLANS,
                Members::new().with("quotas", Some(json!([quota]))),
                "usage_plans[0].quotas[0].period: must be",
            ),
            (
                SERVICES,
                Members::new().with("environments", Some(json!(["Live"]))),
                "services[0].environments[0]: must be a lower-case letter",
            ),
        ] {
            let errors = errors(collection, members);
            assert!(errors.starts_with(expected), "{errors}");
        }
    }
}
