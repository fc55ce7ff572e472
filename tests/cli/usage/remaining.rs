//! `usage-plan usage --key`, on servers that answer as gateways do.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};
use testbed::Algorithm;

use crate::cli::{Cli, assert_contains, parse_json};

const SECRET: &str = "acme-secret-key-0001";
const USAGE_PATH: &str = "/.usage-plan/usage";

/// What the filter shows of a plan with every kind of limit.
fn shown() -> Value {
    json!({
        "usage_plan": {"id": "usagePlan-gold", "name": "gold"},
        "service": "service-orders", "environment": "release", "key": "AKIDacme0001",
        "limits": [
            {"name": "second", "limit": 10, "used": 1, "remaining": 9, "renews_at": "2026-12-31T23:59:58.000001Z"},
            {"name": "total", "limit": 50, "used": 50, "remaining": 0, "renews_at": null},
        ],
    })
}

fn document() -> Value {
    let bound = |environments: &[&str]| {
        let bound = |environment| json!({"service": "service-orders", "environment": environment});
        environments.iter().map(bound).collect::<Vec<_>>()
    };
    json!({
        "services": [
            {"id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
             "required_signed_headers": ["host", "source", "date"]},
            {"id": "service-silent", "name": "silent", "domains": ["silent.example.com"],
             "show_usage": false},
            {"id": "service-mapped", "domains": ["mapped.example.com"],
             "path_mappings": [{"path": "/v1", "environment": "release"}]},
        ],
        "keys": [
            {"name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET_KEY"},
            {"name": "beta", "secret_id": "AKIDbeta0001", "secret_key_file": "beta-secret"},
            {"name": "free", "secret_id": "AKIDfree0001", "secret_key": "free-secret-key-0001"},
            {"name": "lost", "secret_id": "AKIDlost0001", "secret_key": "lost-secret-key-0001"},
        ],
        "usage_plans": [
            {"id": "usagePlan-gold", "name": "gold", "keys": ["AKIDacme0001"], "environments": bound(&["release"])},
            {"id": "usagePlan-beta", "name": "beta", "keys": ["AKIDbeta0001"],
             "environments": bound(&["release", "test"])},
            {"id": "usagePlan-free", "name": "free", "keys": ["AKIDfree0001"], "environments": [
                {"service": "service-silent", "environment": "release"},
                {"service": "service-mapped", "environment": "test"},
            ]},
        ],
        "options": {"usage_path": USAGE_PATH},
    })
}

fn cli() -> Cli {
    let cli = Cli::with(document()).env("ACME_SECRET_KEY", SECRET);
    cli.write("beta-secret", "beta-secret-key-0001\n");
    cli
}

/// A server that answers each request with `head` and `body`, and tells what it received.
fn gateway(head: &str, body: impl ToString) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let body = body.to_string();
    let answer =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a caller");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a head");
                request.extend(byte);
            }
            let _ = sender.send(String::from_utf8(request).expect("text"));
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (format!("http://{address}"), receiver)
}

/// The value of a header of a request.
fn header<'r>(request: &'r str, name: &str) -> &'r str {
    let mut fields = request.lines().filter_map(|line| line.split_once(": "));
    let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("no {name} in {request}")).1
}

#[test]
fn what_the_gateway_shows_is_a_table_and_json() {
    let cli = cli();
    let (url, _received) = gateway("200 OK", shown());
    let line = format!("usage --key acme --gateway {url}");
    let text = cli.done(&line);
    let rows: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows,
        [
            "key acme (AKIDacme0001) on usage plan gold (usagePlan-gold), in environment \"release\" of service \
             orders (service-orders)",
            "LIMIT USED MAXIMUM REMAINING RENEWS",
            "second 1 10 9 2026-12-31T23:59:59Z",
            "total 50 50 0 never",
        ]
    );
    assert_eq!(cli.json(&line), shown());

    let mut with_api = shown();
    with_api["limits"][0]["api"] = json!("POST /orders/*");
    let (url, _received) = gateway("200 OK", with_api);
    let text = cli.done(&format!("usage --key acme --gateway {url}"));
    assert_contains(&text, "LIMIT   API             USED  MAXIMUM  REMAINING  RENEWS\n");
    assert_contains(&text, "second  POST /orders/*  1");

    let mut unlimited = shown();
    unlimited["limits"] = json!([]);
    let (url, _received) = gateway("200 OK", unlimited);
    assert_contains(&cli.done(&format!("usage --key acme --gateway {url}")), "\nThe plan has no limit.\n");
}

#[test]
fn the_request_is_signed_with_the_key_and_with_what_the_service_requires() {
    let cli = cli();
    let (url, received) = gateway("200 OK", shown());
    for (options, path, key, secret) in [
        ("--key acme", "/release", "AKIDacme0001", SECRET),
        ("--key AKIDbeta0001 --environment test", "/test", "AKIDbeta0001", "beta-secret-key-0001"),
    ] {
        cli.done(&format!("usage {options} --gateway {url}"));
        let request = received.recv().expect("a request");
        assert!(request.starts_with(&format!("GET {path}{USAGE_PATH} HTTP/1.1\r\n")), "{request}");
        assert_eq!(request.to_lowercase().matches("\r\nhost: ").count(), 1, "{request}");
        assert_eq!(header(&request, "host"), "orders.example.com");
        let signed = "x-date host source date";
        let lines: Vec<String> =
            signed.split(' ').map(|name| format!("{name}: {}", header(&request, name))).collect();
        let signature = Algorithm::Sha1.mac(secret, lines.join("\n").as_bytes());
        let expected = format!(
            "hmac id=\"{key}\", algorithm=\"hmac-sha1\", headers=\"{signed}\", signature=\"{signature}\""
        );
        assert_eq!(header(&request, "authorization"), expected);
    }
}

