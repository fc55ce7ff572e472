//! A document that every Envoy refuses does not stay where an Envoy that starts would read it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use testbed::Envoy;

use super::{Cli, admins, assert_in_force, assert_still_in_force, document, publish, with_variable};

const MISSING: &str = "USAGE_PLAN_NO_SUCH_VARIABLE";

/// The text of a file in the directory that Envoy watches.
fn watched(cli: &Cli, name: &str) -> String {
    fs::read_to_string(cli.path("watched").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_refused_document_gives_way_to_the_one_in_force_so_that_an_envoy_that_starts_serves() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let accepted = watched(&cli, "usage-plan.yaml");
    for limit in [2000, 2001] {
        cli.write(&with_variable(limit, MISSING));
        let error = cli.not_published(1, &[&envoy]);
        assert!(error.contains("\nthe accepted file of version "), "{error}");
        assert!(error.contains(" is put back to watched/usage-plan.yaml\n"), "{error}");
        assert!(error.contains("\nthe refused one is watched/usage-plan.yaml.refused"), "{error}");
        assert_eq!(watched(&cli, "usage-plan.yaml"), accepted);
        let refused = watched(&cli, "usage-plan.yaml.refused");
        assert!(refused.contains(&format!("\"max_requests_per_second\":{limit}")), "{refused}");
        let path = cli.path("watched/usage-plan.yaml.refused");
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        assert_still_in_force(&envoy, 1000);
    }

    // This one is started on what the publication left.
    let started = Envoy::start(&cli.config());
    assert_in_force(&started, 1000);
    for limit in [1000, 3000] {
        cli.write(&document(limit));
        cli.published(&[&envoy, &started]);
        assert_in_force(&envoy, limit);
        assert_in_force(&started, limit);
    }
}

#[test]
fn the_answer_for_programs_says_what_is_in_the_file_and_where_the_refused_one_is() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let version = parse(&cli.done(&format!("{} --output json", publish(&[&envoy]))))["version"].clone();
    cli.write(&with_variable(2000, MISSING));
    let ran = cli.run(&format!("{} --output json", publish(&[&envoy])));
    assert_eq!(ran.status, 1, "{ran:?}");
    let published = parse(&ran.stderr)["error"]["published"].clone();
    assert_eq!(published["envoys"][0]["verdict"], "refused", "{published}");
    let put_back = &published["put_back"];
    assert_eq!(put_back["version"], version, "{published}");
    assert_eq!(put_back["refused"], "watched/usage-plan.yaml.refused");
    assert_eq!(put_back["envoys"][0]["verdict"], "accepted", "{published}");
}

#[test]
fn a_refused_file_that_no_envoy_was_asked_about_is_not_what_is_put_back() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    cli.published(&[&envoy]);
    let accepted = watched(&cli, "usage-plan.yaml");
    // As a publication leaves it that dies before it has an answer.
    cli.write(&with_variable(2000, MISSING));
    cli.published(&[]);
    assert_eq!(watched(&cli, "usage-plan.yaml.accepted"), accepted);
    // An Envoy that starts in the meantime has nothing in force; one that has, goes on.
    let started = Envoy::start(&cli.config());
    cli.write(&with_variable(2001, MISSING));
    let error = cli.not_published(1, &[&envoy, &started]);
    assert!(error.contains(" is put back to watched/usage-plan.yaml\n"), "{error}");
    assert_eq!(watched(&cli, "usage-plan.yaml"), accepted);
    assert_in_force(&envoy, 1000);
    assert_in_force(&started, 1000);
}

#[test]
fn what_some_envoys_accept_or_do_not_answer_to_stays_in_the_file() {
    const SECRET: &str = "USAGE_PLAN_SECRET_OF_ONE_ENVOY";
    let cli = Cli::with(&document(1000));
    let [with, without] =
        [Envoy::start(&cli.config().env(SECRET, "acme-secret-key-0001")), Envoy::start(&cli.config())];
    let [nobody] = testbed::ports::free_ports().expect("a free port");
    cli.write(&with_variable(2000, SECRET));
    for others in [admins(&[&with]), format!(" --admin 127.0.0.1:{nobody}")] {
        let ran = cli.run(&format!("{}{others}", publish(&[&without])));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains("\nthe file stays in watched/usage-plan.yaml: "), "{ran:?}");
        let file = watched(&cli, "usage-plan.yaml");
        assert!(file.contains(SECRET), "{file}");
    }
    assert_in_force(&with, 2000);
    assert_still_in_force(&without, 1000);

    // The Envoy that refused it is asked alone: what it accepted last is not lost.
    let error = cli.not_published(1, &[&without]);
    assert!(error.contains(" is put back to watched/usage-plan.yaml\n"), "{error}");
    assert_still_in_force(&without, 1000);
    assert_eq!(json!(watched(&cli, "usage-plan.yaml").contains(SECRET)), json!(false));
}
