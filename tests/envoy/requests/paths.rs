//! No spelling of a path reaches a laxer environment (`docs/rules.md#routing`), and the route is chosen on
//! the path without its environment.

use serde_json::{Value, json};
use testbed::{Client, Config, Envoy, Response, Shared, Version};

use super::{SHIPPED, acme, document, get, received, send};

/// The result of a path: the environment that it names and the path that goes upstream, or the refusal's
/// status.
type PathResult = Result<(&'static str, &'static str), u16>;

const SPELLINGS: [(&str, &str, PathResult); 19] = [
    ("GET", "/release/x", Ok(("release", "/x"))),
    ("GET", "/test/../release/x", Ok(("release", "/x"))),
    ("GET", "//release/x", Ok(("release", "/x"))),
    ("GET", "/%72elease/x", Ok(("release", "/x"))),
    ("GET", "/RELEASE/x", Ok(("test", "/RELEASE/x"))),
    ("GET", "/release%2Fx", Err(400)),
    ("GET", "/release%5cx", Err(400)),
    ("GET", "/release;a/x", Ok(("test", "/release;a/x"))),
    ("GET", "/releasex", Ok(("test", "/releasex"))),
    ("GET", "/release", Ok(("release", "/"))),
    ("GET", "/release?x=1", Ok(("release", "/?x=1"))),
    ("GET", "/release/%2e%2e/test/x", Ok(("test", "/x"))),
    ("GET", "/test/%2e%2e/release/x", Ok(("release", "/x"))),
    ("GET", "/./release/x", Ok(("release", "/x"))),
    ("GET", "/test?/../release/x", Ok(("test", "/?/../release/x"))),
    ("GET", "http://orders.example.com/release/x", Ok(("release", "/x"))),
    // Envoy refuses the first, because it routes no path without a slash. The second has no path.
    ("OPTIONS", "*", Err(404)),
    ("CONNECT", "orders.example.com:443", Err(404)),
    ("GET", "release/x", Err(400)),
];

/// Paths in which URL libraries find a separator or a dot segment, with the environment that the path then
/// names, and the first version of Envoy whose `normalize_path` finds it too.
const SPELLINGS_OF_URL_LIBRARIES: [(&str, &str, Version); 4] = [
    ("/release\\x", "release", Version::new(1, 36)),
    ("/\\release/x", "release", Version::new(1, 36)),
    ("/test/..;/release/x", "release", Version::new(1, 39)),
    ("/release/..;a=b/test/x", "test", Version::new(1, 39)),
];

/// Signs and sends a request with that target.
fn spelled(envoy: &Envoy, method: &str, target: &str) -> Response {
    let request = acme().sign(get(target).method(method));
    // Each request has a new connection: Envoy ends it when it refuses a request that it has not read
    // completely.
    Client::new(envoy.ingress()).send(&request).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
}

fn environment(upstream: &Value) -> &str {
    upstream["x-usage-plan-environment"].as_str().expect("the filter names the environment")
}

/// The shipped listener without its path normalisation. The whole path goes upstream.
fn without_hardening() -> Config {
    let mut forwarding = document();
    forwarding["options"] = json!({"forward_environment_prefix": true});
    Config::plain().document(forwarding).edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let manager = ingress["typed_config"].as_object_mut().expect("the connection manager");
        for hardening in ["normalize_path", "merge_slashes", "path_with_escaped_slashes_action"] {
            manager.remove(hardening).unwrap_or_else(|| panic!("{hardening} is shipped"));
        }
    })
}

/// For tests that ask what a request is answered, and nothing that is counted or logged.
static UNHARDENED: Shared = Shared::new(without_hardening);

/// The environment that a path names to an upstream that decodes it.
fn environment_of(path: &str) -> &str {
    let first = path.split(['/', '?']).nth(1).unwrap_or_default();
    match first {
        "release" | "%72elease" => "release",
        "prepub" => "prepub",
        _ => "test",
    }
}

