//! `usage-plan explain`; that it agrees with the filter is in `tests/scenarios/explain.rs`.

mod signatures;

use serde_json::Value;
use testbed::{Request, Signer};

use crate::cli::{Cli, EXAMPLE, Ran, run};

const ID: &str = "AKIDacme0001";
const SECRET: &str = "acme-secret-key-0001";
const OLD: &str = "older-secret-key-01";
const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// A request of acme's that signs a date and a source, as it should be.
fn request() -> Request {
    Request::get("orders.example.com", "/release/orders/1")
        .header("X-Date", DATE)
        .header("Source", "a, b=%7c é3")
}

fn signed() -> Request {
    Signer::new(ID, SECRET).headers(&["x-date", "source"]).sign(request())
}

/// [`request`] with that signature.
fn with_signature(signature: &str) -> Request {
    let signer = Signer::new(ID, SECRET).headers(&["x-date", "source"]);
    request().header("Authorization", signer.authorization_with(signature))
}

/// What is said of a request, by an environment that has acme's secret, at the moment at which it was signed.
fn explain(cli: &Cli, text: &[u8]) -> Ran {
    explain_with(cli, text, &["--at", "signed"])
}

fn explain_with(cli: &Cli, text: &[u8], arguments: &[&str]) -> Ran {
    std::fs::write(cli.path("request"), text).expect("written");
    let mut command = cli.command(&[&["explain", "request"], arguments].concat());
    command.env("ACME_SECRET_KEY", SECRET);
    let ran = run(command, "");
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");
    ran
}

/// A document in which acme's key had another secret before.
fn rotated(until: &str) -> String {
    let previous = format!(
        "\"previous_secret_key\": \"{OLD}\", \"previous_secret_key_not_after\": \"{until}\", \"status\""
    );
    EXAMPLE.replace(
        "\"secret_key_env\": \"ACME_SECRET_KEY\"",
        &format!("\"secret_key\": \"{SECRET}\", {previous}: \"enabled\""),
    )
}

#[test]
fn an_allowed_request_is_followed_to_its_upstream() {
    let document = EXAMPLE.replace(
        "\"max_requests_per_second\": 1000",
        r#""max_requests_per_second": 1000, "quotas": [{"max_requests": 9, "period": "day", "utc_offset": "+08:00"}],
           "counter_per": ["key"], "apis": [{"methods": ["GET"], "path": "/orders/*", "max_requests_per_second": 5}]"#,
    );
    let own = ["x-secret-id", "x-service-id", "X-Secret-Id"];
    let request = own.iter().fold(signed(), |request, name| request.header(name, "me"));
    let ran = explain(&Cli::with(&document), &request.bytes());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
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
        "allowed unless a limit of the plan is used up",
    ] {
        assert_eq!(ran.stdout.lines().filter(|said| *said == line).count(), 1, "{line:?} in\n{}", ran.stdout);
    }
}

#[test]
fn a_plan_that_refuses_nothing_has_another_verdict() {
    let limit = "\"max_requests_per_second\": 1000";
    for (plan, verdict) in [
        (limit, "allowed unless a limit of the plan is used up"),
        ("\"max_requests_per_second\": -1", "allowed: the plan refuses nothing"),
        (
            "\"max_requests_per_second\": 1000, \"enforcement\": \"observe\"",
            "allowed: the plan refuses nothing",
        ),
    ] {
        let ran = explain(&Cli::with(&EXAMPLE.replace(limit, plan)), &signed().bytes());
        assert!(ran.status == 0 && ran.stdout.ends_with(&format!("\n\n{verdict}\n")), "{ran:?}");
    }
}

