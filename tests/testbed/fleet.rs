//! What a gateway has in fleet mode, as the files in `envoy/fleet` have it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::config::Config;
use crate::plugin::allowed_capabilities;
use crate::{shipped, yaml};

impl Config {
    /// Adds what fleet mode needs, with the engine as the cluster `name` at `address`. The native module has
    /// no fleet mode.
    ///
    /// # Panics
    /// A file in `envoy/fleet` cannot be read.
    #[must_use]
    pub fn fleet(self, name: &str, address: SocketAddr) -> Self {
        let mut cluster = shipped_member("cluster", "clusters")[0].clone();
        cluster["name"] = json!(name);
        cluster["load_assignment"]["cluster_name"] = json!(name);
        yaml::each_object(&mut cluster, &mut |object| {
            if object.contains_key("port_value") {
                object.insert("port_value".to_owned(), json!(address.port()));
            }
        });
        let capabilities = shipped_member("capabilities", "allowed_capabilities");
        let fleet =
            self.edit(move |tree| {
                let clusters = tree["static_resources"]["clusters"].as_array_mut().expect("clusters");
                clusters.push(cluster.clone());
                tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
                    ["stream_idle_timeout"] = json!("15s");
            });
        fleet.edit_plugin(move |plugin| {
            let more = capabilities.as_object().expect("capabilities").clone();
            allowed_capabilities(plugin).extend(more);
        })
    }
}

/// A member of a file in `envoy/fleet`.
fn shipped_member(file: &str, member: &str) -> Value {
    let path = format!("envoy/fleet/{file}.yaml");
    shipped::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))[member].clone()
}
