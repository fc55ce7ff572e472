//! No command prints a secret unless it is asked to.

use std::fs;
use std::time::SystemTime;

use crate::cli::{Cli, Edit, assert_contains, assert_hides, example};

const PRESENT: &str = "secret-now-of-beta-01";
const PREVIOUS: &str = "secret-before-of-beta";
const IN_VARIABLE: &str = "secret-of-acme-in-env";

/// The example; beta has two secrets in the document, acme has one in a variable.
fn cli() -> Cli {
    let document = example()
        .without("/keys/1/status")
        .with("/keys/1/secret_key", PRESENT)
        .with("/keys/1/previous_secret_key", PREVIOUS)
        .with("/keys/1/previous_secret_key_not_after", "2100-01-01T00:00:00Z");
    let cli = Cli::with(document).env("ACME_SECRET_KEY", IN_VARIABLE);
    fs::create_dir(cli.path("watched")).expect("made");
    cli
}

#[test]
fn no_answer_warning_or_error_shows_a_secret_that_is_not_asked_for() {
    let cli = cli();
    let now = testbed::sign::http_date(SystemTime::now());
    let forged = format!(
        "GET /release/x HTTP/1.1\r\nHost: orders.example.com\r\nX-Date: {now}\r\n\
         Authorization: hmac id=\"AKIDbeta0001\", algorithm=\"hmac-sha1\", headers=\"x-date\", \
         signature=\"AAAA\"\r\n\r\n"
    );
    cli.write("forged.txt", forged);
    // So that there is a log, which has seen both secrets change.
    cli.done("key rotate beta --cancel --overlap 1h");
    cli.done("undo");
    for (status, line) in [
        (0, "key list"),
        (0, "key show beta"),
        (0, "key disable beta --dry-run"),
        (0, "key edit beta --name gamma --dry-run"),
        (2, "key edit beta --name a.b"),
        (1, "key rotate beta --now"),
        (0, "key rotate beta --finish --dry-run"),
        (0, "key rotate beta --cancel --dry-run"),
        (0, "key rotate beta --force --overlap 1h --dry-run"),
        (1, "key delete beta"),
        (1, "key create --name beta"),
        (0, "plan list"),
        (0, "plan show gold"),
        (0, "plan unbind-key gold beta --dry-run"),
        (2, "plan edit gold --max-requests-per-second 0"),
        (0, "service list"),
        (0, "service show orders"),
        (1, "service delete orders"),
        (0, "check"),
        (0, "check --environment"),
        (0, "sign http://orders.example.com/release/x --key beta"),
        (0, "sign http://orders.example.com/release/x --key acme --as curl"),
        (1, "explain forged.txt"),
        (0, "publish --to watched"),
        (0, "log"),
        (0, "undo --dry-run"),
    ] {
        for output in ["text", "json"] {
            let ran = cli.exits(status, &format!("{line} --output {output}"));
            for secret in [PRESENT, PREVIOUS, IN_VARIABLE] {
                assert_hides(&ran, secret);
            }
        }
    }
    // A secret that is shown would have been found.
    assert_contains(&cli.done("key show beta --reveal"), PRESENT);
}
