//! A cluster accepts the manifests, rendered and shipped, by the schemas of their CustomResourceDefinitions.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{documents, odd_documents, rendered};
use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, parse_json};

const DEFINITIONS: [&str; 3] = [
    include_str!("../../vectors/crd/wasmplugin.json"),
    include_str!("../../vectors/crd/envoyextensionpolicy.json"),
    include_str!("../../vectors/crd/clienttrafficpolicy.json"),
];

/// Why the definition of the object's kind refuses it.
/// A member that the schema does not know is refused here, although Kubernetes drops it.
fn refusals(object: &Value) -> Vec<String> {
    let definitions = DEFINITIONS.map(parse_json);
    let is_of_it = |definition: &&Value| {
        let api = format!("{}/{}", definition["group"].as_str()?, definition["version"].as_str()?);
        (object["apiVersion"] == api && object["kind"] == definition["kind"]).then_some(())
    };
    let found = definitions.iter().find(|definition| is_of_it(definition).is_some());
    let Some(definition) = found else { return vec![format!("no definition of {}", object["kind"])] };
    let mut schema = definition["openAPIV3Schema"].clone();
    // Every object has these, whether its definition says so or not.
    for (member, rule) in [
        ("apiVersion", json!({"type": "string"})),
        ("kind", json!({"type": "string"})),
        ("metadata", json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})),
    ] {
        schema["properties"][member] = rule;
    }
    close(&mut schema);
    let validator: Validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut refusals: Vec<String> =
        validator.iter_errors(object).map(|error| format!("{}: {error}", error.instance_path())).collect();
    refusals.extend(broken_rules(object).into_iter().map(str::to_owned));
    refusals
}

/// Makes every member an error that a schema does not name, unless the schema preserves unknown members.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_open = members.contains_key("x-kubernetes-preserve-unknown-fields");
            if members.contains_key("properties") && !is_open {
                members.entry("additionalProperties").or_insert_with(|| false.into());
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The names of the rules that the object breaks. They are the rules of the definitions that are written
/// in CEL or that make a map of a list, as far as they concern what is rendered.
fn broken_rules(object: &Value) -> Vec<&'static str> {
    let spec = &object["spec"];
    let has = |member: &str| spec.get(member).is_some();
    let mut broken = Vec::new();
    let mut rule = |is_kept: bool, name| broken.extend((!is_kept).then_some(name));
    if object["kind"] == "WasmPlugin" {
        let targets = ["selector", "targetRef", "targetRefs"].into_iter().filter(|member| has(member));
        rule(targets.count() <= 1, "one of selector, targetRef and targetRefs");
        let url = spec["url"].as_str().unwrap_or_default();
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        rule(["", "http", "https", "oci", "file"].contains(&scheme), "the url's scheme");
        let labels = spec["selector"]["matchLabels"].as_object().into_iter().flatten();
        rule(
            labels.clone().all(|(name, value)| !name.is_empty() && !format!("{name}{value}").contains('*')),
            "labels have names, and no wildcard",
        );
        let env: Vec<&Value> = spec["vmConfig"]["env"].as_array().into_iter().flatten().collect();
        rule(
            env.iter().all(|variable| variable["valueFrom"] != "HOST" || variable.get("value").is_none()),
            "a value is INLINE",
        );
        let mut names: Vec<&str> = env.iter().filter_map(|variable| variable["name"].as_str()).collect();
        names.sort_unstable();
        rule(names.windows(2).all(|pair| pair[0] != pair[1]), "a variable is named once");
    } else {
        rule(has("targetRef") != has("targetRefs"), "targetRef or targetRefs");
        let targets = spec["targetRefs"].as_array().into_iter().flatten();
        rule(
            targets
                .clone()
                .all(|target| target["group"] == "gateway.networking.k8s.io" && target["kind"] == "Gateway"),
            "targets are Gateways",
        );
        for code in spec["wasm"].as_array().into_iter().flatten().map(|wasm| &wasm["code"]) {
            rule((code["type"] == "HTTP") == code.get("http").is_some(), "http is of HTTP");
            rule((code["type"] == "Image") == code.get("image").is_some(), "image is of Image");
        }
    }
    broken
}

const SHIPPED: [&str; 2] = [
    include_str!("../../../envoy/kubernetes/istio.yaml"),
    include_str!("../../../envoy/kubernetes/envoy-gateway.yaml"),
];

