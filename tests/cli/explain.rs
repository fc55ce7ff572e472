//! `usage-plan explain`; that it agrees with the filter is in `tests/scenarios/explain.rs`.

mod captures;
mod signatures;

use serde_json::{Value, json};
use testbed::{Request, Signer};

use crate::cli::{
    ACME_SECRET, Cli, EXAMPLE, Edit, Ran, assert_contains, assert_hides, example, parse_json, shown,
};

const ID: &str = "AKIDacme0001";
const OLD: &str = "older-secret-key-01";
const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// The verdict on a request that a limit can still refuse.
const ALLOWED_WHILE_LIMITED: &str = "allowed unless a limit of the plan is used up";

/// A document, and an environment that has acme's secret.
fn cli(document: impl ToString) -> Cli {
    Cli::with(document).env("ACME_SECRET_KEY", ACME_SECRET)
}

/// A request whose date and source are to be signed.
fn request() -> Request {
    Request::get("orders.example.com", "/release/orders/1")
        .header("X-Date", DATE)
        .header("Source", "a, b=%7c é3")
}

fn signer() -> Signer {
    Signer::new(ID, ACME_SECRET).headers(&["x-date", "source"])
}

/// The request, signed by acme.
fn signed() -> Request {
    signer().sign(request())
}

/// The request with this signature.
fn with_signature(signature: &str) -> Request {
    request().header("Authorization", signer().authorization_with(signature))
}

/// The explanation of a request at the time at which it was signed.
fn explain(cli: &Cli, request: &[u8]) -> Ran {
    explain_with(cli, request, "--at signed")
}

fn explain_with(cli: &Cli, request: &[u8], options: &str) -> Ran {
    cli.write("request", request);
    let ran = cli.run(&format!("explain request {options}"));
    assert_hides(&ran, ACME_SECRET);
    ran
}

#[test]
fn an_allowed_request_is_followed_to_its_upstream() {
    let document = example()
        .with("/usage_plans/0/quotas", json!([{"max_requests": 9, "period": "day", "utc_offset": "+08:00"}]))
        .with("/usage_plans/0/counter_per", json!(["key"]))
        .with(
            "/usage_plans/0/apis",
            json!([{"methods": ["GET"], "path": "/orders/*", "max_requests_per_second": 5}]),
        );
    let own = ["x-secret-id", "x-service-id", "X-Secret-Id"];
    let request = own.iter().fold(signed(), |request, name| request.header(name, "me"));
    let ran = explain(&cli(document), &request.bytes());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", shown(&ran));
    for line in [
        "    request         GET /release/orders/1 of host orders.example.com, headers: 6",
        "    clock           Mon, 19 Mar 2018 12:08:40 GMT",
        "ok  service         service-orders, by its domain \"orders.example.com\"",
        "ok  environment     release, by the path's /release",
        "                    headers   \"x-date source\"",
        "ok  date            x-date is the same as the clock; up to 15m is allowed",
        "ok  key             acme (AKIDacme0001), enabled",
        "ok  plan            usagePlan-gold is bound to the key and to release of service-orders",
        "                    x-date: Mon, 19 Mar 2018 12:08:40 GMT\\n",
        "                    source: a, b=%7c é3",
        "ok  signature       made with the key's secret",
        "    counted on      usagePlan-gold admits 1000/s, 9/day@+08:00",
        "                    API       GET /orders/*: 5/s",
        "                    counter   one for key AKIDacme0001",
        "    upstream        /orders/1, without the environment's prefix",
        "                    adds      x-usage-plan-id: usagePlan-gold",
        "                    removes   authorization",
        "                    removes   x-secret-id",
        "                    removes   x-service-id",
        ALLOWED_WHILE_LIMITED,
    ] {
        let count = ran.stdout.lines().filter(|printed| *printed == line).count();
        assert_eq!(count, 1, "lines {line:?} in\n{}", ran.stdout);
    }
}

#[test]
fn a_plan_that_refuses_nothing_is_distinguished() {
    let limit = "/usage_plans/0/max_requests_per_second";
    for (document, verdict) in [
        (example(), ALLOWED_WHILE_LIMITED),
        (example().with(limit, -1), "allowed: the plan refuses nothing"),
        (example().with("/usage_plans/0/enforcement", "observe"), "allowed: the plan refuses nothing"),
    ] {
        let ran = explain(&cli(document), &signed().bytes());
        assert_eq!(ran.status, 0, "{}", shown(&ran));
        assert!(ran.stdout.ends_with(&format!("\n\n{verdict}\n")), "{}", shown(&ran));
    }
}

#[test]
fn without_a_secret_the_signature_alone_stays_open() {
    let cli = Cli::with(EXAMPLE);
    let why = "the secret is kept in the variable ACME_SECRET_KEY, which this environment does not have";
    let by = |secret: &str, request: Request| Signer::new(ID, secret).sign(request);

    let ran = explain(&cli, &signed().bytes());
    assert_eq!(ran.status, 1, "{}", shown(&ran));
    assert_contains(&ran.stdout, &format!("    signature       cannot be checked: {why}\n"));
    let open = "allowed if the signature is right, which cannot be checked here";
    assert!(ran.stdout.ends_with(&format!("{open}: {why}\n")), "{}", shown(&ran));

    let unbound = Request::get("orders.example.com", "/test").header("x-date", DATE);
    let ran = explain(&cli, &by(ACME_SECRET, unbound).bytes());
    assert_contains(&ran.stdout, "refused with 403, no_usage_plan\n");

    // The command puts a placeholder in the place of the secret, which must not verify anything.
    let ran = explain(&cli, &by("known-to-envoy-alone", request()).bytes());
    assert_eq!(ran.status, 1, "{}", shown(&ran));
    assert_contains(&ran.stdout, open);
}

