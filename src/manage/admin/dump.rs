//! `/config_dump`: the documents in Envoy's configuration.

use std::time::Duration;

use serde_json::Value;
use usage_plan_core::document::Digest;

use super::client::{Admin, Reason, Result};

/// Where Envoy shows its configuration.
const PATH: &str = "/config_dump";

/// The types of the filter's configuration, as a wasm module and as the native one.
const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const NATIVE: &str =
    "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter";

/// Where a type has the document, the module and the variables that are handed on to it.
struct Pointers {
    document: &'static str,
    module: &'static str,
    variables: Option<&'static str>,
}

const OF_WASM: Pointers = Pointers {
    document: "/config/configuration/value",
    module: "/config/vm_config/code/local/filename",
    variables: Some("/config/vm_config/environment_variables/host_env_keys"),
};

/// The native module reads Envoy's own environment.
const OF_NATIVE: Pointers = Pointers {
    document: "/filter_config/value",
    module: "/dynamic_module_config/module/local/filename",
    variables: None,
};

/// A document in Envoy's configuration. Has no `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfiguredDocument {
    /// The document as the filter gets it.
    pub text: String,
    /// The version of the watched file that it is from; `None` if it is in Envoy's own configuration.
    pub version: Option<String>,
    /// The filter's module, if it is a file.
    pub module: Option<String>,
    /// The variables that the filter gets from Envoy's environment; `None` if it gets all of them.
    pub variables: Option<Vec<String>>,
}

// === impl ConfiguredDocument ===

impl ConfiguredDocument {
    /// The documents in Envoy's configuration, each once. After a refusal the one of a watched file is the
    /// refused one.
    pub(crate) fn ask(admin: &Admin, timeout: Duration) -> Result<Vec<Self>> {
        Self::all(&admin.get(PATH, timeout)?).ok_or_else(|| admin.error(Reason::Unreadable(PATH)))
    }

    /// The document in a file that was published; `None` if there is none in it.
    pub fn in_file(text: &str) -> Option<Self> {
        let file: Value = serde_saphyr::from_str(text).ok()?;
        let mut found = Vec::new();
        find(&file, file.get("version_info").and_then(Value::as_str), &mut found);
        found.into_iter().next()
    }

    /// The documents in Envoy's answer; `None` if it is not an answer of Envoy.
    fn all(text: &str) -> Option<Vec<Self>> {
        let dump: Value = serde_json::from_str(text).ok()?;
        let configs = dump.get("configs")?.as_array()?;
        let mut found = Vec::new();
        for config in configs {
            find(config, None, &mut found);
        }
        Some(found)
    }

    /// The digest that the filter shows when it accepts the document.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// Whether the filter does not get this variable of Envoy's environment.
    pub fn withholds(&self, variable: &str) -> bool {
        self.variables.as_ref().is_some_and(|variables| variables.iter().all(|named| named != variable))
    }

    fn of(filter: &Value, pointers: &Pointers, version: Option<&str>) -> Option<Self> {
        let string = |pointer: &str| filter.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let text = string(pointers.document)?;
        // Other filters are modules, too. A document is an object, and has one of these members at least.
        let tree: Value = serde_json::from_str(&text).ok()?;
        let is_document = ["services", "keys", "usage_plans"].iter().any(|list| tree.get(list).is_some());
        let variables = |pointer| {
            let names = filter.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        is_document.then(|| Self {
            text,
            version: version.map(str::to_owned),
            module: string(pointers.module),
            variables: pointers.variables.map(variables),
        })
    }
}

/// Adds the documents in a part of the configuration. `version` is that of the discovered filter around it.
fn find(part: &Value, version: Option<&str>, found: &mut Vec<ConfiguredDocument>) {
    match part {
        Value::Object(members) => {
            let pointers = match members.get("@type").and_then(Value::as_str) {
                Some(WASM) => Some(OF_WASM),
                Some(NATIVE) => Some(OF_NATIVE),
                _ => None,
            };
            if let Some(pointers) = pointers {
                let document = ConfiguredDocument::of(part, &pointers, version);
                found.extend(document.filter(|document| !found.contains(document)));
                return;
            }
            // A listener has a version as well, which says nothing about a filter.
            let of_filter = members.get("ecds_filter").map(|_| members.get("version_info"));
            let version = of_filter.map_or(version, |version| version?.as_str());
            members.values().for_each(|member| find(member, version, found));
        }
        Value::Array(items) => items.iter().for_each(|item| find(item, version, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(document: &str) -> Value {
        json!({"@type": WASM, "config": {
            "vm_config": {"code": {"local": {"filename": "/lib/filter.wasm"}},
                          "environment_variables": {"host_env_keys": ["A"]}},
            "configuration": {"value": document}}})
    }

    fn all(configs: &Value) -> Vec<(String, Option<String>)> {
        let dump = json!({ "configs": configs }).to_string();
        let found = ConfiguredDocument::all(&dump).expect("an answer of Envoy");
        found.into_iter().map(|document| (document.text, document.version)).collect()
    }

    #[test]
    fn a_document_is_found_in_a_listener_and_in_a_watched_file_with_its_version() {
        let (here, there) = (r#"{"keys": []}"#, r#"{"services": []}"#);
        let listener = json!({"version_info": "7", "listener": [{"typed_config": filter(here)}]});
        let watched = json!({"version_info": "8", "ecds_filter": {"typed_config": filter(there)}});
        let found = all(&json!([listener, { "ecds_filters": [watched] }, listener]));
        assert_eq!(found, [(here.to_owned(), None), (there.to_owned(), Some("8".to_owned()))]);
    }

    #[test]
    fn what_another_module_is_configured_with_is_no_document() {
        for other in ["", "a text", "[]", r#"{"rules": []}"#] {
            assert_eq!(all(&json!([filter(other)])), []);
        }
        assert!(ConfiguredDocument::all("<html>").is_none());
    }

    #[test]
    fn the_module_and_the_variables_of_a_document_are_read() {
        let dump = json!({ "configs": [filter(r#"{"keys": []}"#)] }).to_string();
        let found = ConfiguredDocument::all(&dump).expect("an answer of Envoy").pop().expect("a document");
        assert_eq!(found.module.as_deref(), Some("/lib/filter.wasm"));
        assert_eq!(["A", "B"].map(|name| found.withholds(name)), [false, true]);
        assert_eq!(found.digest(), Digest::of(br#"{"keys": []}"#));
    }

    #[test]
    fn a_document_of_the_native_module_is_found_and_no_variable_is_withheld_from_it() {
        let filter = json!({"@type": NATIVE, "filter_name": "usage_plan",
            "dynamic_module_config": {"module": {"local": {"filename": "/lib/libfilter.so"}}},
            "filter_config": {"value": r#"{"keys": []}"#}});
        let dump = json!({ "configs": [{"version_info": "8", "ecds_filter": {"typed_config": filter}}] });
        let found = ConfiguredDocument::all(&dump.to_string()).expect("an answer").pop().expect("a document");
        assert_eq!((found.text.as_str(), found.version.as_deref()), (r#"{"keys": []}"#, Some("8")));
        assert_eq!(found.module.as_deref(), Some("/lib/libfilter.so"));
        assert!(!found.withholds("A"));
    }
}