#[test]
fn each_spelling_has_the_environment_of_the_path_that_goes_upstream() {
    let envoy = SHIPPED.envoy();
    for (method, target, result) in SPELLINGS {
        let response = spelled(&envoy, method, target);
        match result {
            Err(status) => assert_eq!(response.status, status, "{method} {target}: {}", response.text()),
            Ok((named, path)) => {
                let upstream = received(&response);
                assert_eq!((environment(&upstream), &upstream["path"]), (named, &path.into()), "{target}");
            }
        }
    }
}

#[test]
fn without_the_shipped_hardening_each_spelling_is_refused_or_has_the_same_environment() {
    let envoy = UNHARDENED.envoy();
    let mut refused = Vec::new();
    for (method, target, result) in SPELLINGS {
        let response = spelled(&envoy, method, target);
        if matches!(response.status, 400 | 404) {
            refused.push(target);
            continue;
        }
        let upstream = received(&response);
        let named = environment(&upstream);
        assert_eq!(Ok(named), result.map(|(named, _)| named), "{target}");
        assert_eq!(named, environment_of(upstream["path"].as_str().expect("a path")), "{target}");
    }
    let ambiguous = ["/test/../release/x", "//release/x", "/release%2Fx", "/release%5cx"];
    assert!(ambiguous.iter().all(|target| refused.contains(target)), "{refused:?}");
    assert!(!refused.contains(&"/release") && !refused.contains(&"/%72elease/x"), "{refused:?}");
}

#[test]
fn what_url_libraries_resolve_is_resolved_before_the_filter_or_refused_by_it() {
    let hardened = SHIPPED.envoy();
    for (target, named, since) in SPELLINGS_OF_URL_LIBRARIES {
        let response = spelled(&hardened, "GET", target);
        if Version::of_envoy().expect("an Envoy") < since {
            assert_eq!(response.status, 404, "{target}: {}", response.text());
        } else {
            assert_eq!(environment(&received(&response)), named, "{target}");
        }
    }
    // Envoy turns it into `/test/..;/release/x`, which an upstream may resolve.
    let half = spelled(&hardened, "GET", "/test/%2e%2e;/release/x");
    assert_eq!(half.status, 404, "{}", half.text());
    let unhardened = UNHARDENED.envoy();
    for (target, ..) in SPELLINGS_OF_URL_LIBRARIES {
        let response = spelled(&unhardened, "GET", target);
        assert_eq!(response.status, 404, "{target}: {}", response.text());
    }
}

#[test]
fn the_route_is_chosen_on_the_path_without_its_environment() {
    let envoy = SHIPPED.envoy();
    for (target, route) in [
        ("/release/orders/1", "orders"),
        ("/prepub/orders?x=1", "orders"),
        ("/orders/1", "orders"),
        ("/release/ordersx", "everything-else"),
        ("/release/x/orders", "everything-else"),
        ("/release", "everything-else"),
    ] {
        let upstream = received(&send(&envoy, &acme().sign(get(target))));
        assert_eq!(upstream["route"], route, "{target}");
    }
}

#[test]
fn the_case_of_an_escape_does_not_choose_the_environment() {
    let mut document = document();
    document["options"] = json!({"forward_environment_prefix": true});
    document["services"][0]["path_mappings"] = json!([
        {"path": "/caf%C3%A9", "environment": "release"},
        {"path": "/v1:beta", "environment": "release"},
        {"path": "/", "environment": "test"},
    ]);
    for config in [Config::plain(), without_hardening()] {
        let envoy = Envoy::start(&config.document(&document));
        for (target, named) in [
            ("/caf%C3%A9/x", "release"),
            ("/caf%c3%a9/x", "release"),
            ("/v1:beta/x", "release"),
            ("/v1%3Abeta/x", "release"),
            ("/v1%3abeta/x", "release"),
            ("/caf%25C3%25A9/x", "test"),
        ] {
            let upstream = received(&spelled(&envoy, "GET", target));
            assert_eq!(environment(&upstream), named, "{target}");
            assert_eq!(upstream["path"], target);
        }
    }
}
