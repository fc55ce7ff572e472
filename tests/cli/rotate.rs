//! `usage-plan key rotate`

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::cli::{BETA_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_hides, assert_text, example};

#[test]
fn with_an_overlap_the_old_secret_verifies_until_its_end() {
    let cli = Cli::with(EXAMPLE);
    let before = SystemTime::now();
    let answer = cli.json("key rotate beta --overlap 24h");
    let key = cli.document()["keys"][1].clone();
    assert_eq!(key["previous_secret_key"], BETA_SECRET);
    assert_eq!(key["secret_key"], answer["secret_key"]);
    assert_eq!(key["secret_key"].as_str().map(str::len), Some(40));
    assert_eq!(key["previous_secret_key_not_after"], answer["previous_secret_key_not_after"]);
    let until = key["previous_secret_key_not_after"].as_str().expect("text");
    let until = humantime::parse_rfc3339(until).expect("RFC 3339");
    let overlap = until.duration_since(before).expect("later");
    // The overlap is counted from the second in which the command ran.
    let day = Duration::from_secs(24 * 3600);
    assert!(overlap > day - Duration::from_secs(1) && overlap < day + Duration::from_secs(60), "{overlap:?}");
}

#[test]
fn with_now_the_old_secret_is_gone() {
    let cli = Cli::with(EXAMPLE);
    let answer = cli.done("key rotate beta --now");
    assert!(answer.ends_with("\nthe old secret no longer verifies\n"), "{answer}");
    assert!(!cli.text().contains(BETA_SECRET) && !cli.text().contains("previous"));
}

#[test]
fn a_secret_that_callers_may_still_use_is_not_ended_by_accident() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key rotate beta --overlap 1h");
    let error = cli.refused("key rotate beta --overlap 1h");
    let expected = "error: the secret before the present one of key beta (AKIDbeta0001) verifies until 2";
    assert!(error.starts_with(expected), "{error}");
    let second = cli.document()["keys"][1]["secret_key"].clone();
    cli.done("key rotate beta --overlap 1h --force");
    assert_eq!(cli.document()["keys"][1]["previous_secret_key"], second);
}

#[test]
fn a_previous_secret_that_has_ended_may_be_replaced() {
    let cli = Cli::with(
        example()
            .with("/keys/1/previous_secret_key", "an-old-secret")
            .with("/keys/1/previous_secret_key_not_after", "2020-01-01T00:00:00Z"),
    );
    cli.done("key rotate beta --overlap 1h");
    assert_eq!(cli.document()["keys"][1]["previous_secret_key"], BETA_SECRET);
}

#[test]
fn a_secret_of_envoys_environment_is_rotated_to_another_variable() {
    let cli = Cli::with(EXAMPLE);
    assert_contains(
        &cli.refused("key rotate acme --overlap 1h"),
        "name the new one's variable with --secret-key-env",
    );
    assert_contains(
        &cli.refused("key rotate acme --now --secret-key-env ACME_SECRET_KEY"),
        "the new secret is in the variable of the old one",
    );
    cli.done("key rotate acme --overlap 1h --secret-key-env ACME_SECRET_KEY_2");
    let key = cli.document()["keys"][0].clone();
    assert_eq!(key["previous_secret_key_env"], "ACME_SECRET_KEY");
    assert_eq!((&key["secret_key_env"], key.get("secret_key")), (&json!("ACME_SECRET_KEY_2"), None));
}

#[test]
fn the_old_secret_cannot_be_the_new_one() {
    assert_text(
        &Cli::with(EXAMPLE).fails_with_input(1, "key rotate beta --now --secret-key -", BETA_SECRET),
        "error: key beta (AKIDbeta0001): the new secret is the old one\n",
    );
}

#[test]
fn a_dry_run_of_a_rotation_shows_which_secret_goes_where_but_none_of_them() {
    let cli = Cli::with(EXAMPLE);
    let ran =
        cli.exits_with_input(0, "key rotate beta --overlap 1h --secret-key - --dry-run", "the-new-secret");
    assert_text(&cli.text(), EXAMPLE);
    for line in [
        "-      \"secret_key\": \"(secret 1)\"",
        "+      \"previous_secret_key\": \"(secret 1)\"",
        "+      \"secret_key\": \"(secret 2)\"",
    ] {
        assert_contains(&ran.stdout, line);
    }
    for secret in ["the-new-secret", BETA_SECRET] {
        assert_hides(&ran, secret);
    }
    let json = cli.json("key rotate beta --now --dry-run");
    assert_eq!((&json["dry_run"], &json["changed"]), (&json!(true), &json!(true)));
    assert_eq!(json.get("secret_key"), None);
}

