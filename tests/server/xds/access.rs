//! Who gets the document: with a certificate, with a token, and nobody else.

use testbed::repository;

use super::fixture::{Place, TOKEN, call, runtime};
use super::subscriber::Subscriber;

fn file(name: &str) -> String {
    repository().join("tests/server/xds/tls").join(name).display().to_string()
}

#[test]
fn an_envoy_with_a_certificate_of_the_authority_gets_the_document_and_one_without_does_not() {
    let place = Place::new();
    let (certificate, key, authority) = (file("server.pem"), file("server.key"), file("ca.pem"));
    let server = place.serve(&["--tls-cert", &certificate, "--tls-key", &key, "--tls-client-ca", &authority]);
    let known = format!("--client-cert {} --client-key {}", file("client.pem"), file("client.key"));
    let known = place.envoy(&server, &format!("--server-ca {authority} {known}"));
    assert_eq!(call(&known), 200, "{}", known.log_end());
    // It gives up waiting for what it is not given.
    let unknown = place.envoy_with(&server, &format!("--server-ca {authority}"), |rendered| {
        let version = "resource_api_version: V3";
        assert!(rendered.contains(version), "{rendered}");
        let indented = format!("{version}\n{}initial_fetch_timeout: 1s", " ".repeat(24));
        rendered.replace(version, &indented)
    });
    assert_eq!(call(&unknown), 503);
}

#[test]
fn a_token_lets_in_and_another_one_does_not() {
    let place = Place::new();
    let server = place.serve(&["--xds-token-env", "PLANS_TOKEN"]);
    let envoy = place.envoy(&server, "--token-env PLANS_TOKEN");
    assert_eq!(call(&envoy), 200, "{}", envoy.log_end());
    runtime().block_on(async {
        for token in [None, Some("0123456789abcdef0123456789abcdee"), Some("")] {
            assert!(Subscriber::start(server.xds, "stranger", token).await.is_none(), "{token:?}");
        }
        assert!(Subscriber::start(server.xds, "friend", Some(TOKEN)).await.is_some());
    });
}

#[test]
fn an_address_that_others_reach_is_refused_without_encryption_and_for_envoys_without_identity() {
    let place = Place::new();
    let tls = format!("--tls-cert {} --tls-key {}", file("server.pem"), file("server.key"));
    for (line, says) in [
        ("serve --listen 0.0.0.0:0".to_owned(), "nothing would be encrypted"),
        ("serve --listen 127.0.0.1:0 --xds 0.0.0.0:0".to_owned(), "nothing would be encrypted"),
        (
            format!("serve --listen 127.0.0.1:0 --xds 0.0.0.0:0 {tls}"),
            "anybody would get the document's secrets",
        ),
        (
            "serve --xds 127.0.0.1:0 --xds-token-env NOBODY_SETS_THIS".to_owned(),
            "NOBODY_SETS_THIS is not set",
        ),
        (
            format!("serve --tls-cert {} --tls-key {}", file("server.key"), file("server.key")),
            "has no certificate",
        ),
    ] {
        let complaint = place.fails(&line);
        assert!(complaint.contains(says), "{line}: {complaint}");
    }
}
