//! What the command line prints on a terminal, and what elsewhere.

use serde_json::json;

use crate::cli::{ACME_SECRET, Cli, EXAMPLE, Edit, assert_contains, assert_text, example};

const ESCAPE: char = '\u{1b}';

/// What a command prints on a terminal with so many columns.
fn printed(cli: &Cli, line: &str, columns: u16) -> String {
    let (status, text) = cli.on_columns(columns, line).end();
    assert_eq!(status, 0, "{text}");
    text
}

#[test]
fn a_list_fits_the_terminal_and_is_whole_elsewhere() {
    let cli =
        Cli::with(example().with("/services/0/domains", json!(["orders.example.com", "orders.example.org"])));
    let whole = cli.done("service list");
    assert_eq!(whole.lines().count(), 2, "{whole}");
    assert_text(
        &printed(&cli, "service list --color never", 80),
        "NAME    DOMAINS             ENVIRONMENTS     AUTHENTICATION  USAGE PLANS  AGE\n\
         orders  orders.example.com  release* prepub  key_pair        gold\n        \
                 orders.example.org  test\n",
    );
    assert_text(&printed(&cli, "service list --color never", 200), &whole);
    for columns in [30, 45, 60] {
        let text = printed(&cli, "service list --color never", columns);
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(columns)), "{columns}:\n{text}");
    }
}

#[test]
fn colours_are_on_a_terminal_alone_unless_they_are_asked_for() {
    let cli = Cli::with(EXAMPLE);
    assert!(printed(&cli, "key list", 80).contains(ESCAPE));
    assert!(!printed(&cli, "key list --color never", 80).contains(ESCAPE));
    assert!(!cli.done("key list").contains(ESCAPE));
    assert!(cli.done("key list --color always").contains(ESCAPE));
    let cli = cli.env("NO_COLOR", "1");
    assert!(!printed(&cli, "key list", 80).contains(ESCAPE));
    assert!(printed(&cli, "key list --color=always", 80).contains(ESCAPE));
}

#[test]
fn errors_are_red_and_warnings_yellow_on_a_terminal() {
    let cli = Cli::with(EXAMPLE);
    let (status, error) = cli.on_columns(80, "key show nobody").end();
    assert_eq!(status, 1);
    assert_contains(&error, "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m no key has");
    let warned = printed(&cli, "key create --name x --secret-key secret-key-0001", 80);
    assert_contains(&warned, "\u{1b}[1m\u{1b}[33mwarning:\u{1b}[0m a secret on the command line");
    assert!(cli.refused("key show nobody").starts_with("error: no key has"));
    assert!(cli.fails(2, "key list --nonsense --color always").contains(ESCAPE));
}

#[test]
fn wide_has_ids_times_and_remarks() {
    let created = "2020-01-01T00:00:00Z";
    let cli = Cli::with(example().with("/usage_plans/0/created_at", created));
    for (line, expected) in [
        (
            "plan list",
            "NAME  STATUS    LIMITS  KEYS       ENVIRONMENTS    AGE\n\
             gold  enforced  1000/s  acme beta  orders/release  6y\n",
        ),
        (
            "plan list -o wide",
            "NAME  ID              STATUS    LIMITS  KEYS                       ENVIRONMENTS            \
             CREATED               REMARK\n\
             gold  usagePlan-gold  enforced  1000/s  AKIDacme0001 AKIDbeta0001  service-orders/release  \
             2020-01-01T00:00:00Z  paying callers\n",
        ),
    ] {
        let ran = cli.done(line);
        // The test is run in other years, too.
        let years =
            ran.lines().nth(1).and_then(|line| line.rsplit("  ").next()).unwrap_or_default().to_owned();
        assert_text(&if line == "plan list" { ran.replace(&years, "6y") } else { ran }, expected);
    }
    assert_eq!(
        cli.json("plan list"),
        serde_json::from_str::<serde_json::Value>(&cli.done("plan list -o json")).expect("JSON")
    );
}

#[test]
fn an_object_without_a_name_of_its_own_is_listed_by_its_id() {
    let shared = example().with("/keys/1/name", "acme").with("/usage_plans/0/name", "");
    let list = Cli::with(shared.clone()).done("key list");
    assert_contains(&list, "acme (AKIDacme0001)  enabled   usagePlan-gold\n");
    assert_contains(&list, "acme (AKIDbeta0001)  disabled  usagePlan-gold\n");
}

#[test]
fn a_secret_that_is_typed_is_not_shown() {
    let cli = Cli::with(EXAMPLE);
    let mut terminal = cli.on_terminal("key create --name gamma --secret-id AKIDgamma001 --secret-key -");
    terminal.wait_for("Secret key (it is not shown): ");
    terminal.hides_what_is_typed();
    terminal.type_line("typed-secret-0001");
    let (status, text) = terminal.end();
    assert_eq!(status, 0, "{text}");
    assert_contains(&text, "secret_id   AKIDgamma001\nsecret_key  as given\n");
    assert!(!text.contains("typed-secret"), "{text}");
    assert_eq!(cli.document()["keys"][2]["secret_key"], "typed-secret-0001");
}

#[test]
fn explain_says_that_it_waits_when_a_person_has_to_type_the_request() {
    let cli = Cli::with(EXAMPLE).env("ACME_SECRET_KEY", ACME_SECRET);
    let mut terminal = cli.on_terminal("explain");
    terminal.wait_for("waiting for a request on standard input");
    terminal.type_line("GET /release/x HTTP/1.1\nHost: orders.example.com\n");
    terminal.type_end();
    let (status, text) = terminal.end();
    assert_eq!(status, 1, "{text}");
    assert_contains(&text, "refused with 401");
    let ran = cli.exits_with_input(1, "explain", "GET /release/x HTTP/1.1\nHost: orders.example.com\n\n");
    assert!(!ran.stderr.contains("waiting"), "{}", ran.stderr);
}