#[test]
fn an_overlap_that_cannot_be_is_an_error_of_the_command_line() {
    let cli = Cli::with(EXAMPLE);
    for (overlap, expected) in
        [("24", "--overlap <DURATION>"), ("1000years", "--overlap ends later than the document can say")]
    {
        assert_contains(&cli.fails(2, &format!("key rotate beta --overlap {overlap}")), expected);
    }
}

#[test]
fn without_a_terminal_the_end_of_the_old_secret_must_be_said() {
    let cli = Cli::with(EXAMPLE);
    assert_text(
        &cli.fails(2, "key rotate beta"),
        "error: how long does the old secret keep verifying? Give --overlap, for example --overlap 24h, \
         or --now, which ends it at once\n",
    );
    for flags in ["--overlap 1h --now", "--finish --cancel", "--finish --overlap 1h", "--cancel --now"] {
        assert_contains(&cli.fails(2, &format!("key rotate beta {flags}")), "cannot be used with");
    }
}

#[test]
fn on_a_terminal_the_overlap_is_asked_for_until_it_is_understood() {
    let cli = Cli::with(EXAMPLE);
    let mut terminal = cli.on_terminal("key rotate beta");
    terminal.wait_for("How long does the old secret keep verifying?");
    terminal.type_line("soon");
    terminal.wait_for("0s ends it at once: ");
    assert_text(&cli.text(), EXAMPLE);
    terminal.type_line("24h");
    let (status, shown) = terminal.end();
    assert_eq!(status, 0, "{shown}");
    assert_contains(&shown, "the old secret verifies until 2");
    assert_eq!(cli.document()["keys"][1]["previous_secret_key"], BETA_SECRET);
}

#[test]
fn an_end_of_the_input_in_place_of_an_answer_changes_nothing() {
    let cli = Cli::with(EXAMPLE);
    let mut terminal = cli.on_terminal("key rotate beta");
    terminal.wait_for("0s ends it at once: ");
    terminal.type_end();
    let (status, shown) = terminal.end();
    assert_eq!(status, 1, "{shown}");
    assert_contains(&shown, "error: there was no answer, so nothing is changed");
    assert_text(&cli.text(), EXAMPLE);
}

#[test]
fn a_key_that_is_not_there_is_reported_before_anything_is_asked() {
    let (status, shown) = Cli::with(EXAMPLE).on_terminal("key rotate nobody").end();
    assert_eq!(status, 1, "{shown}");
    assert!(shown.starts_with("error: no key has the secret_id or the name"), "{shown}");
}

#[test]
fn a_rotation_is_finished_early() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key rotate beta --overlap 24h");
    let secret = cli.document()["keys"][1]["secret_key"].clone();
    assert_text(
        &cli.done("key rotate beta --finish"),
        "the previous secret of key beta (AKIDbeta0001) no longer verifies\n",
    );
    assert_eq!(cli.document()["keys"][1]["secret_key"], secret);
    assert!(!cli.text().contains(BETA_SECRET) && !cli.text().contains("previous"));
    for flag in ["--finish", "--cancel"] {
        assert_text(
            &cli.refused(&format!("key rotate beta {flag}")),
            "error: key beta (AKIDbeta0001) has no previous secret, so there is no rotation to end or to \
             take back\n",
        );
    }
}

#[test]
fn a_rotation_is_taken_back_at_once_or_with_an_overlap() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key rotate beta --overlap 24h");
    assert_text(
        &cli.done("key rotate beta --cancel"),
        "the previous secret of key beta (AKIDbeta0001) is the present one again\n\
         the one that replaced it no longer verifies\n",
    );
    assert_eq!(cli.document(), example());

    cli.done("key rotate beta --overlap 24h");
    let new = cli.document()["keys"][1]["secret_key"].clone();
    let answer = cli.done("key rotate beta --cancel --overlap 1h");
    assert_contains(&answer, "\nthe one that replaced it verifies until 2");
    let key = cli.document()["keys"][1].clone();
    assert_eq!((&key["secret_key"], &key["previous_secret_key"]), (&json!(BETA_SECRET), &new));
}
