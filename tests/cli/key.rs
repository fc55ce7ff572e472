//! `usage-plan key`

mod several;

use serde_json::json;

use crate::cli::{
    BETA_SECRET, Cli, EXAMPLE, Edit, WARNING_OF_ARGUMENT, assert_contains, assert_hides, assert_text, example,
};

#[test]
fn a_created_key_is_a_random_pair_that_is_shown_and_kept() {
    let cli = Cli::empty();
    let [first, second] = ["one", "two"].map(|name| cli.json(&format!("key create --name {name}")));
    for key in [&first, &second] {
        let [id, secret] = ["secret_id", "secret_key"].map(|member| key[member].as_str().expect("text"));
        assert!(id.starts_with("AKID") && id.len() == 40 && secret.len() == 40, "{key}");
        assert!(id.bytes().chain(secret.bytes()).all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    }
    assert_ne!(first["secret_id"], second["secret_id"]);
    assert_ne!(first["secret_key"], second["secret_key"]);
    let kept = &cli.document()["keys"][0];
    assert_eq!((&kept["name"], &kept["secret_key"]), (&json!("one"), &first["secret_key"]));
    let created = kept["created_at"].as_str().expect("text");
    assert!(created.len() == 20 && created.ends_with('Z'), "{created}");
}

#[test]
fn a_custom_secret_comes_from_standard_input_a_variable_or_with_a_warning_the_command_line() {
    let cli = Cli::empty().env("MY_SECRET", "from-a-variable");
    let ran = cli.exits_with_input(
        0,
        "key create --name input --secret-id AKIDinput --secret-key -",
        "from-standard-input\n",
    );
    assert_text(&ran.stderr, "");
    assert_text(&ran.stdout, "secret_id   AKIDinput\nsecret_key  as given\n");
    cli.done("key create --name variable --secret-key env:MY_SECRET");
    let ran = cli.exits(0, "key create --name argument --secret-key from-the-arguments");
    assert!(ran.stderr.starts_with(WARNING_OF_ARGUMENT), "{ran:?}");
    assert_hides(&ran, "from-the-arguments");

    let keys = &cli.document()["keys"];
    let secrets: Vec<_> = keys.as_array().expect("keys").iter().map(|key| &key["secret_key"]).collect();
    assert_eq!(secrets, ["from-standard-input", "from-a-variable", "from-the-arguments"]);
    assert_text(
        &cli.refused("key create --name none --secret-key env:NO_SUCH_VARIABLE"),
        "error: --secret-key env:NO_SUCH_VARIABLE: there is no such variable, or it is not text\n",
    );
}

#[test]
fn a_secret_can_stay_in_envoys_environment() {
    let cli = Cli::empty();
    assert_text(
        &cli.done("key create --name acme --secret-id AKIDacme0001 --secret-key-env ACME_SECRET_KEY"),
        "secret_id   AKIDacme0001\n\
         secret_key  in the variable ACME_SECRET_KEY of Envoy's environment\n",
    );
    let key = &cli.document()["keys"][0];
    assert_eq!((&key["secret_key_env"], key.get("secret_key")), (&json!("ACME_SECRET_KEY"), None));
}

#[test]
fn what_the_document_does_not_accept_is_refused_with_the_rule() {
    let cli = Cli::with(EXAMPLE).env("SHORT", "s3cret!");
    for (status, line, expected) in [
        (1, "key create --name AKIDbeta0001", "error: a key has the secret_id \"AKIDbeta0001\" already"),
        (2, "key create --name a.b", "error: --name: must be up to 50 of A-Z a-z 0-9 _ -"),
        (2, "key create --name x --secret-id AK", "error: --secret-id: must be 5 to 50 of A-Z a-z 0-9 _ -"),
        (
            2,
            "key create --name x --secret-key env:SHORT",
            "error: --secret-key: must be 10 to 50 of A-Z a-z 0-9 _ -",
        ),
        (
            1,
            "key create --name acme",
            "error: a key has the name \"acme\" already: choose another, or edit that key",
        ),
        (
            1,
            "key create --name x --secret-id AKIDacme0001",
            "error: a key has the secret_id \"AKIDacme0001\" already",
        ),
        (
            1,
            "key edit acme --not-before 2027-01-01T00:00:00Z --not-after 2026-01-01T00:00:00Z",
            "keys[0]: not_after is before not_before",
        ),
        (2, "key create --name x --secret-key-env A=B", "error: --secret-key-env: must be the name"),
        (2, "key create --name ''", "--name must not be empty"),
        (2, "key create", "--name <NAME>"),
    ] {
        let error = cli.fails(status, line);
        assert_contains(&error, expected);
        assert!(!error.contains("s3cret!"), "{error}");
    }
}

#[test]
fn keys_are_listed_and_found_by_id_or_name() {
    let cli = Cli::with(EXAMPLE);
    assert_text(
        &cli.done("key list"),
        "NAME  STATUS    USAGE PLANS  AGE\n\
         acme  enabled   gold\n\
         beta  disabled  gold\n",
    );
    assert_text(
        &cli.done("key list --output wide"),
        "NAME  SECRET ID     STATUS    USAGE PLANS     CREATED  REMARK\n\
         acme  AKIDacme0001  enabled   usagePlan-gold\n\
         beta  AKIDbeta0001  disabled  usagePlan-gold\n",
    );
    assert_eq!(cli.json("key list BETA")[0]["secret_id"], "AKIDbeta0001");
    assert_eq!(cli.json("key list akidacme")[0]["name"], "acme");
    assert_eq!(cli.json("key list nobody"), json!([]));
    assert_eq!(cli.json("key show acme"), cli.json("key show AKIDacme0001"));
    assert_text(
        &cli.refused("key show nobody"),
        "error: no key has the secret_id or the name \"nobody\": \
         `usage-plan key list` shows which there are\n",
    );
}

#[test]
fn a_remark_is_created_edited_listed_and_shown() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key create --name delta --secret-id AKIDdelta001 --remark 'contract 4711'");
    assert_eq!(cli.document()["keys"][2]["remark"], "contract 4711");
    assert_contains(&cli.done("key list delta -o wide"), "contract 4711\n");
    assert_contains(&cli.done("key show delta"), "remark       contract 4711\n");
    assert_eq!(cli.json("key edit delta --remark 'Vertrag 4711, Köln'")["remark"], "Vertrag 4711, Köln");
    assert_eq!(cli.json("key list delta")[0]["remark"], "Vertrag 4711, Köln");
    cli.done("key edit delta --remark ''");
    assert_eq!(cli.json("key show delta").get("remark"), None);
    let longest = "é".repeat(200);
    cli.done(&format!("key edit delta --remark {longest}"));
    let error = cli.fails(2, &format!("key edit delta --remark {longest}é"));
    assert_contains(&error, "error: --remark: must be at most 200 characters");
}