/// What curl 7.88 and 8.5 print, and others, of one request.
#[test]
fn a_request_is_read_in_every_form_that_it_is_captured_in() {
    let cli = Cli::with(EXAMPLE);
    let head = String::from_utf8(signed().bytes()).expect("text");
    let lines: Vec<&str> = head.trim_end().split("\r\n").collect();
    let sent = |end: &str| lines.iter().map(|line| format!("> {line}{end}")).collect::<String>();
    let fields = |before: &str| {
        let pseudo =
            [":method: GET", ":scheme: https", ":authority: orders.example.com", ":path: /release/orders/1"];
        let headers = lines[2..].iter().map(|line| (*line).to_owned());
        let all = pseudo.iter().map(|line| (*line).to_owned()).chain(headers);
        all.map(|field| format!("* {before}[{field}]\n")).collect::<String>()
    };
    let absolute = head.replace("/release/orders/1", "http://orders.example.com/release/orders/1");
    let over_http2 = sent("\n").replace("HTTP/1.1", "HTTP/2");
    let forms = [
        head.clone(),
        head.replace("\r\n", "\n"),
        head.trim_end().to_owned(),
        format!("\n{head}{{\"a body\": 1}}"),
        absolute.replace("Host: orders.example.com", "Host: nobody.example.com"),
        format!(
            "*   Trying 127.0.0.1:80...\n{}> \n< HTTP/1.1 401 Unauthorized\n{{ [2 bytes data]\n",
            sent("\n")
        ),
        format!("{}> \r\n", sent("\r\n")),
        format!("{}* Using Stream ID: 1\n{over_http2}>\n< HTTP/2 401\n", fields("h2h3 ")),
        fields("[HTTP/2] [1] "),
        fields("h2 "),
        format!("> CONNECT proxy:443 HTTP/1.1\n> Host: proxy:443\n>\n< HTTP/1.1 200\n{}>\n", sent("\n")),
    ];
    for form in &forms {
        let ran = explain(&cli, form.as_bytes());
        assert_eq!(ran.status, 0, "{form}\n{ran:?}");
        assert_eq!(
            ran.stderr.contains("the capture has 2 requests: this explains the last one"),
            form.contains("CONNECT")
        );
    }
}

#[test]
fn what_is_no_request_is_refused_with_what_to_give() {
    let cli = Cli::with(EXAMPLE);
    for text in
        ["", "\n\n", "hello", "GET /x HTTP/1.1\nno colon", "< HTTP/1.1 401 Unauthorized\n", "\u{1}\u{2}"]
    {
        let ran = explain(&cli, text.as_bytes());
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{text:?}");
        assert!(ran.stderr.ends_with("give what curl -v prints, or the head of a request\n"), "{ran:?}");
    }
    assert!(cli.fails(3, &["explain", "nowhere"]).starts_with("error: nowhere: "));
    assert!(Cli::with("{").fails(1, &["explain"]).contains("breaks these rules"));
    assert_eq!(cli.run(&["explain", "--at", "noon"]).status, 2);
}

#[test]
fn bytes_that_cannot_be_printed_are_shown_escaped() {
    let request = Request::get("orders.example.com", "/release")
        .header("x-date", DATE)
        .header("source", b"\xff\ta\\\x80");
    let request = Signer::new(ID, SECRET).headers(&["x-date", "source"]).sign(request);
    let ran = explain(&Cli::with(EXAMPLE), &request.bytes());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("source: \\xff\\ta\\\\\\x80\n"), "{ran:?}");
}

#[test]
fn without_a_secret_the_signature_alone_stays_open() {
    let cli = Cli::with(EXAMPLE);
    let why = "the secret is kept in the variable ACME_SECRET_KEY, which this environment does not have";
    let without = |request: &Request| {
        let mut command = cli.command(&["explain", "--at", "signed"]);
        command.env_remove("ACME_SECRET_KEY");
        run(command, request.bytes())
    };
    let ran = without(&signed());
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains(&format!("    signature       cannot be checked: {why}\n")), "{ran:?}");
    assert!(
        ran.stdout
            .ends_with(&format!("allowed if the signature is right, which cannot be checked here: {why}\n")),
        "{ran:?}"
    );
    let ran = without(
        &Signer::new(ID, SECRET).sign(Request::get("orders.example.com", "/test").header("x-date", DATE)),
    );
    assert!(ran.stdout.contains("refused with 403, no_usage_plan\n"), "{ran:?}");
    // What stands in for the secret (`draft::STAND_IN`) opens nothing.
    let ran = without(&Signer::new(ID, "known-to-envoy-alone").sign(request()));
    assert!(ran.status == 1 && ran.stdout.contains("cannot be checked here"), "{ran:?}");
}

