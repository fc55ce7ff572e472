//! That every place that can be asked for is what was asked, and all else what is shipped.

use serde_json::{Value, json};

use super::{document_with_odd_variables, document_without_variables, documents, rendered};
use crate::cli::EXAMPLE;

/// Where `envoy.yaml` has the filter.
pub(super) const ENVOY_PLUGIN: &str =
    "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/0/typed_config/config";
const ECDS_PLUGIN: &str = "/resources/0/typed_config/config";
const INGRESS: &str = "/static_resources/listeners/0/address/socket_address";
const ROUTES: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/route_config/virtual_hosts/0/routes";

const ENVOY: &str = include_str!("../../../envoy/envoy.yaml");
const ECDS: &str = include_str!("../../../envoy/hot-reload/usage-plan.yaml");
const ISTIO: &str = include_str!("../../../envoy/kubernetes/istio.yaml");
const ENVOY_GATEWAY: &str = include_str!("../../../envoy/kubernetes/envoy-gateway.yaml");

/// What `arguments` render of the example, which must be the one shipped file but for the places that `expected` has.
fn assert_rendered(arguments: &[&str], shipped: &str, expected: &[(&str, Value)]) {
    assert_document_rendered(&serde_json::from_str(EXAMPLE).expect("JSON"), arguments, shipped, expected);
}

fn assert_document_rendered(document: &Value, arguments: &[&str], shipped: &str, expected: &[(&str, Value)]) {
    let mut rendered = Value::Array(rendered(document, arguments));
    let mut tree = Value::Array(documents(shipped));
    for place in DOCUMENTS {
        for tree in [&mut rendered, &mut tree] {
            if let Some(document) = tree.pointer_mut(place) {
                *document = "compared elsewhere".into();
            }
        }
    }
    for (place, value) in expected {
        // The shipped file's own value must be another: else nothing is shown.
        let place = if place.starts_with("/1/") { (*place).to_owned() } else { format!("/0{place}") };
        assert_ne!(tree.pointer(&place), Some(value), "{place}");
        set(&mut tree, &place, value);
    }
    assert_eq!(rendered, tree, "{arguments:?}");
}

const DOCUMENTS: [&str; 4] = [
    "/0/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/0/typed_config/config/configuration/value",
    "/0/resources/0/typed_config/config/configuration/value",
    "/0/spec/pluginConfig",
    "/0/spec/wasm/0/config",
];

/// Makes `place` that value; null takes it away.
fn set(tree: &mut Value, place: &str, value: &Value) {
    let (parent, member) = place.rsplit_once('/').expect("a place");
    match tree.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}")) {
        Value::Array(items) if value.is_null() => drop(items.remove(member.parse().expect("a number"))),
        Value::Object(members) if value.is_null() => {
            members.remove(member).unwrap_or_else(|| panic!("{place}"));
        }
        parent => parent[member] = value.clone(),
    }
}

fn socket_address(address: &str, port: u16) -> Value {
    json!({"address": address, "port_value": port})
}

#[test]
fn without_options_what_is_shipped_comes_out_with_another_document() {
    for (target, shipped) in
        [("envoy", ENVOY), ("ecds", ECDS), ("istio", ISTIO), ("envoy-gateway", ENVOY_GATEWAY)]
    {
        assert_rendered(&[target], shipped, &[]);
    }
}

#[test]
fn the_environment_is_what_the_document_names_or_is_left_out() {
    let (document, names) = document_with_odd_variables();
    let variables = |plugin: &str| format!("{plugin}/vm_config/environment_variables");
    for (target, shipped, plugin) in [("envoy", ENVOY, ENVOY_PLUGIN), ("ecds", ECDS, ECDS_PLUGIN)] {
        let some = [(&*format!("{}/host_env_keys", variables(plugin)), json!(names))];
        assert_document_rendered(&document, &[target], shipped, &some);
        let none = [(&*variables(plugin), Value::Null)];
        assert_document_rendered(&document_without_variables(), &[target], shipped, &none);
    }
    let env: Value = names.iter().map(|name| json!({"name": name, "valueFrom": "HOST"})).collect();
    for (target, shipped, place, some, none) in [
        ("istio", ISTIO, "/spec/vmConfig/env", env, "/spec/vmConfig"),
        ("envoy-gateway", ENVOY_GATEWAY, "/spec/wasm/0/env/hostKeys", json!(names), "/spec/wasm/0/env"),
    ] {
        assert_document_rendered(&document, &[target], shipped, &[(place, some)]);
        assert_document_rendered(&document_without_variables(), &[target], shipped, &[(none, Value::Null)]);
    }
}

