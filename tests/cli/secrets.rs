//! No secret in what any command prints, but where it is asked for.

use std::fs;

use serde_json::json;

use crate::cli::{Cli, EXAMPLE};

const SECRETS: [&str; 3] = ["secret-now-of-beta-01", "secret-before-of-beta", "secret-of-acme-in-env"];

/// The example; beta has two secrets in the document, acme has one in a variable.
fn cli() -> Cli {
    let mut document: serde_json::Value = serde_json::from_str(EXAMPLE).expect("JSON");
    document["keys"][1] = json!({"name": "beta", "secret_id": "AKIDbeta0001", "secret_key": SECRETS[0],
        "previous_secret_key": SECRETS[1], "previous_secret_key_not_after": "2100-01-01T00:00:00Z"});
    let cli = Cli::with(&document.to_string());
    fs::create_dir(cli.path("watched")).expect("made");
    cli
}

#[test]
fn no_answer_warning_or_error_shows_a_secret_that_is_not_asked_for() {
    let cli = cli();
    let url = "http://orders.example.com/release/x";
    fs::write(cli.path("forged.txt"), format!(
        "GET /release/x HTTP/1.1\r\nHost: orders.example.com\r\nX-Date: {}\r\nAuthorization: hmac id=\"AKIDbeta0001\", \
         algorithm=\"hmac-sha1\", headers=\"x-date\", signature=\"AAAA\"\r\n\r\n",
        testbed::sign::http_date(std::time::SystemTime::now())
    )).expect("written");
    let commands: [(&[&str], i32); 22] = [
        (&["key", "list"], 0),
        (&["key", "show", "beta"], 0),
        (&["key", "disable", "beta", "--dry-run"], 0),
        (&["key", "edit", "beta", "--name", "gamma", "--dry-run"], 0),
        (&["key", "edit", "beta", "--name", "a.b"], 1),
        (&["key", "rotate", "beta"], 1),
        (&["key", "rotate", "beta", "--force", "--overlap", "1h", "--dry-run"], 0),
        (&["key", "delete", "beta"], 1),
        (&["key", "create", "--name", "beta"], 1),
        (&["plan", "list"], 0),
        (&["plan", "show", "gold"], 0),
        (&["plan", "unbind-key", "gold", "beta", "--dry-run"], 0),
        (&["plan", "edit", "gold", "--max-requests-per-second", "0"], 1),
        (&["service", "list"], 0),
        (&["service", "show", "orders"], 0),
        (&["service", "delete", "orders"], 1),
        (&["check"], 0),
        (&["check", "--environment"], 0),
        (&["sign", url, "--key", "beta"], 0),
        (&["sign", url, "--key", "acme", "--as", "curl"], 0),
        (&["explain", "forged.txt"], 1),
        (&["publish", "--to", "watched"], 0),
    ];
    for (arguments, status) in commands {
        for output in ["text", "json"] {
            let mut command = cli.command(&[arguments, &["--output", output]].concat());
            command.env("ACME_SECRET_KEY", SECRETS[2]);
            let ran = crate::cli::run(command, "");
            assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
            for secret in SECRETS {
                assert!(
                    !ran.stdout.contains(secret) && !ran.stderr.contains(secret),
                    "{arguments:?}: {ran:?}"
                );
            }
        }
    }
    // It would have been seen.
    assert!(cli.done(&["key", "show", "beta", "--reveal"]).contains(SECRETS[0]));
}
