//! Which filters share a plan's counter: those of one `vm_id`.

use serde_json::{Value, json};
use testbed::ports::{free_ports, local};
use testbed::{Client, Config, Envoy};

use super::{HOST, call, document, send_to, spend, told, within_a_second};

#[test]
fn two_listeners_share_a_plans_counter() {
    let envoy = Envoy::start(&Config::plain().document(document(HOST, 2)).listeners(2));
    let send = |listener| told(&send_to(&envoy, listener, &call()));
    let answers = within_a_second(|| {
        let start = spend(|| send(0), "1/2");
        (start, [send(1), send(0), send(1)])
    });
    let spent = (429, "0/2".to_owned());
    assert_eq!(answers, [(200, "0/2".to_owned()), spent.clone(), spent]);
}

/// The ingress again, with another document, plugin and VM, on `port`.
fn add_listener(tree: &mut Value, port: u16, vm_id: &str, limit: u64) {
    let listeners = tree["static_resources"]["listeners"].as_array_mut().expect("listeners");
    let mut copy = listeners[0].clone();
    copy["name"] = json!(format!("ingress-{port}"));
    copy["address"]["socket_address"]["port_value"] = json!(port);
    let filters = &mut copy["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"];
    let plugin = &mut filters[0]["typed_config"]["config"];
    plugin["name"] = json!("another_usage_plan");
    plugin["vm_config"]["vm_id"] = json!(vm_id);
    plugin["configuration"]["value"] = json!(document(HOST, limit));
    listeners.push(copy);
}

#[test]
fn plugins_with_different_documents_share_a_plans_counter_if_their_vm_id_is_the_same() {
    let [same, other] = free_ports().expect("two free ports");
    let envoy = Envoy::start(&Config::plain().document(document(HOST, 1)).edit(move |tree| {
        add_listener(tree, same, "usage_plan", 2);
        add_listener(tree, other, "another", 3);
    }));
    let send = |port| told(&Client::new(local(port)).send(&call()).expect("an answer"));
    let ingress = envoy.ingress().port();
    let (spent, apart) = within_a_second(|| {
        let start = spend(|| send(ingress), "0/1");
        (start, ([send(same), send(same), send(ingress)], send(other)))
    });
    assert_eq!(spent, [(200, "0/2".to_owned()), (429, "0/2".to_owned()), (429, "0/1".to_owned())]);
    assert_eq!(apart, (200, "2/3".to_owned()));
}