#[test]
fn the_shipped_manifests_are_valid() {
    let objects: Vec<Value> = SHIPPED.iter().flat_map(|text| documents(text)).collect();
    assert_eq!(objects.len(), 3);
    for object in &objects {
        assert_eq!(refusals(object), [""; 0], "{object:#}");
    }
}

#[test]
fn what_is_rendered_is_valid_with_any_document_and_any_option() {
    let both = [
        "",
        "--image registry.example.org:5000/a@sha256:00",
        "--image 'https://user@example.org:8443/usage_plan.wasm?a=b#c'",
        "--name a.b --namespace gateways",
        "--gateway public",
    ];
    let istio = "istio --selector app.kubernetes.io/name=gateway --selector tier=".to_owned();
    let lines = ["istio", "envoy-gateway"].map(|target| both.map(|options| format!("{target} {options}")));
    let mut seen = 0;
    for document in odd_documents() {
        for line in lines.iter().flatten().chain([&istio]) {
            for object in rendered(&document, line) {
                assert_eq!(refusals(&object), [""; 0], "{line}: {object:#}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 4 * (6 + 5 * 2));
}

#[test]
fn what_a_cluster_refuses_is_refused_here() {
    let [istio, envoy_gateway] = SHIPPED.map(documents);
    for (object, pointer, value, refusal) in [
        (&istio[0], "/kind", json!("WasmPlugins"), "no definition of"),
        (&istio[0], "/spec/unknown", json!(1), "Additional properties"),
        (&istio[0], "/spec/vmConfig/unknown", json!(1), "Additional properties"),
        (&istio[0], "/spec/phase", json!("FIRST"), "is not one of"),
        (&istio[0], "/spec/pluginConfig", json!("text"), "is not of type"),
        (&istio[0], "/spec/selector/matchLabels/istio", json!("a".repeat(64)), "longer than 63"),
        (&istio[0], "/spec/url", json!("ftp://a"), "scheme"),
        (&istio[0], "/spec/targetRefs", json!([]), "one of selector"),
        (&istio[0], "/spec/vmConfig/env/0/value", json!("a"), "INLINE"),
        (&istio[0], "/spec/vmConfig/env/-", json!({"name": "ACME_SECRET_KEY"}), "named once"),
        (&envoy_gateway[0], "/spec/wasm/0/env/hostKeys/0", json!(1), "is not of type"),
        (&envoy_gateway[0], "/spec/wasm/0/code/type", json!("ConfigMap"), "is not one of"),
        (&envoy_gateway[0], "/spec/wasm/0/code/http", json!({"url": "https://a"}), "http is of HTTP"),
        (&envoy_gateway[0], "/spec/targetRefs/0/name", json!(""), "shorter than 1"),
        (&envoy_gateway[0], "/spec/targetRefs/0/kind", json!("Service"), "Gateways"),
        (&envoy_gateway[1], "/spec/path/escapedSlashesAction", json!("Reject"), "is not one of"),
        (&envoy_gateway[1], "/spec/headers/unknown", json!("Reject"), "Additional properties"),
    ] {
        let refusals = refusals(&object.clone().with(pointer, value));
        assert!(refusals.iter().any(|reason| reason.contains(refusal)), "{pointer}: {refusals:?}");
    }
}

#[test]
fn more_variables_than_a_wasm_plugin_takes_are_refused_by_name() {
    let key = |n: usize| json!({"secret_id": format!("AKID{n:04}"), "secret_key_env": format!("KEY_{n}")});
    let document = |number| json!({"keys": (0..number).map(key).collect::<Vec<_>>()});
    let most = rendered(&document(256), "istio");
    assert_eq!(refusals(&most[0]), [""; 0]);
    let error = Cli::with(document(257)).refused("render --to istio");
    for words in ["257 variables", "takes 256"] {
        assert_contains(&error, words);
    }
    rendered(&document(257), "envoy-gateway");
}

#[test]
fn a_manifest_says_what_a_clusters_gateway_does_not_do() {
    let cli = Cli::with(EXAMPLE);
    for target in ["istio", "envoy-gateway"] {
        let text = cli.exits(0, &format!("render --to {target}")).stdout;
        for missing in ["usage_plan_guard of `render --to envoy`", "stats_tags of `render --to envoy`"] {
            assert_contains(&text.replace("\n# ", " "), missing);
        }
        assert!(!text.contains("../"), "{text}");
    }
}
