//! Nothing passes that the filter has not let through, also when the filter does not run.

use serde_json::{Value, json};
use testbed::{Config, Envoy, Request};

use super::{acme, assert_refused, document, get, send};

/// The filter is disabled on every route.
fn disabled(config: Config) -> Config {
    config.edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let host: &mut Value = &mut ingress["typed_config"]["route_config"]["virtual_hosts"][0];
        let off =
            json!({"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true});
        host["typed_per_filter_config"]["usage_plan"] = off;
    })
}

#[test]
fn without_the_filter_nothing_passes_and_everything_is_503() {
    let requests =
        [acme().sign(get("/release/x")), get("/release/x"), Request::get("open.example.com", "/release/x")];
    for shipped in [Config::plain(), Config::hot_reload()] {
        for broken in [Config::deaf, disabled] {
            let envoy = Envoy::start(&broken(shipped.clone().document(document())));
            for request in &requests {
                let response = send(&envoy, request);
                assert_refused(&response, 503, "Usage plan unavailable");
                let content_type = response.header("content-type");
                assert_eq!(content_type.as_deref(), Some("application/json; charset=utf-8"));
            }
            let stats = envoy.stats().expect("statistics");
            let stat = |name: &str| stats.get(name).map(String::as_str);
            assert_eq!(stat("http.ingress.rbac.denied"), Some("3"));
            assert_eq!(stat("cluster.upstream.upstream_rq_total"), Some("0"));
        }
    }
}
