//! Who can call what, read from a document.

use serde_json::Value;
use testbed::{Request, Signer};

/// A key on a plan that is bound to an environment of a service.
pub(super) struct Caller {
    pub(super) enabled: bool,
    pub(super) signer: Signer,
    /// A host name that the service answers on.
    pub(super) host: String,
    /// What the path begins with in that environment.
    pub(super) prefix: String,
}

impl Caller {
    /// An unsigned `GET` of `path` in the environment.
    pub(super) fn get(&self, path: &str) -> Request {
        Request::get(&self.host, format!("{}{path}", self.prefix))
    }
}

/// All callers, in the order of plans, keys and bindings. A key in a variable that `variable` does not know
/// is left out.
pub(super) fn callers(document: &Value, variable: impl Fn(&str) -> Option<String>) -> Vec<Caller> {
    let mut callers = Vec::new();
    for plan in list(&document["usage_plans"]) {
        for id in list(&plan["keys"]) {
            let Some(key) = list(&document["keys"]).iter().find(|key| key["secret_id"] == *id) else {
                continue;
            };
            let written = key["secret_key"].as_str().map(str::to_owned);
            let Some(secret) = written.or_else(|| variable(key["secret_key_env"].as_str()?)) else {
                continue;
            };
            for binding in list(&plan["environments"]) {
                let Some(service) =
                    list(&document["services"]).iter().find(|s| s["id"] == binding["service"])
                else {
                    continue;
                };
                callers.push(Caller {
                    enabled: key["status"] != "disabled",
                    signer: Signer::new(&text(id), &secret),
                    host: host(service),
                    prefix: prefix(service, &text(&binding["environment"])),
                });
            }
        }
    }
    callers
}

/// A name under the service's first domain.
fn host(service: &Value) -> String {
    match text(&service["domains"][0]).as_str() {
        "*" => "localhost".to_owned(),
        domain => domain.replacen('*', "api", 1),
    }
}

fn prefix(service: &Value, environment: &str) -> String {
    match list(&service["path_mappings"]).iter().find(|mapping| mapping["environment"] == environment) {
        Some(mapping) => text(&mapping["path"]).trim_end_matches('/').to_owned(),
        None => format!("/{environment}"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "services": [
                {"id": "a", "domains": ["*.example.com"]},
                {"id": "b", "domains": ["*"], "path_mappings": [{"path": "/v1/", "environment": "release"}]},
            ],
            "keys": [
                {"name": "one", "secret_id": "id-one", "secret_key_env": "ONE"},
                {"name": "two", "secret_id": "id-two", "secret_key": "key-two", "status": "disabled"},
            ],
            "usage_plans": [
                {"id": "p", "max_requests_per_second": 7, "keys": ["id-one", "id-two"],
                 "environments": [{"service": "a", "environment": "test"}]},
                {"id": "q", "max_requests_per_second": -1, "keys": ["id-one"],
                 "environments": [{"service": "b", "environment": "release"}]},
            ],
        })
    }

    #[test]
    fn every_key_of_every_plan_is_a_caller_where_the_plan_is_bound() {
        let found = callers(&document(), |name| Some(format!("key of {name}")));
        let brief = |c: &Caller| format!("{} {} {}", c.signer.secret_id, c.host, c.prefix);
        assert_eq!(
            found.iter().map(brief).collect::<Vec<_>>(),
            ["id-one api.example.com /test", "id-two api.example.com /test", "id-one localhost /v1"]
        );
        assert_eq!(found.iter().map(|c| c.enabled).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(found[0].signer.secret_key, "key of ONE");
    }

    #[test]
    fn a_key_without_its_secret_cannot_call() {
        assert_eq!(callers(&document(), |_| None).len(), 1);
    }
}
