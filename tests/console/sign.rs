//! `usage-plan sign`

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;
use testbed::Algorithm;

use crate::cli::{Cli, EXAMPLE, Ran, run};

const URL: &str = "https://orders.example.com/release/orders/1?x=y";
const SECRET: &str = "acme-secret-key-0001";
const DATE: &str = "Mon, 19 Mar 2018 12:08:40 GMT";

/// With an environment that has acme's secret.
fn sign(cli: &Cli, arguments: &[&str]) -> Ran {
    let mut command = cli.command(&[&["sign", URL], arguments].concat());
    command.env("ACME_SECRET_KEY", SECRET);
    run(command, "")
}

fn done(cli: &Cli, arguments: &[&str]) -> String {
    let ran = sign(cli, arguments);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{arguments:?}: {ran:?}");
    ran.stdout
}

fn credential(headers: &str, text: &str) -> String {
    let signature = Algorithm::Sha1.mac(SECRET, text.as_bytes());
    format!(
        "Authorization: hmac id=\"AKIDacme0001\", algorithm=\"hmac-sha1\", headers=\"{headers}\", signature=\"{signature}\""
    )
}

/// A document in which beta is enabled and acme's service wants two headers signed.
fn document() -> String {
    EXAMPLE.replace(", \"status\": \"disabled\"", "").replace(
        "\"name\": \"orders\",",
        "\"name\": \"orders\", \"required_signed_headers\": [\"host\", \"source\"],",
    )
}