#[test]
fn what_the_document_leaves_open_or_forbids_is_said_before_anybody_is_asked() {
    let cli = cli();
    let (url, received) = gateway("200 OK", shown());
    for (options, status, expected) in [
        ("--key nobody", 1, "no key has the secret_id or the name \"nobody\""),
        ("--key acme --service nowhere", 1, "no service has the id or the name \"nowhere\""),
        ("--key lost", 1, "key lost (AKIDlost0001) is on no plan that is bound to an environment"),
        (
            "--key acme --environment test",
            1,
            "key acme (AKIDacme0001) has no plan there; it has one with\n  --service orders --environment release\n",
        ),
        (
            "--key beta",
            2,
            "say which, with one of\n  --service orders --environment release\n  --service orders --environment test\n",
        ),
        ("--key free --service silent", 1, "service silent shows no caller what is left"),
        ("--key free", 1, "reaches environment \"test\" of service service-mapped"),
        ("--key acme --admin 127.0.0.1:9901", 2, "--key asks the gateway"),
        ("--key acme --by key", 2, "cannot be used with"),
        ("", 2, "--key says of which"),
        ("--environment test", 2, "--key"),
    ] {
        let error = cli.fails(status, &format!("usage {options} --gateway {url}"));
        assert_contains(&error, expected);
    }
    assert_contains(&cli.fails(2, "usage --key acme --gateway https://a.example"), "must begin with http://");
    cli.write("beta-secret", "");
    assert_contains(
        &cli.fails(1, &format!("usage --key beta --environment test --gateway {url}")),
        "beta-secret",
    );
    let mut document = document();
    document["options"] = json!({});
    cli.write_document(document);
    let error = cli.fails(1, &format!("usage --key acme --gateway {url}"));
    assert_contains(&error, "the document has no options.usage_path");
    assert!(received.try_recv().is_err(), "somebody was asked");
}

#[test]
fn an_answer_that_shows_nothing_is_an_error_with_the_filters_words() {
    let cli = cli();
    let refusal = |message: &str| format!("{{\"message\":\"{message}\"}}\n");
    for (head, body, expected) in [
        (
            "401 Unauthorized",
            refusal("HMAC signature does not match"),
            "answers 401: HMAC signature does not match\nthe document here would let it pass: ",
        ),
        (
            "403 Forbidden",
            refusal("Found no validate usage plan"),
            "answers 403: Found no validate usage plan",
        ),
        (
            "429 Too Many Requests\r\nretry-after: 1",
            refusal("API rate limit exceeded"),
            "answers 429: API rate limit exceeded; ask again in 1 s",
        ),
        ("403 Forbidden", json!({"detail": "Found no plan"}).to_string(), "answers 403: Found no plan"),
        ("404 Not Found", "<html>".to_owned(), "answers 404\n"),
        ("200 OK", json!({"path": USAGE_PATH}).to_string(), "answers 200, and not what the filter shows"),
        ("307 Elsewhere\r\nlocation: http://127.0.0.1:9/", String::new(), "answers 307\n"),
        ("503 Service Unavailable", "Usage plan unavailable".to_owned(), "answers 503\n"),
    ] {
        let (url, _received) = gateway(head, body);
        let error = cli.fails(1, &format!("usage --key acme --gateway {url}"));
        assert_contains(&error, &format!("error: {url} {expected}"));
    }
}

#[test]
fn a_refusal_that_the_document_here_explains_is_explained() {
    let cli = cli();
    let mut document = document();
    document["keys"][0]["not_after"] = json!("2020-01-01T00:00:00Z");
    cli.write_document(document);
    let (url, _received) = gateway("401 Unauthorized", "{\"message\":\"HMAC signature cannot be verified\"}");
    let error = cli.fails(1, &format!("usage --key acme --gateway {url}"));
    assert_contains(&error, "the document here has the reason: key_expired");
}

#[test]
fn a_gateway_that_is_away_is_exit_code_3() {
    let cli = cli();
    let [port] = testbed::ports::free_ports().expect("a free port");
    let ran = cli.exits(3, &format!("usage --key acme --gateway 127.0.0.1:{port} --output json"));
    let error = parse_json(&ran.stderr);
    let message = error["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with(&format!("--gateway http://127.0.0.1:{port}: ")), "{error}");
}

#[test]
fn the_gateway_is_a_setting_that_other_questions_pass_over() {
    let cli = cli();
    let (url, _received) = gateway("200 OK", shown());
    cli.write("usage-plan.toml", format!("gateway = \"{url}\"\nadmin = [\"127.0.0.1:1\"]\n"));
    assert_eq!(cli.json("usage --key acme"), shown());
    assert_contains(&cli.fails(3, "usage"), "Envoy's admin interface at 127.0.0.1:1: ");
}
