//! Clusters whose names Envoy could take for something else.

use serde_json::json;
use testbed::{Config, Envoy, Verdict};

use super::{CLUSTER, Place, document, fleet, send};

/// Each of these is also a valid `GrpcService` message, with no target: Envoy would abort.
const NAMES: [&str; 5] = ["envoy", "empty", "p1", "mesh1", "api-limit"];

#[test]
fn a_cluster_of_any_name_is_asked() {
    let place = Place::new();
    let engine = place.start();
    let of = |name: &str| {
        let fleet = fleet("usage-plan", json!({"cluster": name}));
        document(&fleet, &[(name, json!({"quotas": [{"max_requests": 2, "period": "total"}]}))])
    };
    let config = NAMES.iter().fold(Config::hot_reload(), |config, name| config.fleet(name, engine.listen));
    let mut envoy = Envoy::start(&config.document(of(NAMES[0])));
    for name in NAMES {
        if name != NAMES[0] {
            assert_eq!(envoy.publish(of(name)).expect("a verdict"), Verdict::Accepted, "{name}");
        }
        assert_eq!([(); 3].map(|()| send(&envoy, name).status), [200, 200, 429], "{name}");
        assert!(envoy.is_running());
        assert_eq!(place.spent(&engine, name), 2);
    }
}

#[test]
fn a_cluster_that_envoy_does_not_have_is_an_engine_that_cannot_be_asked() {
    let place = Place::new();
    let engine = place.start();
    let fleet = fleet("usage-plan", json!({"cluster": "missing", "on_engine_down": {"quota": "deny"}}));
    let plans = [("gold", json!({"quotas": [{"max_requests": 2, "period": "total"}]}))];
    let config = Config::plain().fleet(CLUSTER, engine.listen).document(document(&fleet, &plans));
    let mut envoy = Envoy::start(&config);
    assert_eq!([(); 10].map(|()| send(&envoy, "gold").status), [503; 10]);
    assert!(envoy.is_running());
}