#[test]
fn a_name_that_two_keys_share_does_not_say_which() {
    let cli = Cli::with(example().with("/keys/1/name", "acme"));
    assert_text(
        &cli.refused("key disable acme"),
        "error: more than one key is named \"acme\": say which by its secret_id, \
         one of AKIDacme0001, AKIDbeta0001\n",
    );
    assert_eq!(cli.json("key show AKIDbeta0001")["name"], "acme");
}

#[test]
fn a_secret_is_shown_only_when_it_is_asked_for() {
    let cli = Cli::with(EXAMPLE);
    assert_contains(&cli.done("key show beta"), "secret_key   hidden; --reveal shows it");
    assert_eq!(cli.json("key show beta").get("secret_key"), None);
    assert_contains(&cli.done("key show beta --reveal"), BETA_SECRET);
    assert_eq!(cli.json("key show beta --reveal")["secret_key"], BETA_SECRET);
}

#[test]
fn disabling_and_enabling_changes_the_status_alone() {
    let cli = Cli::with(EXAMPLE);
    let disabled = example().with("/keys/0/status", "disabled");
    assert_text(&cli.done("key disable acme"), "key acme (AKIDacme0001) is disabled\n");
    assert_eq!(cli.document(), disabled);
    assert_eq!(cli.json("key disable acme")["changed"], false);
    assert_eq!(cli.json("key enable acme")["changed"], true);
    assert_eq!(cli.json("key enable beta")["status"], "enabled");
    let enabled = disabled.with("/keys/0/status", "enabled").with("/keys/1/status", "enabled");
    assert_eq!(cli.document(), enabled);
}