#[test]
fn the_module_and_the_name_of_the_counters_are_what_was_asked() {
    for (target, shipped, plugin) in [("envoy", ENVOY, ENVOY_PLUGIN), ("ecds", ECDS, ECDS_PLUGIN)] {
        for text in ["/etc/envoy/usage plan.wasm", "a # b: {c}, \"d\"\n", "null"] {
            let module = (&*format!("{plugin}/vm_config/code/local/filename"), json!(text));
            let vm_id = (&*format!("{plugin}/vm_config/vm_id"), json!(text));
            assert_rendered(&[target, "--module", text, "--vm-id", text], shipped, &[module, vm_id]);
        }
    }
}

#[test]
fn listeners_are_where_was_asked() {
    let arguments = ["envoy", "--listen", "[::]:8080", "--admin", "127.0.0.2:9000"];
    let admin = ("/admin/address/socket_address", socket_address("127.0.0.2", 9000));
    assert_rendered(&arguments, ENVOY, &[(INGRESS, socket_address("::", 8080)), admin]);
    let listen = ["envoy", "--listen", "127.0.0.1:10000"];
    assert_rendered(&listen, ENVOY, &[(INGRESS, socket_address("127.0.0.1", 10000))]);
}

#[test]
fn an_upstream_takes_the_place_of_the_stand_in_and_of_its_routes() {
    let cluster = "/static_resources/clusters/0";
    let endpoint =
        format!("{cluster}/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address");
    let routes = json!([{"name": "upstream", "match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]);
    let gone = ("/static_resources/listeners/1", Value::Null);
    let (kind, family) = (format!("{cluster}/type"), format!("{cluster}/dns_lookup_family"));
    let named = [
        gone.clone(),
        (ROUTES, routes.clone()),
        (&*endpoint, socket_address("orders.internal", 8080)),
        (&*kind, json!("STRICT_DNS")),
        (&*family, json!("ALL")),
    ];
    assert_rendered(&["envoy", "--upstream", "orders.internal:8080"], ENVOY, &named);
    for (text, address) in [("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1")] {
        let addressed = [gone.clone(), (ROUTES, routes.clone()), (&*endpoint, socket_address(address, 80))];
        assert_rendered(&["envoy", "--upstream", text], ENVOY, &addressed);
    }
}

#[test]
fn a_cluster_s_names_are_what_was_asked() {
    let given = ["--name", "null", "--namespace", "1", "--image", "oci://r.example.org/a:1"];
    let (name, namespace) = (json!("null"), json!("1"));
    let istio = [
        ("/metadata/name", name.clone()),
        ("/metadata/namespace", namespace.clone()),
        ("/spec/url", json!("oci://r.example.org/a:1")),
    ];
    let labels = json!({"app": "true", "example.org/gateway": ""});
    let selected = [&istio[..], &[("/spec/selector/matchLabels", labels)]].concat();
    let selector = ["--selector", "app=true", "--selector", "example.org/gateway="];
    assert_rendered(&[&["istio"], &given[..], &selector].concat(), ISTIO, &selected);
    let gateway = json!([{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "no"}]);
    let targeted =
        [&istio[..], &[("/spec/selector", Value::Null), ("/spec/targetRefs", gateway.clone())]].concat();
    assert_rendered(&[&["istio"], &given[..], &["--gateway", "no"]].concat(), ISTIO, &targeted);

    let envoy_gateway = [
        ("/metadata/name", name.clone()),
        ("/metadata/namespace", namespace.clone()),
        ("/spec/wasm/0/code/image/url", json!("r.example.org/a:1")),
        ("/spec/targetRefs", gateway.clone()),
        ("/1/metadata/name", name),
        ("/1/metadata/namespace", namespace.clone()),
        ("/1/spec/targetRefs", gateway),
    ];
    let arguments = [&["envoy-gateway"], &given[..], &["--gateway", "no"]].concat();
    assert_rendered(&arguments, ENVOY_GATEWAY, &envoy_gateway);
    let only_namespace = [("/metadata/namespace", namespace.clone()), ("/1/metadata/namespace", namespace)];
    assert_rendered(&["envoy-gateway", "--namespace", "1"], ENVOY_GATEWAY, &only_namespace);
}

#[test]
fn a_module_on_the_web_is_fetched_from_there() {
    let (url, file) = ("https://example.org/usage_plan.wasm", "file:///etc/usage_plan.wasm");
    for image in [url, file] {
        assert_rendered(&["istio", "--image", image], ISTIO, &[("/spec/url", json!(image))]);
    }
    let code = ("/spec/wasm/0/code", json!({"type": "HTTP", "http": {"url": url}}));
    assert_rendered(&["envoy-gateway", "--image", url], ENVOY_GATEWAY, &[code]);
    let error =
        crate::cli::Cli::with(EXAMPLE).fails(2, &["render", "--to", "envoy-gateway", "--image", file]);
    assert!(error.contains("takes oci:// and https://, not file://"), "{error}");
}