#[test]
fn what_stands_in_for_a_previous_secret_opens_nothing() {
    let cli = Cli::with(&rotated("2030-01-01T00:00:00Z").replace(
        &format!("\"previous_secret_key\": \"{OLD}\""),
        "\"previous_secret_key_env\": \"ACME_OLD_SECRET_KEY\"",
    ));
    let explain = |secret: &str| explain(&cli, &Signer::new(ID, secret).sign(request()).bytes());
    assert!(explain(SECRET).stdout.contains("made with the key's secret\n"));
    for unknown in [OLD, "known-to-envoy-alone"] {
        let ran = explain(unknown);
        assert_eq!(ran.status, 1, "{ran:?}");
        let why = "cannot be checked here: the secret is kept in the variable ACME_OLD_SECRET_KEY";
        assert!(ran.stdout.contains(why), "{ran:?}");
    }
}

#[test]
fn a_refusal_says_what_would_have_been_right() {
    let cli = Cli::with(EXAMPLE);
    let sign = |id: &str, path: &str| {
        Signer::new(id, SECRET).sign(Request::get("orders.example.com", path).header("x-date", DATE))
    };
    let swap = |from: &str, to: &str| {
        String::from_utf8(signed().bytes()).expect("text").replace(from, to).into_bytes()
    };
    let rows = [
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
        (sign("acme", "/release").bytes(), "did the caller mean \"AKIDacme0001\"?"),
        (sign("AKIDbeta0001", "/release").bytes(), "beta (AKIDbeta0001) is disabled"),
        (sign(ID, "/test/x").bytes(), "in service-orders the key has plans in release (usagePlan-gold)"),
    ];
    for (text, words) in rows {
        let ran = explain(&cli, &text);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.contains(words), "no {words:?} in\n{}", ran.stdout);
        assert!(!ran.stdout.contains("c2VjcmV0"), "{ran:?}");
    }
    let late = explain_with(&cli, &signed().bytes(), &["--at", "2018-03-19T12:28:41Z"]);
    assert!(
        late.stdout.contains("NO  date            x-date is 20m 1s before the clock; up to 15m is allowed\n"),
        "{late:?}"
    );
    let now = explain_with(&cli, &signed().bytes(), &[]);
    assert!(now.stdout.contains("refused with 401, date_out_of_range"), "{now:?}");
}

/// Each of these was sent to Envoy 1.40 as it is shipped.
#[test]
fn what_envoy_does_before_the_filter_is_shown() {
    let cli = Cli::with(EXAMPLE);
    let said = |path: &str, header: &str| {
        let ran =
            explain(&cli, format!("GET {path} HTTP/1.1\nHost: orders.example.com\n{header}: 1\n").as_bytes());
        let line = ran
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("    envoy           as configured by this project, Envoy "));
        line.unwrap_or_default().to_owned()
    };
    for path in ["/release/x//y", "/release/%61", "/release/a\\b", "/release/../x", "//release"] {
        assert!(said(path, "x").starts_with("changes the path before the filter sees it"), "{path}");
    }
    for path in ["/release/a%2Fb", "/release/a%5cb"] {
        assert!(said(path, "x").starts_with("refuses an escaped slash in the path with 400"), "{path}");
    }
    for path in ["/release/a#b", "release", "*"] {
        assert!(
            said(path, "x").starts_with("refuses a path that does not begin with / or that has a # in it"),
            "{path}"
        );
    }
    assert!(said("/release", "x_y").starts_with("refuses the header x_y with 400"));
    assert_eq!(said("/release/a?b=//%2F/../", "x-y"), "");
}

#[test]
fn json_has_the_verdict_and_the_steps() {
    let cli = Cli::with(EXAMPLE);
    let ran = explain_with(&cli, &with_signature("AAAA").bytes(), &["--at", "signed", "--output", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((ran.status, &json["verdict"], &json["status"]), (1, &"refused".into(), &401.into()));
    assert_eq!(
        (&json["outcome"], &json["at"]),
        (&"signature_mismatch".into(), &"2018-03-19T12:08:40Z".into())
    );
    assert_eq!(json["body"], "{\"message\":\"HMAC signature does not match\"}\n");
    let step = json["steps"]
        .as_array()
        .and_then(|steps| steps.iter().find(|step| step["ok"] == false))
        .expect("a step");
    assert_eq!((&step["step"], &step["more"][1]["received"]), (&"signature".into(), &"\"AAAA\"".into()));
}

#[test]
fn a_request_without_a_date_that_can_be_read_is_explained_for_now() {
    let ran = explain(&Cli::with(EXAMPLE), &request().bytes());
    assert!(
        ran.stderr.contains("--at signed: the request signs no date that can be read; the clock shows now"),
        "{ran:?}"
    );
}
