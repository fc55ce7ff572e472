//! The filter with the document in it, as Envoy's protocol has it.
//!
//! It is made of the same shipped file as the file that `usage-plan publish` writes. A member of that file
//! that is not here is an error, so that an Envoy gets the same by both ways.

use std::collections::BTreeMap;
use std::time::Duration as Span;

use prost::Message;
use prost::bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::message::Any;

/// What comes before the name of a type.
const TYPES: &str = "type.googleapis.com/";
const STRING_VALUE: &str = "google.protobuf.StringValue";
const WASM: &str = "envoy.extensions.filters.http.wasm.v3.Wasm";
const DYNAMIC_MODULE: &str = "envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter";

/// `envoy.config.core.v3.TypedExtensionConfig`
#[derive(Clone, PartialEq, prost::Message)]
struct TypedExtensionConfig {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    typed_config: Option<Any>,
}

/// `google.protobuf.StringValue`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(deny_unknown_fields)]
struct StringValue {
    #[prost(string, tag = "1")]
    value: String,
}

/// `envoy.extensions.filters.http.wasm.v3.Wasm`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wasm {
    #[prost(message, optional, tag = "1")]
    config: Option<PluginConfig>,
}

/// `envoy.extensions.wasm.v3.PluginConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PluginConfig {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "3")]
    vm_config: Option<VmConfig>,
    #[prost(message, optional, tag = "4")]
    #[serde(deserialize_with = "any_text")]
    configuration: Option<Any>,
    #[prost(message, optional, tag = "6")]
    capability_restriction_config: Option<CapabilityRestrictionConfig>,
    #[prost(int32, tag = "7")]
    #[serde(deserialize_with = "failure_policy")]
    failure_policy: i32,
    #[prost(message, optional, tag = "8")]
    reload_config: Option<ReloadConfig>,
}

/// `envoy.extensions.wasm.v3.VmConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct VmConfig {
    #[prost(string, tag = "1")]
    vm_id: String,
    #[prost(string, tag = "2")]
    runtime: String,
    #[prost(message, optional, tag = "3")]
    code: Option<AsyncDataSource>,
    #[prost(message, optional, tag = "4")]
    #[serde(deserialize_with = "any_text")]
    configuration: Option<Any>,
    #[prost(message, optional, tag = "7")]
    environment_variables: Option<EnvironmentVariables>,
    #[prost(message, optional, tag = "8")]
    capability_restriction_config: Option<CapabilityRestrictionConfig>,
}

/// `envoy.config.core.v3.AsyncDataSource`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AsyncDataSource {
    #[prost(message, optional, tag = "1")]
    local: Option<DataSource>,
}

/// `envoy.config.core.v3.DataSource`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DataSource {
    #[prost(string, tag = "1")]
    filename: String,
}

/// `envoy.extensions.wasm.v3.EnvironmentVariables`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EnvironmentVariables {
    #[prost(string, repeated, tag = "1")]
    host_env_keys: Vec<String>,
}

/// `envoy.extensions.wasm.v3.CapabilityRestrictionConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CapabilityRestrictionConfig {
    #[prost(btree_map = "string, message", tag = "1")]
    allowed_capabilities: BTreeMap<String, SanitizationConfig>,
}

/// `envoy.extensions.wasm.v3.SanitizationConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SanitizationConfig {}

/// `envoy.extensions.wasm.v3.ReloadConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ReloadConfig {
    #[prost(message, optional, tag = "1")]
    backoff: Option<BackoffStrategy>,
}

/// `envoy.config.core.v3.BackoffStrategy`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BackoffStrategy {
    #[prost(message, optional, tag = "1")]
    #[serde(deserialize_with = "duration")]
    base_interval: Option<Duration>,
}

/// `google.protobuf.Duration`
#[derive(Clone, PartialEq, prost::Message)]
struct Duration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// `envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DynamicModuleFilter {
    #[prost(message, optional, tag = "1")]
    dynamic_module_config: Option<DynamicModuleConfig>,
    #[prost(string, tag = "2")]
    filter_name: String,
    #[prost(message, optional, tag = "3")]
    #[serde(deserialize_with = "any_text")]
    filter_config: Option<Any>,
}

/// `envoy.extensions.dynamic_modules.v3.DynamicModuleConfig`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DynamicModuleConfig {
    #[prost(bool, tag = "3")]
    do_not_close: bool,
    #[prost(string, tag = "5")]
    metrics_namespace: String,
    #[prost(message, optional, tag = "6")]
    module: Option<AsyncDataSource>,
}

