//! Where a gateway is asked, for documents of every kind.

use serde_json::{Value, json};

use super::*;

/// The host and the path of the question about `environment` of the service, if there are any.
fn asked(service: Value, others: &[Value], environment: &str) -> Option<(String, String)> {
    let services: Vec<Value> = [service].into_iter().chain(others.iter().cloned()).collect();
    let text = json!({"services": services}).to_string();
    let local = LocalDocument::parse(text.as_bytes(), &|_| None).expect("valid");
    let gateway: Gateway = "http://127.0.0.1:10000".parse().expect("a gateway");
    let service = local.document().services.first().expect("a service");
    let (host, url) = address(local.config(), service, environment, &gateway, "/.usage")?;
    Some((host, url.path().to_owned()))
}

#[test]
fn the_host_is_one_of_the_service_and_the_path_names_the_environment() {
    let service = |domains: &[&str], more: Value| {
        let mut service = json!({"id": "a", "domains": domains});
        service.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        service
    };
    let mapped = |paths: &[(&str, &str)]| {
        let mappings = paths.iter().map(|(path, to)| json!({"path": path, "environment": to}));
        json!({"path_mappings": mappings.collect::<Vec<_>>()})
    };
    let with_default = json!({"default_environment": "release", "path_mappings": [
        {"path": "/t", "environment": "test"}]});
    for (service, environment, expected) in [
        (service(&["a.example"], json!({})), "test", Some(("a.example", "/test/.usage"))),
        (service(&["*.a.example"], json!({})), "release", Some(("usage.a.example", "/release/.usage"))),
        (service(&["*"], json!({})), "release", Some(("127.0.0.1:10000", "/release/.usage"))),
        (service(&["a.example", "127.0.0.1"], json!({})), "test", Some(("127.0.0.1:10000", "/test/.usage"))),
        (service(&["a.example"], mapped(&[("/v1", "test")])), "test", Some(("a.example", "/v1/.usage"))),
        (service(&["a.example"], mapped(&[("/", "test")])), "test", Some(("a.example", "/.usage"))),
        (service(&["a.example"], mapped(&[("/v1", "test")])), "release", None),
        (
            service(&["a.example"], mapped(&[("/", "test"), ("/.usage", "release"), ("/v1", "test")])),
            "test",
            Some(("a.example", "/v1/.usage")),
        ),
        (service(&["a.example"], with_default), "release", Some(("a.example", "/.usage"))),
    ] {
        let found = asked(service.clone(), &[], environment);
        let found = found.as_ref().map(|(host, path)| (host.as_str(), path.as_str()));
        assert_eq!(found, expected, "{service}");
    }
}

#[test]
fn a_host_of_another_service_is_not_taken_for_one_of_this_service() {
    let other = json!({"id": "b", "domains": ["127.0.0.1"]});
    for (domain, host) in [("*.a.example", "usage.a.example"), ("*", "usage")] {
        let service = json!({"id": "a", "domains": [domain]});
        let expected = Some((host.to_owned(), "/release/.usage".to_owned()));
        assert_eq!(asked(service, std::slice::from_ref(&other), "release"), expected);
    }
}

#[test]
fn a_gateway_is_a_host_and_a_port_without_tls() {
    for text in ["http://127.0.0.1:10000", "http://127.0.0.1:10000/", "127.0.0.1:10000"] {
        assert_eq!(text.parse::<Gateway>().expect(text).to_string(), "http://127.0.0.1:10000");
    }
    for text in ["", "https://a.example", "http://a.example/release", "http://me@a.example", "a b"] {
        assert!(text.parse::<Gateway>().is_err(), "{text}");
    }
}
