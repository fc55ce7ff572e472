//! The identity headers that reach the upstream are the filter's.

use testbed::{Config, Envoy, Request};

use super::upstream::Upstream;
use super::{acme, document, get, http2, send};

/// `request` with forged identity headers, in several cases and more than once.
fn forging(request: Request) -> Request {
    let names = [
        "x-usage-plan-id",
        "X-Usage-Plan-Id",
        "x-usage-plan-environment",
        "x-secret-id",
        "X-SECRET-ID",
        "x-service-id",
    ];
    names.into_iter().fold(request, |request, name| request.header(name, "forged"))
}

#[test]
fn a_callers_own_identity_headers_never_reach_the_upstream() {
    let upstream = Upstream::start();
    let envoy = Envoy::start(&upstream.behind(Config::plain().document(document())));
    let anonymous = || Request::get("open.example.com", "/release/x");
    for send in [send, http2::send] {
        assert_eq!(send(&envoy, &forging(acme().sign(get("/release/x")))).status, 200);
        let [head] = &upstream.take()[..] else { panic!("one request went upstream") };
        assert!(!head.contains("forged"), "{head}");
        for line in [
            "x-usage-plan-id: strict",
            "x-usage-plan-environment: release",
            "x-secret-id: akidacme0001",
            "x-service-id: service-orders",
        ] {
            let name = line.split(": ").next().unwrap_or_default();
            assert_eq!(head.matches(name).count(), 1, "{head}");
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{head}");
        }
        assert!(!head.contains("\r\nauthorization:"), "{head}");

        assert_eq!(send(&envoy, &forging(anonymous())).status, 200);
        let [head] = &upstream.take()[..] else { panic!("one request went upstream") };
        for name in ["forged", "x-usage-plan", "x-secret-id", "x-service-id"] {
            assert!(!head.contains(name), "{head}");
        }
    }

    // Some upstreams read these as the same names. The shipped listener accepts no name with an underscore.
    for name in ["x_usage_plan_id", "x-usage-plan_environment", "x_secret_id", "x_service_id"] {
        let request = acme().sign(get("/release/x")).header(name, "forged");
        assert_eq!(send(&envoy, &request).status, 400, "{name}");
        assert_eq!(http2::try_send(&envoy, &request), None, "{name}");
    }
    assert_eq!(upstream.take(), Vec::<String>::new());
}
