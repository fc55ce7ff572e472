//! `usage-plan key rotate`

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::cli::{Cli, EXAMPLE};

/// The example with a key whose secret is in the document.
fn cli() -> Cli {
    Cli::with(EXAMPLE)
}

#[test]
fn with_an_overlap_the_old_secret_verifies_until_its_end() {
    let cli = cli();
    let before = SystemTime::now();
    let told = cli.json(&["key", "rotate", "beta", "--overlap", "24h"]);
    let key = cli.document()["keys"][1].clone();
    assert_eq!(key["previous_secret_key"], "beta-secret-key-0001");
    assert_eq!(key["secret_key"], told["secret_key"]);
    assert_eq!(key["secret_key"].as_str().map(str::len), Some(40));
    assert_eq!(key["previous_secret_key_not_after"], told["previous_secret_key_not_after"]);
    let until = key["previous_secret_key_not_after"].as_str().expect("text");
    let until = humantime::parse_rfc3339(until).expect("RFC 3339");
    let overlap = until.duration_since(before).expect("later");
    // It is counted from the second in which the command ran.
    let day = Duration::from_secs(24 * 3600);
    assert!(overlap > day - Duration::from_secs(1) && overlap < day + Duration::from_secs(60), "{overlap:?}");
}

#[test]
fn without_an_overlap_the_old_secret_is_gone() {
    let cli = cli();
    let told = cli.done(&["key", "rotate", "beta"]);
    assert!(told.ends_with("\nthe old secret no longer verifies\n"), "{told}");
    assert!(!cli.text().contains("beta-secret-key-0001") && !cli.text().contains("previous"));
}

#[test]
fn a_secret_that_callers_may_still_use_is_not_ended_by_accident() {
    let cli = cli();
    cli.done(&["key", "rotate", "beta", "--overlap", "1h"]);
    let error = cli.refused(&["key", "rotate", "beta", "--overlap", "1h"]);
    assert!(
        error.starts_with(
            "error: the secret before the present one of key beta (AKIDbeta0001) verifies until 2"
        )
    );
    let second = cli.document()["keys"][1]["secret_key"].clone();
    cli.done(&["key", "rotate", "beta", "--overlap", "1h", "--force"]);
    assert_eq!(cli.document()["keys"][1]["previous_secret_key"], second);
}

#[test]
fn a_previous_secret_that_has_ended_may_be_replaced() {
    let ended =
        r#""previous_secret_key": "an-old-secret", "previous_secret_key_not_after": "2020-01-01T00:00:00Z""#;
    let cli = Cli::with(&EXAMPLE.replace("\"status\": \"disabled\"", ended));
    cli.done(&["key", "rotate", "beta", "--overlap", "1h"]);
    assert_eq!(cli.document()["keys"][1]["previous_secret_key"], "beta-secret-key-0001");
}

#[test]
fn a_secret_of_envoys_environment_is_rotated_to_another_variable() {
    let cli = cli();
    let error = cli.refused(&["key", "rotate", "acme", "--overlap", "1h"]);
    assert!(error.contains("name the new one's variable with --secret-key-env"), "{error}");
    let error = cli.refused(&["key", "rotate", "acme", "--secret-key-env", "ACME_SECRET_KEY"]);
    assert!(error.contains("the new secret is in the variable of the old one"), "{error}");
    cli.done(&["key", "rotate", "acme", "--overlap", "1h", "--secret-key-env", "ACME_SECRET_KEY_2"]);
    let key = cli.document()["keys"][0].clone();
    assert_eq!(key["previous_secret_key_env"], "ACME_SECRET_KEY");
    assert_eq!((&key["secret_key_env"], key.get("secret_key")), (&json!("ACME_SECRET_KEY_2"), None));
}

#[test]
fn the_old_secret_is_no_new_one() {
    let cli = cli();
    let before = cli.text();
    let ran = cli.run_with_input(&["key", "rotate", "beta", "--secret-key", "-"], "beta-secret-key-0001");
    assert_eq!((ran.status, cli.text()), (1, before));
    assert_eq!(ran.stderr, "error: key beta (AKIDbeta0001): the new secret is the old one\n");
}

#[test]
fn a_dry_run_of_a_rotation_shows_which_secret_goes_where_but_none_of_them() {
    let cli = cli();
    let before = cli.text();
    let ran = cli.run_with_input(
        &["key", "rotate", "beta", "--overlap", "1h", "--secret-key", "-", "--dry-run"],
        "the-new-secret",
    );
    assert_eq!((ran.status, cli.text()), (0, before));
    assert!(ran.stdout.contains("-      \"secret_key\": \"(secret 1)\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("+      \"previous_secret_key\": \"(secret 1)\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("+      \"secret_key\": \"(secret 2)\""), "{}", ran.stdout);
    for secret in ["the-new-secret", "beta-secret-key-0001"] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
    }
    let json = cli.json(&["key", "rotate", "beta", "--dry-run"]);
    assert_eq!((&json["dry_run"], &json["changed"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(json.get("secret_key"), None);
}

#[test]
fn an_overlap_without_a_unit_is_an_error_of_the_command_line() {
    assert!(cli().fails(2, &["key", "rotate", "beta", "--overlap", "24"]).contains("--overlap <DURATION>"));
}

#[test]
fn an_overlap_beyond_what_the_document_can_say_is_refused() {
    let error = cli().fails(2, &["key", "rotate", "beta", "--overlap", "1000years"]);
    assert!(error.contains("--overlap ends later than the document can say"), "{error}");
}
