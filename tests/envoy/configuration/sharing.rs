//! Which filters share a plan's counter: those of one `vm_id`, or of one name of the native module.

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Client, Config, Envoy, FilterKind};

use super::{admitted, call, document_with_quota, quota_of, refused, send_to};

#[test]
fn two_listeners_share_a_plan_s_counter() {
    let envoy = Envoy::start(&Config::plain().document(document_with_quota(2)).listeners(2));
    let send = |listener| quota_of(&send_to(&envoy, listener, &call()));
    assert_eq!(send(0), admitted("1/2"));
    assert_eq!(send(1), admitted("0/2"));
    assert_eq!(send(0), refused("0/2"));
    assert_eq!(send(1), refused("0/2"));
}

/// Adds the ingress again on `port`, with another document, plugin and VM.
fn add_listener(tree: &mut Value, port: u16, vm_id: &str, quota: u64) {
    let listeners = tree["static_resources"]["listeners"].as_array_mut().expect("listeners");
    let mut copy = listeners[0].clone();
    copy["name"] = json!(format!("ingress-{port}"));
    copy["address"]["socket_address"]["port_value"] = json!(port);
    let manager = &mut copy["filter_chains"][0]["filters"][0]["typed_config"];
    let filters = manager["http_filters"].as_array_mut().expect("filters");
    let filter = filters.iter_mut().find(|filter| filter["name"] == "usage_plan").expect("the filter");
    let document = json!(document_with_quota(quota).to_string());
    match FilterKind::of_tests() {
        FilterKind::Wasm => {
            let plugin = &mut filter["typed_config"]["config"];
            plugin["name"] = json!("another_usage_plan");
            plugin["vm_config"]["vm_id"] = json!(vm_id);
            plugin["configuration"]["value"] = document;
        }
        FilterKind::Native => {
            let module = &mut filter["typed_config"];
            module["filter_name"] = json!(vm_id);
            module["filter_config"]["value"] = document;
        }
    }
    listeners.push(copy);
}

#[test]
fn plugins_with_different_documents_share_a_plan_s_counter_if_their_vm_id_is_the_same() {
    let [same, other] = free_ports().expect("two free ports");
    let envoy = Envoy::start(&Config::plain().document(document_with_quota(1)).edit(move |tree| {
        add_listener(tree, same, "usage_plan", 2);
        add_listener(tree, other, "another", 3);
    }));
    let send = |port| quota_of(&Client::new(local(port)).send(&call()).expect("an answer"));
    let ingress = envoy.ingress().port();
    assert_eq!(send(ingress), admitted("0/1"));
    assert_eq!(send(same), admitted("0/2"));
    assert_eq!(send(same), refused("0/2"));
    assert_eq!(send(ingress), refused("0/1"));
    assert_eq!(send(other), admitted("2/3"));
}