/// The `TypedExtensionConfig` that `tree` says, with `configuration` as the text for the filter.
///
/// # Errors
///
/// The tree has something that is not known here.
pub(super) fn encode(tree: Value, configuration: &str) -> serde_json::Result<Bytes> {
    /// The resource of the shipped file.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Resource {
        #[serde(rename = "@type")]
        _type: String,
        name: String,
        typed_config: Value,
    }
    let Resource { name, typed_config, .. } = serde_json::from_value(tree)?;
    let (type_url, config) = typed(typed_config)?;
    let configuration = Some(any(STRING_VALUE, &StringValue { value: configuration.to_owned() }));
    let typed_config = if type_url == [TYPES, WASM].concat() {
        let mut wasm: Wasm = serde_json::from_value(config)?;
        wasm.config.get_or_insert_default().configuration = configuration;
        any(WASM, &wasm)
    } else if type_url == [TYPES, DYNAMIC_MODULE].concat() {
        let filter: DynamicModuleFilter = serde_json::from_value(config)?;
        any(DYNAMIC_MODULE, &DynamicModuleFilter { filter_config: configuration, ..filter })
    } else {
        return Err(serde_json::Error::custom(format_args!("{type_url} is not known")));
    };
    let extension = TypedExtensionConfig { name, typed_config: Some(typed_config) };
    Ok(extension.encode_to_vec().into())
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: [TYPES, name].concat(), value: message.encode_to_vec().into() }
}

/// The type of a message in JSON, and the message without it.
fn typed(mut message: Value) -> serde_json::Result<(String, Value)> {
    let type_url = message.as_object_mut().and_then(|members| members.remove("@type"));
    match type_url {
        Some(Value::String(type_url)) => Ok((type_url, message)),
        _ => Err(serde_json::Error::custom("a message says no @type")),
    }
}

/// A text in an `Any`.
fn any_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Any>, D::Error> {
    let (type_url, message) = typed(Value::deserialize(deserializer)?).map_err(D::Error::custom)?;
    if type_url != [TYPES, STRING_VALUE].concat() {
        return Err(D::Error::custom(format_args!("{type_url} is not known")));
    }
    let text: StringValue = serde_json::from_value(message).map_err(D::Error::custom)?;
    Ok(Some(any(STRING_VALUE, &text)))
}

/// `envoy.extensions.wasm.v3.FailurePolicy`
fn failure_policy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "FAIL_RELOAD" => Ok(1),
        "FAIL_CLOSED" => Ok(2),
        "FAIL_OPEN" => Ok(3),
        other => Err(D::Error::custom(format_args!("{other} is no policy"))),
    }
}

/// A duration as JSON has it: `"0.05s"`.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let seconds = text.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
    let span = seconds.and_then(|seconds| Span::try_from_secs_f64(seconds).ok());
    let span = span.ok_or_else(|| D::Error::custom(format_args!("{text} is no duration")))?;
    let seconds = i64::try_from(span.as_secs()).map_err(D::Error::custom)?;
    let nanos = i32::try_from(span.subsec_nanos()).map_err(D::Error::custom)?;
    Ok(Some(Duration { seconds, nanos }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usage_plan_manage::render::{EnvoyVersion, FilterOptions, Source, extension};

    use super::*;
    use crate::xds::message::RESOURCE;

    const NOTHING: Source<'_> =
        Source { document: "", variables: &[], cluster: None, adds_response_headers: true };

    #[test]
    fn every_shipped_filter_is_known_member_by_member() {
        let native = FilterOptions { native: true, ..FilterOptions::default() };
        let wasm = [EnvoyVersion::V1_36, EnvoyVersion::V1_37, EnvoyVersion::V1_39, EnvoyVersion::V1_40]
            .map(|envoy| FilterOptions { envoy, ..FilterOptions::default() });
        for options in wasm.iter().chain([&native]) {
            for (variables, adds_response_headers) in [(&[][..], true), (&["ACME"], true), (&["ACME"], false)]
            {
                let source = Source { variables, adds_response_headers, ..NOTHING };
                let tree = extension(source, options).expect("rendered");
                let bytes = encode(tree, "{\"keys\": []}\n").expect("encoded");
                let found = TypedExtensionConfig::decode(bytes).expect("a message");
                assert_eq!(found.name, RESOURCE);
                let text = String::from_utf8_lossy(&found.typed_config.expect("a filter").value).into_owned();
                assert!(text.contains("{\"keys\": []}\n"), "{text}");
                assert_eq!(text.contains("ACME"), !variables.is_empty() && !options.native);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_an_error_and_not_left_out() {
        let known = extension(NOTHING, &FilterOptions::default()).expect("rendered");
        for (place, value) in [
            ("/typed_config/@type", json!("type.googleapis.com/other")),
            ("/typed_config/config/vm_config/code/local", json!({"inline_string": "x"})),
            ("/typed_config/config/failure_policy", json!("FAIL_LATER")),
            ("/typed_config/config/reload_config/backoff/base_interval", json!("5")),
            ("/typed_config/config/configuration", json!({"@type": "other", "value": ""})),
        ] {
            let mut tree = known.clone();
            *tree.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there")) = value;
            assert!(encode(tree, "{}").is_err(), "{place}");
        }
    }
}
