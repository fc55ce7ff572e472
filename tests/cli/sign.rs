//! `usage-plan sign`; its `--as curl` is in `sign/curl.rs`.

mod curl;

use serde_json::Value;
use testbed::Algorithm;

use crate::cli::{
    ACME_SECRET, Cli, EXAMPLE, Edit, WARNING_OF_ARGUMENT, assert_contains, assert_hides, assert_text,
    example, parse_json, quoted,
};

const URL: &str = "https://orders.example.com/release/orders/1?x=y";
const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// How the warning about a request begins that is signed and would be refused.
const WOULD_REFUSE: &str = "warning: the filter would refuse this request now";

/// A document, and an environment that has acme's secret.
fn cli(document: impl ToString) -> Cli {
    Cli::with(document).env("ACME_SECRET_KEY", ACME_SECRET)
}

/// The example with beta enabled and a service that requires two signed headers.
fn demanding() -> Value {
    example().without("/keys/1/status").with("/services/0/required_signed_headers", vec!["host", "source"])
}

/// The command that signs a request to [`URL`] with acme's key.
fn by_acme(options: &str) -> String {
    format!("sign '{URL}' --key acme {options}")
}

/// The header that acme's secret makes of a string to sign.
fn authorization(headers: &str, string_to_sign: &str) -> String {
    let signature = Algorithm::Sha1.mac(ACME_SECRET, string_to_sign.as_bytes());
    format!(
        "Authorization: hmac id=\"AKIDacme0001\", algorithm=\"hmac-sha1\", headers=\"{headers}\", \
         signature=\"{signature}\""
    )
}

