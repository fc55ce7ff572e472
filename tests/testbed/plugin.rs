//! What configures the filter, wherever it is in a configuration: the `PluginConfig` of the wasm module, the
//! `DynamicModuleFilter` of the native one.

use serde_json::{Map, Value, json};

use crate::filter_kind::FilterKind;
use crate::yaml;

/// The name of the list of capabilities.
const CAPABILITIES: &str = "capability_restriction_config";

/// Calls `edit` with everything in `tree` that configures a filter, and with its kind.
pub(crate) fn each(tree: &mut Value, edit: &mut impl FnMut(FilterKind, &mut Value)) {
    yaml::each_value(tree, &mut |value| {
        let kind = value.get("@type").and_then(FilterKind::of_type);
        if let Some(kind) = kind
            && let Some(plugin) = kind.plugin(value)
        {
            edit(kind, plugin);
        }
    });
}

/// Puts `document` into what configures a filter of this kind.
pub(crate) fn set_document(kind: FilterKind, plugin: &mut Value, document: &str) {
    *kind.document(plugin) =
        json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": document});
}

/// The member of a `PluginConfig` that restricts capabilities: its VM's, or its own for an Envoy before 1.40.
fn restricted(plugin: &mut Value) -> Option<&mut Map<String, Value>> {
    let in_vm = plugin["vm_config"].get(CAPABILITIES).is_some();
    let owner = if in_vm { plugin.get_mut("vm_config") } else { Some(plugin) };
    owner?.as_object_mut().filter(|owner| owner.contains_key(CAPABILITIES))
}

/// The capabilities that a `PluginConfig` allows, by name.
///
/// # Panics
/// It restricts none.
pub fn allowed_capabilities(plugin: &mut Value) -> &mut Map<String, Value> {
    let allowed = restricted(plugin).map(|owner| &mut owner[CAPABILITIES]["allowed_capabilities"]);
    allowed.and_then(Value::as_object_mut).expect("a list of capabilities is shipped")
}

/// Makes a `PluginConfig` allow all capabilities.
///
/// # Panics
/// It restricts none.
pub fn allow_all_capabilities(plugin: &mut Value) {
    restricted(plugin).expect("a list of capabilities is shipped").remove(CAPABILITIES);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_capabilities_is_found_in_either_place() {
        let list = json!({"allowed_capabilities": {"proxy_log": {}}});
        for mut plugin in [
            json!({"vm_config": {"capability_restriction_config": list}}),
            json!({"vm_config": {}, "capability_restriction_config": list}),
        ] {
            assert!(allowed_capabilities(&mut plugin).contains_key("proxy_log"));
            allow_all_capabilities(&mut plugin);
            assert_eq!(plugin, json!({"vm_config": {}}));
        }
    }
}
