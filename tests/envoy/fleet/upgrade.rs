//! A gateway that goes over to a fleet, and what was spent before goes with it.

use serde_json::{Value, json};
use testbed::console::words;
use testbed::ports::{free_ports, local};
use testbed::{Config, Envoy, Verdict};

use super::{CLUSTER, Place, QUOTA_EXCEEDED, document, fleet, send};
use crate::until;

const QUOTA: u64 = 10;

/// The document alone, and in a fleet.
fn documents() -> [Value; 2] {
    let plans = [("gold", json!({"quotas": [{"max_requests": QUOTA, "period": "total"}]}))];
    let mut fleet = document(&fleet("usage-plan", json!({})), &plans);
    fleet["options"]["usage_path"] = json!("/.usage-plan/usage");
    let mut alone = fleet.clone();
    alone["options"].as_object_mut().expect("options").remove("fleet");
    [alone, fleet]
}

#[test]
fn what_an_envoy_has_spent_is_spent_in_the_fleet() {
    let [alone, fleet] = documents();
    let [port] = free_ports().expect("a port");
    let config = Config::hot_reload().fleet(CLUSTER, local(port));
    let envoy = Envoy::start(&config.document(&alone));
    for _ in 0..4 {
        assert_eq!(send(&envoy, "gold").status, 200);
    }
    let place = Place::new();
    let engine = place.start_at(local(port));
    place.write("usage-plans.json", &alone.to_string());
    let run = |command: String| {
        let ran = place.console.run(&words(&command)).expect("it runs");
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    };
    let gateway = envoy.ingress();
    let import = || {
        let used = run(format!("usage --key AKID-gold --gateway http://{gateway} --output json"));
        place.write("gateway-1.json", &used);
        run(format!("engine import --admin {} gateway-1.json", engine.admin))
    };
    import();
    // What is spent between the list and the change is in the second list.
    assert_eq!(send(&envoy, "gold").status, 200);
    import();
    assert_eq!(place.spent(&engine, "gold"), 5);
    assert_eq!(envoy.publish(&fleet), Ok(Verdict::Accepted));
    let spent = || {
        let _answered = send(&envoy, "gold");
        place.spent(&engine, "gold")
    };
    assert!(until(spent, |spent| *spent > 5) > 5, "the engine is asked");
    let refused = until(|| send(&envoy, "gold"), |answer| answer.status == 429);
    assert!(refused.text().contains(QUOTA_EXCEEDED), "{}", refused.text());
    assert_eq!(place.spent(&engine, "gold"), QUOTA, "nobody has a second quota");
}