#[test]
fn every_vector_is_reproduced() {
    let data = parse_json(include_str!("../vectors/key-pair.json"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (id, secret) = (text(&data["secret_id"]), text(&data["secret_key"]));
    let cli = Cli::empty();
    let mut valid = 0;
    for vector in data["vectors"].as_array().expect("a list") {
        let headers = vector["headers"].as_array().expect("a list");
        let headers: Vec<[String; 2]> =
            headers.iter().map(|pair| [0, 1].map(|index| text(&pair[index]))).collect();
        let names: Vec<String> = headers.iter().map(|[name, _]| name.to_lowercase()).collect();
        let mut line = format!(
            "sign http://a.example/ --output json --secret-key - --secret-id {id} --algorithm {} \
             --signed-headers {}",
            text(&vector["algorithm"]),
            quoted(&names.join(" "))
        );
        for [name, value] in &headers {
            line.push_str(&format!(" --header {}", quoted(&format!("{name}: {value}"))));
        }
        let ran = cli.exits_with_input(0, &line, format!("{secret}\n"));
        assert_text(&ran.stderr, "");
        assert_hides(&ran, &secret);
        let signed = parse_json(&ran.stdout);
        let last = signed["headers"].as_array().and_then(|headers| headers.last()).expect("a header");
        let expected = format!("signature=\"{}\"", text(&vector["signature"]));
        assert_eq!(text(&last["value"]).ends_with(&expected), vector["valid"] == true, "{}", vector["name"]);
        if vector["valid"] == true {
            assert_eq!(signed["string_to_sign"], vector["string_to_sign"]);
            valid += 1;
        }
    }
    assert!(valid > 5, "{valid}");
}

#[test]
fn a_key_of_the_document_signs_by_its_name_or_id_with_its_variable_of_this_environment() {
    let expected = format!("X-Date: {DATE}\n{}\n", authorization("x-date", &format!("x-date: {DATE}")));
    for (key, date) in [("acme", DATE), ("AKIDacme0001", "2018-03-19T20:08:40+08:00")] {
        let ran = cli(EXAMPLE).exits(0, &format!("sign '{URL}' --key {key} --date '{date}'"));
        assert_text(&ran.stdout, &expected);
        assert_contains(&ran.stderr, &format!("{WOULD_REFUSE} (date_out_of_range)"));
    }
    assert_text(
        &Cli::with(EXAMPLE).refused(&by_acme("")),
        "error: key acme (AKIDacme0001) cannot sign here: the secret is kept in the variable \
         ACME_SECRET_KEY, which this environment does not have\n",
    );
}

#[test]
fn a_date_what_the_service_requires_and_every_header_given_are_signed_unless_the_names_are_given() {
    let cli = cli(demanding());
    for (options, names, first_lines) in [
        (
            "-H 'X-Call: 7' -H 'Source: my-app'",
            "x-date host source x-call",
            "Host: orders.example.com\nX-Call: 7\nSource: my-app\nX-Date: ",
        ),
        (
            "-H 'Source: s' -H 'Host: orders.example.com:8080' --signed-headers 'Source Date host'",
            "Source Date host",
            "Host: orders.example.com:8080\nSource: s\nDate: ",
        ),
    ] {
        let headers = cli.done(&by_acme(options));
        assert_contains(&headers, &format!("headers=\"{names}\""));
        assert!(headers.starts_with(first_lines), "{headers}");
    }
}

#[test]
fn the_filter_lets_through_what_is_signed() {
    let cli = cli(demanding());
    for options in
        ["-H 'source: größe, | :'", "-H source: -X DELETE", "-H 'source: x' --algorithm hmac-sha512"]
    {
        let headers = cli.done(&by_acme(options));
        cli.exits_with_input(0, "explain", format!("GET /release/orders/1 HTTP/1.1\n{headers}\n"));
    }
}

#[test]
fn the_options_decide_on_the_algorithm_that_nobody_names() {
    let algorithms = serde_json::json!({"allowed_algorithms": ["hmac-sha384", "hmac-sha1"]});
    let cli = cli(example().with("/options", algorithms));
    assert_contains(&cli.done(&by_acme("")), "algorithm=\"hmac-sha384\"");
    let ran = cli.exits(0, &by_acme("--algorithm hmac-sha256"));
    assert_contains(&ran.stderr, "algorithm_not_supported");
}

#[test]
fn what_the_filter_would_refuse_is_signed_with_a_warning() {
    let cli = Cli::with(EXAMPLE);
    for (url, outcome) in [
        (URL, "key_disabled"),
        ("http://orders.example.com/test/x", "no_usage_plan"),
        ("http://a.example/", "service_not_found"),
    ] {
        let ran = cli.exits(0, &format!("sign '{url}' --key beta"));
        assert!(ran.stderr.starts_with(&format!("{WOULD_REFUSE} ({outcome})")), "{ran:?}");
    }
}

#[test]
fn a_secret_is_in_no_output_and_a_warning_is_given_of_one_on_the_command_line() {
    let cli = Cli::empty().env("ACME_SECRET_KEY", ACME_SECRET);
    for output in ["--as curl", "--output json", ""] {
        for (secret, warns) in [(ACME_SECRET, true), ("env:ACME_SECRET_KEY", false)] {
            let line = format!("sign '{URL}' --secret-id AKIDacme0001 --secret-key {secret} {output}");
            let ran = cli.exits(0, &line);
            assert_hides(&ran, ACME_SECRET);
            assert_eq!(ran.stderr.contains(WARNING_OF_ARGUMENT), warns, "{ran:?}");
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_signed_is_refused_with_what_to_do() {
    let cli = cli(demanding());
    for (options, expected) in [
        ("--key acme", "source is to be signed: give it with --header 'source: ...'"),
        ("--key acme -H 'source: 1' -H 'Source: 2'", "given more than once"),
        ("--key acme --signed-headers host", "--signed-headers needs x-date or date"),
        ("--key acme --signed-headers 'x-date X-Date'", "none of them twice"),
        ("--key acme -H 'source: 1' -H 'X-Date: now' --date 2018-03-19T20:08:40Z", "--date has no effect"),
        ("--key acme --address 127.0.0.1:1", "--address is for --as curl"),
        ("--key acme -H 'Authorization: x'", "Authorization is what this command adds"),
        ("--key acme -H 'no colon'", "must be one header, such as"),
        ("--key acme -X 'GET /'", "--method must be the name of a method"),
        ("--key acme --algorithm md5", "must be one of hmac-sha1, hmac-sha256"),
        ("--secret-id AKIDacme0001", "--secret-key"),
        (
            "--secret-id AKIDacme0001 --secret-key too-short",
            "error: --secret-key must be 10 to 50 of A-Z a-z 0-9 _ -\n",
        ),
    ] {
        assert_contains(&cli.fails(2, &format!("sign '{URL}' {options}")), expected);
    }
    for url in ["ftp://a.example/", "/release", "http://me:pw@a.example/"] {
        cli.fails(2, &format!("sign {url} --key beta"));
    }
    assert_contains(
        &cli.refused(&format!("sign '{URL}' --key nobody")),
        "no key has the secret_id or the name \"nobody\"",
    );
}