/// The status of a key, which is the same word in each output.
#[track_caller]
fn status(cli: &Cli, key: &str) -> String {
    let status = cli.json(&format!("key show {key}"))["status"].as_str().expect("text").to_owned();
    assert_eq!(cli.json(&format!("key list {key}"))[0]["status"], *status);
    assert_contains(&cli.done(&format!("key list {key}")), &format!("  {status}  "));
    let shown = cli.done(&format!("key show {key}"));
    assert!(shown.lines().any(|line| line.starts_with("status ") && line.ends_with(&status)), "{shown}");
    status
}

#[test]
fn the_times_between_which_a_key_is_valid_are_edited_and_shown() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key edit acme --name acme-2 --not-after 2020-01-01T00:00:00Z");
    assert_eq!(status(&cli, "acme-2"), "expired");
    cli.done("key edit acme-2 --not-after '' --not-before 2100-01-01T00:00:00Z");
    let key = cli.document()["keys"][0].clone();
    assert_eq!((key.get("not_after"), &key["not_before"]), (None, &json!("2100-01-01T00:00:00Z")));
    assert_eq!(status(&cli, "acme-2"), "not yet valid");
    assert_contains(&cli.fails(2, "key edit acme-2 --not-after soon"), "error: --not-after: must be a time");
    assert_contains(&cli.refused("key edit acme-2 --name beta"), "has the name \"beta\" already");
}

#[test]
fn a_key_is_deleted_when_it_is_bound_to_nothing_and_disabled() {
    let cli = Cli::with(EXAMPLE);
    let hint = "a disabled key can be enabled again, and a deleted one is gone: check in between that nobody still \
                uses it\n";
    assert_text(
        &cli.refused("key delete acme"),
        &format!(
            "error: key acme (AKIDacme0001) is enabled and bound; first:\n  \
             usage-plan key disable AKIDacme0001\n  \
             usage-plan plan unbind-key usagePlan-gold AKIDacme0001\n{hint}"
        ),
    );
    cli.done("plan unbind-key usagePlan-gold AKIDacme0001");
    assert_text(
        &cli.refused("key delete acme beta"),
        &format!(
            "error: key acme (AKIDacme0001) is enabled, key beta (AKIDbeta0001) is bound; first:\n  \
             usage-plan key disable AKIDacme0001\n  \
             usage-plan plan unbind-key usagePlan-gold AKIDbeta0001\n{hint}"
        ),
    );
    cli.done("key disable acme");
    assert_text(&cli.done("key delete acme"), "key acme (AKIDacme0001) is deleted\n");
    assert_eq!(cli.document()["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_name_that_is_almost_right_is_suggested() {
    let cli = Cli::with(EXAMPLE);
    for (line, expected) in [
        ("key disable amce", "the name \"amce\": did you mean \"acme\"? `usage-plan key list` shows"),
        ("key disable ACME", "did you mean \"acme\"?"),
        ("plan bind-key usagePlan-glod acme", "did you mean \"usagePlan-gold\"?"),
        ("service show order", "did you mean \"orders\"?"),
    ] {
        assert_contains(&cli.refused(line), expected);
    }
}
