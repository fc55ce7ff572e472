//! Each option of `render` changes its own places of the shipped file, and nothing else.

use serde_json::{Value, json};

use super::{
    ECDS_NATIVE, ENVOY_NATIVE, ENVOY_PLUGIN, ODD_VARIABLES, document_with_odd_variables,
    document_without_variables, documents, rendered,
};
use crate::cli::{Cli, EXAMPLE, Edit, assert_contains, example, quoted};

const ECDS_PLUGIN: &str = "/resources/0/typed_config/config";
pub(super) const INGRESS: &str = "/static_resources/listeners/0/address/socket_address";
const ROUTES: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/route_config\
                      /virtual_hosts/0/routes";
const CLUSTER: &str = "/static_resources/clusters/0";

/// What is shipped for a target.
fn shipped(target: &str, native: bool) -> Value {
    let text = match target {
        "envoy" if native => include_str!("../../../envoy/native/envoy.yaml"),
        "ecds" if native => include_str!("../../../envoy/native/hot-reload/usage-plan.yaml"),
        "envoy" => include_str!("../../../envoy/envoy.yaml"),
        "ecds" => include_str!("../../../envoy/hot-reload/usage-plan.yaml"),
        "istio" => include_str!("../../../envoy/kubernetes/istio.yaml"),
        _ => include_str!("../../../envoy/kubernetes/envoy-gateway.yaml"),
    };
    Value::Array(documents(text))
}

/// Puts one text in the place of the document, wherever a target has it.
fn without_document(mut rendered: Value) -> Value {
    let in_plugins = [ENVOY_PLUGIN, ECDS_PLUGIN].map(|plugin| format!("/0{plugin}/configuration/value"));
    let in_native = [ENVOY_NATIVE, ECDS_NATIVE].map(|filter| format!("/0{filter}/filter_config/value"));
    let in_manifests = ["/0/spec/pluginConfig", "/0/spec/wasm/0/config"].map(str::to_owned);
    for pointer in in_plugins.into_iter().chain(in_native).chain(in_manifests) {
        if let Some(document) = rendered.pointer_mut(&pointer) {
            *document = "compared elsewhere".into();
        }
    }
    rendered
}

/// Asserts that the example is rendered as the shipped file with these values at these pointers.
/// Null removes a value. A pointer is into the first object, unless it begins with `/1/`.
pub(super) fn assert_rendered(target_and_options: &str, changes: &[(&str, Value)]) {
    assert_document_rendered(&example(), target_and_options, changes);
}

fn assert_document_rendered(document: &Value, target_and_options: &str, changes: &[(&str, Value)]) {
    let (target, _) = target_and_options.split_once(' ').unwrap_or((target_and_options, ""));
    let mut expected = without_document(shipped(target, target_and_options.contains("--native")));
    for (pointer, value) in changes {
        let pointer = if pointer.starts_with("/1/") { (*pointer).to_owned() } else { format!("/0{pointer}") };
        // A row proves nothing if the shipped file has its value already.
        assert_ne!(expected.pointer(&pointer), Some(value), "{pointer}");
        expected = match value {
            Value::Null => expected.without(&pointer),
            value => expected.with(&pointer, value.clone()),
        };
    }
    let rendered = without_document(Value::Array(rendered(document, target_and_options)));
    assert_eq!(rendered, expected, "{target_and_options}");
}

pub(super) fn socket_address(address: &str, port: u16) -> Value {
    json!({"address": address, "port_value": port})
}

#[test]
fn without_options_the_shipped_file_comes_out_with_another_document() {
    for target in super::TARGETS {
        assert_rendered(target, &[]);
    }
}

#[test]
fn the_environment_has_what_the_document_names_or_is_left_out() {
    let names = json!(ODD_VARIABLES);
    let env: Value = ODD_VARIABLES.iter().map(|name| json!({"name": name, "valueFrom": "HOST"})).collect();
    let [envoy, ecds] =
        [ENVOY_PLUGIN, ECDS_PLUGIN].map(|plugin| format!("{plugin}/vm_config/environment_variables"));
    for (target, names_at, names, all_at) in [
        ("envoy", &*format!("{envoy}/host_env_keys"), names.clone(), &*envoy),
        ("ecds", &format!("{ecds}/host_env_keys"), names.clone(), &ecds),
        ("istio", "/spec/vmConfig/env", env, "/spec/vmConfig"),
        ("envoy-gateway", "/spec/wasm/0/env/hostKeys", names, "/spec/wasm/0/env"),
    ] {
        assert_document_rendered(&document_with_odd_variables(), target, &[(names_at, names)]);
        assert_document_rendered(&document_without_variables(), target, &[(all_at, Value::Null)]);
    }
}