#[test]
fn every_vector_is_reproduced() {
    let data: Value = serde_json::from_str(include_str!("../vectors/key-pair.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (id, secret) = (text(&data["secret_id"]), text(&data["secret_key"]));
    let cli = Cli::empty();
    let mut valid = 0;
    for vector in data["vectors"].as_array().expect("a list") {
        let headers: Vec<[String; 2]> = vector["headers"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|pair| [0, 1].map(|i| text(&pair[i])))
            .collect();
        let names = headers.iter().map(|[name, _]| name.to_lowercase()).collect::<Vec<_>>().join(" ");
        let algorithm = text(&vector["algorithm"]);
        let mut arguments: Vec<String> =
            ["sign", "http://a.example/", "--output", "json", "--secret-key", "-", "--secret-id"]
                .map(str::to_owned)
                .to_vec();
        arguments.extend(
            [&id, "--algorithm", &algorithm, "--signed-headers", &names].map(|word: &str| word.to_owned()),
        );
        for [name, value] in &headers {
            arguments.extend(["--header".to_owned(), format!("{name}: {value}")]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = cli.run_with_input(&arguments, &format!("{secret}\n"));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
        assert!(!ran.stdout.contains(&secret), "{ran:?}");
        let signed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
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
    let cli = Cli::with(EXAMPLE);
    let expected = format!("X-Date: {DATE}\n{}\n", credential("x-date", &format!("x-date: {DATE}")));
    for (key, date) in [("acme", DATE), ("AKIDacme0001", "2018-03-19T20:08:40+08:00")] {
        let ran = sign(&cli, &["--key", key, "--date", date]);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, expected.as_str()), "{ran:?}");
        assert!(ran.stderr.contains("would refuse this request now (date_out_of_range)"), "{ran:?}");
    }
    let mut command = cli.command(&["sign", URL, "--key", "acme"]);
    command.env_remove("ACME_SECRET_KEY");
    let ran = run(command, "");
    let why = "error: key acme (AKIDacme0001) cannot sign here: the secret is kept in the variable ACME_SECRET_KEY, \
               which this environment does not have\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", why));
}

#[test]
fn a_date_what_the_service_requires_and_every_header_given_are_signed_unless_it_is_said_what_is() {
    let cli = Cli::with(&document());
    let names = |arguments: &[&str]| {
        let text = done(&cli, &[&["--key", "acme"], arguments].concat());
        let (_, rest) = text.split_once("headers=\"").expect("a credential");
        (rest.split('"').next().expect("names").to_owned(), text)
    };
    let (signed, text) = names(&["-H", "X-Call: 7", "-H", "Source: my-app"]);
    assert_eq!(signed, "x-date host source x-call");
    assert!(text.starts_with("Host: orders.example.com\nX-Call: 7\nSource: my-app\nX-Date: "), "{text}");
    let (signed, text) = names(&[
        "-H",
        "Source: s",
        "-H",
        "Host: orders.example.com:8080",
        "--signed-headers",
        "Source Date host",
    ]);
    assert_eq!(signed, "Source Date host");
    assert!(text.starts_with("Host: orders.example.com:8080\nSource: s\nDate: "), "{text}");
}

#[test]
fn the_filter_lets_through_what_is_signed() {
    let cli = Cli::with(&document());
    for arguments in [
        &["-H", "source: größe, | :"][..],
        &["-H", "source:", "-X", "DELETE"],
        &["-H", "source: x", "--algorithm", "hmac-sha512"],
    ] {
        let headers = done(&cli, &[&["--key", "acme"], arguments].concat());
        let mut command = cli.command(&["explain"]);
        command.env("ACME_SECRET_KEY", SECRET);
        let ran = run(command, format!("GET /release/orders/1 HTTP/1.1\n{headers}\n"));
        assert_eq!(ran.status, 0, "{ran:?}");
    }
}

#[test]
fn the_options_decide_on_the_algorithm_that_nobody_names() {
    let document =
        EXAMPLE.replacen('{', "{\"options\": {\"allowed_algorithms\": [\"hmac-sha384\", \"hmac-sha1\"]},", 1);
    let cli = Cli::with(&document);
    assert!(done(&cli, &["--key", "acme"]).contains("algorithm=\"hmac-sha384\""));
    let ran = sign(&cli, &["--key", "acme", "--algorithm", "hmac-sha256"]);
    assert!(ran.status == 0 && ran.stderr.contains("algorithm_not_supported"), "{ran:?}");
}

#[test]
fn what_the_filter_would_refuse_is_signed_with_a_warning() {
    let cli = Cli::with(EXAMPLE);
    for (arguments, why) in [
        (["sign", URL, "--key", "beta"], "key_disabled"),
        (["sign", "http://orders.example.com/test/x", "--key", "beta"], "no_usage_plan"),
        (["sign", "http://a.example/", "--key", "beta"], "service_not_found"),
    ] {
        let ran = cli.run(&arguments);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(
            ran.stderr.starts_with(&format!("warning: the filter would refuse this request now ({why})")),
            "{ran:?}"
        );
    }
}

#[test]
fn a_secret_is_in_no_output_and_one_on_the_command_line_is_warned_of() {
    let cli = Cli::empty();
    let pair = ["--secret-id", "AKIDacme0001", "--secret-key"];
    for form in [&["--as", "curl"][..], &["--output", "json"], &[]] {
        for input in [SECRET, "env:ACME_SECRET_KEY"] {
            let ran = sign(&cli, &[&pair, &[input][..], form].concat());
            assert_eq!(ran.status, 0, "{ran:?}");
            assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");
            assert_eq!(ran.stderr.contains("is seen in the process list"), input == SECRET, "{ran:?}");
        }
    }
    let ran = sign(&cli, &[&pair, &["too-short"][..]].concat());
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (2, "error: --secret-key must be 10 to 50 of A-Z a-z 0-9 _ -\n")
    );
}