#[test]
fn a_refusal_says_what_would_have_been_right() {
    let cli = cli(EXAMPLE);
    let sign = |id: &str, path: &str| {
        let request = Request::get("orders.example.com", path).header("x-date", DATE);
        Signer::new(id, ACME_SECRET).sign(request).bytes()
    };
    let swap = |from: &str, to: &str| {
        String::from_utf8(signed().bytes()).expect("text").replace(from, to).into_bytes()
    };
    for (request, expected) in [
        (Request::get("a.example", "/").bytes(), "the document has orders.example.com"),
        (swap("/release/", "/x/../"), "begins with none of the service's /release, /prepub, /test"),
        (request().bytes(), "there is no Authorization header"),
        (
            request().header("authorization", "Basic c2VjcmV0").bytes(),
            "Authorization has the scheme \"Basic\", not hmac",
        ),
        (swap("hmac-sha1", "hmac-md5"), "\"hmac-md5\" is none of hmac-sha1, hmac-sha256"),
        (swap("x-date source", "source"), "neither x-date nor date is among them"),
        (swap("x-date source", "x-date source host2"), "host2 is not in the request"),
        (swap(DATE, "2018-03-19"), "x-date \"2018-03-19\" is not a date such as"),
        (sign("acme", "/release"), "did the caller mean \"AKIDacme0001\"?"),
        (sign("AKIDbeta0001", "/release"), "beta (AKIDbeta0001) is disabled"),
        (sign(ID, "/test/x"), "in service-orders the key has plans in release (usagePlan-gold)"),
    ] {
        let ran = explain(&cli, &request);
        assert_eq!(ran.status, 1, "{}", shown(&ran));
        assert_contains(&ran.stdout, expected);
        assert!(!ran.stdout.contains("c2VjcmV0"), "{}", shown(&ran));
    }
}

#[test]
fn the_time_at_which_to_explain_can_be_given_and_is_otherwise_now() {
    let cli = cli(EXAMPLE);
    for (options, expected) in [
        (
            "--at 2018-03-19T12:28:41Z",
            "NO  date            x-date is 20m 1s before the clock; up to 15m is allowed\n",
        ),
        ("", "refused with 401, date_out_of_range"),
    ] {
        assert_contains(&explain_with(&cli, &signed().bytes(), options).stdout, expected);
    }
    assert_contains(
        &explain(&cli, &request().bytes()).stderr,
        "--at signed: the request signs no date that can be read; the clock shows now",
    );
    cli.fails(2, "explain --at noon");
}

/// Each of these requests was sent to Envoy 1.40 as it is shipped.
#[test]
fn what_envoy_does_before_the_filter_is_reported() {
    let cli = cli(EXAMPLE);
    let (other_path, escaped_slash) =
        ("changes the path before the filter sees it", "refuses an escaped slash in the path with 400");
    let bad_path = "refuses a path that does not begin with / or that has a # in it";
    for (path, header, expected) in [
        ("/release/x//y", "x", Some(other_path)),
        ("/release/%61", "x", Some(other_path)),
        ("/release/a\\b", "x", Some(other_path)),
        ("/release/../x", "x", Some(other_path)),
        ("//release", "x", Some(other_path)),
        ("/release/a%2Fb", "x", Some(escaped_slash)),
        ("/release/a%5cb", "x", Some(escaped_slash)),
        ("/release/a#b", "x", Some(bad_path)),
        ("release", "x", Some(bad_path)),
        ("*", "x", Some(bad_path)),
        ("/release", "x_y", Some("refuses the header x_y with 400")),
        ("/release/a?b=//%2F/../", "x-y", None),
    ] {
        let request = format!("GET {path} HTTP/1.1\nHost: orders.example.com\n{header}: 1\n");
        let ran = explain(&cli, request.as_bytes());
        let prefix = "    envoy           as configured by this project, Envoy ";
        let reported = ran.stdout.lines().find_map(|line| line.strip_prefix(prefix));
        match expected {
            Some(expected) => {
                assert!(reported.is_some_and(|text| text.starts_with(expected)), "{path}: {reported:?}");
            }
            None => assert_eq!(reported.unwrap_or_default(), "", "{path}"),
        }
    }
}

#[test]
fn json_has_the_verdict_and_the_steps() {
    let ran = explain_with(&cli(EXAMPLE), &with_signature("AAAA").bytes(), "--at signed --output json");
    assert_eq!(ran.status, 1, "{}", shown(&ran));
    let answer = parse_json(&ran.stdout);
    for (member, expected) in [
        ("verdict", json!("refused")),
        ("status", json!(401)),
        ("outcome", json!("signature_mismatch")),
        ("at", json!("2018-03-19T12:08:40Z")),
        ("body", json!("{\"message\":\"HMAC signature does not match\"}\n")),
    ] {
        assert_eq!(answer[member], expected, "{member}");
    }
    let mut steps = answer["steps"].as_array().expect("a list").iter();
    let step: &Value = steps.find(|step| step["ok"] == false).expect("a step");
    assert_eq!((&step["step"], &step["more"][1]["received"]), (&json!("signature"), &json!("\"AAAA\"")));
}