#[test]
fn the_module_and_the_name_of_the_counters_can_be_chosen() {
    for (target, plugin) in [("envoy", ENVOY_PLUGIN), ("ecds", ECDS_PLUGIN)] {
        for text in ["/etc/envoy/usage plan.wasm", "a # b: {c}, \"d\"\n", "null"] {
            let word = quoted(text);
            assert_rendered(
                &format!("{target} --module {word} --vm-id {word}"),
                &[
                    (&format!("{plugin}/vm_config/code/local/filename"), json!(text)),
                    (&format!("{plugin}/vm_config/vm_id"), json!(text)),
                ],
            );
        }
    }
}

#[test]
fn the_addresses_of_listeners_can_be_chosen() {
    assert_rendered(
        "envoy --listen [::]:8080 --admin 127.0.0.2:9000",
        &[
            (INGRESS, socket_address("::", 8080)),
            ("/admin/address/socket_address", socket_address("127.0.0.2", 9000)),
        ],
    );
    assert_rendered("envoy --listen 127.0.0.1:10000", &[(INGRESS, socket_address("127.0.0.1", 10000))]);
}

#[test]
fn an_upstream_replaces_the_stand_in_and_its_routes() {
    let endpoint =
        format!("{CLUSTER}/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
    let upstream = |address: &str, port: u16| {
        let routes =
            json!([{"name": "upstream", "match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]);
        [
            ("/static_resources/listeners/1", Value::Null),
            (ROUTES, routes),
            (&*endpoint, socket_address(address, port)),
        ]
    };
    let (kind, family) = (format!("{CLUSTER}/type"), format!("{CLUSTER}/dns_lookup_family"));
    let resolved = [(&*kind, json!("STRICT_DNS")), (&*family, json!("ALL"))];
    assert_rendered(
        "envoy --upstream orders.internal:8080",
        &[&upstream("orders.internal", 8080)[..], &resolved].concat(),
    );
    assert_rendered("envoy --upstream 192.0.2.1:80", &upstream("192.0.2.1", 80));
    assert_rendered("envoy --upstream [2001:db8::1]:80", &upstream("2001:db8::1", 80));
}

#[test]
fn the_names_in_istios_manifest_can_be_chosen() {
    let options = "--name null --namespace 1 --image oci://r.example.org/a:1";
    let named = [
        ("/metadata/name", json!("null")),
        ("/metadata/namespace", json!("1")),
        ("/spec/url", json!("oci://r.example.org/a:1")),
    ];
    let labels = json!({"app": "true", "example.org/gateway": ""});
    assert_rendered(
        &format!("istio {options} --selector app=true --selector example.org/gateway="),
        &[&named[..], &[("/spec/selector/matchLabels", labels)]].concat(),
    );
    let gateway = json!([{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "no"}]);
    assert_rendered(
        &format!("istio {options} --gateway no"),
        &[&named[..], &[("/spec/selector", Value::Null), ("/spec/targetRefs", gateway)]].concat(),
    );
}

#[test]
fn the_names_in_envoy_gateways_manifests_can_be_chosen() {
    let gateway = json!([{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "no"}]);
    assert_rendered(
        "envoy-gateway --name null --namespace 1 --image oci://r.example.org/a:1 --gateway no",
        &[
            ("/metadata/name", json!("null")),
            ("/metadata/namespace", json!("1")),
            ("/spec/wasm/0/code/image/url", json!("r.example.org/a:1")),
            ("/spec/targetRefs", gateway.clone()),
            ("/1/metadata/name", json!("null")),
            ("/1/metadata/namespace", json!("1")),
            ("/1/spec/targetRefs", gateway),
        ],
    );
    assert_rendered(
        "envoy-gateway --namespace 1",
        &[("/metadata/namespace", json!("1")), ("/1/metadata/namespace", json!("1"))],
    );
}

#[test]
fn a_module_on_the_web_is_fetched_from_there() {
    let (url, file) = ("https://example.org/usage_plan.wasm", "file:///etc/usage_plan.wasm");
    for image in [url, file] {
        assert_rendered(&format!("istio --image {image}"), &[("/spec/url", json!(image))]);
    }
    let code = json!({"type": "HTTP", "http": {"url": url}});
    assert_rendered(&format!("envoy-gateway --image {url}"), &[("/spec/wasm/0/code", code)]);
    assert_contains(
        &Cli::with(EXAMPLE).fails(2, &format!("render --to envoy-gateway --image {file}")),
        "takes oci:// and https://, not file://",
    );
}