/// Runs `command` in a shell whose curl writes down its arguments.
fn curled(cli: &Cli, command: &str) -> Vec<String> {
    let curl = cli.path("curl");
    fs::write(&curl, "#!/bin/sh\nprintf '%s\\0' \"$@\"\n").expect("written");
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("set");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).env("PATH", curl.parent().expect("a directory"));
    let ran = run(shell, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.stdout.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn the_curl_command_means_to_a_shell_what_was_signed() {
    let cli = Cli::with(EXAMPLE);
    let value = r#"it's "$HOME" `id` \ *"#;
    let header = format!("Source: {value}");
    let command =
        done(&cli, &["--key", "acme", "--as", "curl", "-H", &header, "-H", "X-Empty:", "-X", "POST"]);
    let arguments = curled(&cli, &command);
    assert_eq!(arguments[..4], ["--include", "--request", "POST", URL]);
    let headers: Vec<&String> = arguments[4..].iter().filter(|argument| *argument != "--header").collect();
    assert_eq!((headers[0], headers[1].as_str()), (&header, "X-Empty;"));
    let date = headers[2].strip_prefix("X-Date: ").expect("a date");
    let text = format!("x-date: {date}\nsource: {value}\nx-empty: ");
    assert_eq!(*headers[3], credential("x-date source x-empty", &text));
}

#[test]
fn the_curl_command_connects_to_another_address_with_the_hosts_name() {
    let cli = Cli::with(EXAMPLE);
    let with = |url: &str, arguments: &[&str]| {
        let mut command = cli.command(&[&["sign", url, "--key", "acme", "--as", "curl"], arguments].concat());
        command.env("ACME_SECRET_KEY", SECRET);
        let ran = run(command, "");
        let arguments = curled(&cli, &ran.stdout);
        let end = arguments.iter().position(|argument| argument == "--header").expect("a header");
        arguments[1..end].join(" ")
    };
    let local = ["--address", "127.0.0.1:10000"];
    assert_eq!(
        with(URL, &local),
        "--connect-to ::127.0.0.1:10000 http://orders.example.com/release/orders/1?x=y"
    );
    let tls = ["--address", "https://127.0.0.1:10443/"];
    assert_eq!(
        with("http://orders.example.com", &tls),
        "--connect-to ::127.0.0.1:10443 https://orders.example.com/"
    );
    assert_eq!(
        with("https://orders.example.com:443/a/../{b}", &["-X", "HEAD"]),
        "--head --path-as-is --globoff https://orders.example.com/a/../{b}"
    );
}

#[test]
fn a_command_line_that_cannot_be_signed_is_refused_with_what_to_do() {
    let cli = Cli::with(&document());
    let rows: [(&[&str], &str); 11] = [
        (&["--key", "acme"], "source is to be signed: give it with --header 'source: ...'"),
        (&["--key", "acme", "-H", "source: 1", "-H", "Source: 2"], "given more than once"),
        (&["--key", "acme", "--signed-headers", "host"], "--signed-headers needs x-date or date"),
        (&["--key", "acme", "--signed-headers", "x-date X-Date"], "none of them twice"),
        (&["--key", "acme", "-H", "source: 1", "-H", "X-Date: now", "--date", DATE], "--date has no effect"),
        (&["--key", "acme", "--address", "127.0.0.1:1"], "--address is for --as curl"),
        (&["--key", "acme", "-H", "Authorization: x"], "Authorization is what this command adds"),
        (&["--key", "acme", "-H", "no colon"], "must be one header, such as"),
        (&["--key", "acme", "-X", "GET /"], "--method must be the name of a method"),
        (&["--key", "acme", "--algorithm", "md5"], "must be one of hmac-sha1, hmac-sha256"),
        (&["--secret-id", "AKIDacme0001"], "--secret-key"),
    ];
    for (arguments, words) in rows {
        let ran = sign(&cli, arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(words), "{arguments:?}: {ran:?}");
    }
    for url in ["ftp://a.example/", "/release", "http://me:pw@a.example/"] {
        assert_eq!(cli.run(&["sign", url, "--key", "beta"]).status, 2, "{url}");
    }
    assert!(
        cli.refused(&["sign", URL, "--key", "nobody"])
            .contains("no key has the secret_id or the name \"nobody\"")
    );
}
