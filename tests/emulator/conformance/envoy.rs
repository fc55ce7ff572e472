//! A real Envoy with the probe as its filter, and what is seen of it from outside.

use emulator::Filter;
use probe_filter::VARIABLE;
use serde_json::{Value, json};
use testbed::plugin::allow_all_capabilities;
use testbed::{Config, Response};

use super::subject::{Observed, Probe, REPORTED, STATES};

/// A shipped configuration with the probe as its filter, without the guard, which knows only the product's
/// filter.
pub(super) fn config(shipped: Config) -> Config {
    shipped
        .module(Probe::module())
        .edit_plugin(|plugin| {
            allow_all_capabilities(plugin);
            let vm = plugin["vm_config"].as_object_mut().expect("a VM");
            // For an older Envoy it is the names of the variables, which are others here.
            vm.remove("configuration");
            vm.insert("environment_variables".to_owned(), json!({"key_values": {VARIABLE: "of the VM"}}));
        })
        .edit(|tree| {
            for listener in tree["static_resources"]["listeners"].as_array_mut().expect("listeners") {
                let is_upstream = listener["name"] == "upstream";
                let manager = &mut listener["filter_chains"][0]["filters"][0]["typed_config"];
                let filters = manager["http_filters"].as_array_mut().expect("filters");
                filters.retain(|filter| filter["name"] != "usage_plan_guard");
                manager["http_protocol_options"] = json!({"enable_trailers": true});
                if is_upstream {
                    answer_with_report(&mut manager["local_reply_config"]["body_format"]);
                }
                let host = &mut manager["route_config"]["virtual_hosts"][0];
                if is_upstream {
                    host["response_headers_to_add"] = json!([added("x-added", "0"), added("x-set", "0")]);
                } else {
                    let states = STATES.map(|name| added(name, &format!("%FILTER_STATE({name}:PLAIN)%")));
                    host["request_headers_to_add"] = json!(states);
                }
            }
        })
}

fn added(name: &str, value: &str) -> Value {
    json!({"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"})
}

/// Makes the upstream answer with what [`upstream_report`] has.
fn answer_with_report(body_format: &mut Value) {
    let report =
        REPORTED.iter().chain(&STATES).map(|name| ((*name).to_owned(), format!("%REQ({name})%").into()));
    *body_format = json!({"json_format": report.collect::<serde_json::Map<_, _>>()});
}

pub(super) fn observed(response: &Response) -> Observed {
    let text = response.text();
    let report = serde_json::from_str::<Value>(&text).ok().filter(|report| report.get(":path").is_some());
    let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    Observed {
        status: response.status,
        headers: comparable(headers, report.is_none()),
        body: report.map_or(text, |report| in_order(&report)).lines().map(str::to_owned).collect(),
    }
}

/// The same report with its members in the order of [`upstream_report`].
fn in_order(report: &Value) -> String {
    let members = REPORTED.iter().chain(&STATES).map(|name| ((*name).to_owned(), report[*name].clone()));
    Value::Object(members.collect()).to_string()
}

/// A response's headers, without those that only Envoy adds. An empty body's framing is one of these, because
/// Envoy's codec writes it after all filters. Of an upstream's response only the headers that the probe
/// changes are compared.
pub(super) fn comparable<'a>(
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    is_reply: bool,
) -> Vec<String> {
    let is_compared = |name: &str, value: &[u8]| match name {
        "x-added" | "x-set" => true,
        "content-length" => is_reply && value != b"0",
        "date" | "server" | "connection" | "transfer-encoding" => false,
        name => is_reply && !name.starts_with("x-envoy-"),
    };
    let compared = headers.filter(|(name, value)| is_compared(name, value));
    compared.map(|(name, value)| format!("{name}: {}", value.escape_ascii())).collect()
}
