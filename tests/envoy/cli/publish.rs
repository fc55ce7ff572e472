//! What `publish` reports of each Envoy: whether it accepts what was published.

use std::fs;

use serde_json::Value;
use testbed::Envoy;

use super::{
    Cli, admins, assert_in_force, assert_still_in_force, call, document, publish, publish_within, send,
    with_variable,
};

#[test]
fn an_accepted_document_is_in_force_once_the_command_has_ended() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let report = cli.published(&[&envoy]);
    assert!(
        report.starts_with("unchanged ") && report.ends_with(&format!("{}: in force\n", envoy.admin())),
        "{report}"
    );
    for limit in [2000, 3000] {
        cli.write(&document(limit));
        let report = cli.published(&[&envoy]);
        assert!(report.starts_with("published ") && report.contains(": in force after "), "{report}");
        assert_in_force(&envoy, limit);
    }
}

#[test]
fn the_version_begins_with_the_digest_that_envoys_gauge_shows() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config().concurrency(2));
    let digest = || {
        let gauge = envoy.stats().expect("statistics")["wasmcustom.usage_plan_document_digest"].clone();
        format!("{:012x}", gauge.parse::<u64>().expect("a number"))
    };
    let published = || {
        let printed = cli.done(&format!("{} --output json", publish(&[&envoy])));
        let published: Value = serde_json::from_str(&printed).expect("JSON");
        let version = published["version"].as_str().expect("a version").split_once('-');
        version.expect("two parts").0.to_owned()
    };
    let first = published();
    assert_eq!(digest(), first);
    cli.write(&document(2000));
    let second = published();
    assert_ne!(first, second);
    assert_in_force(&envoy, 2000);
    assert_eq!(digest(), second);
    assert_eq!(
        envoy.metric("usage_plan_document_digest", &[]),
        u64::from_str_radix(&second, 16).expect("hexadecimal") as f64
    );
    cli.write(&with_variable(3000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    cli.not_published(1, &[&envoy]);
    assert_eq!(digest(), second);
}

#[test]
fn after_a_refusal_each_of_forty_publications_is_reported_as_accepted() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    cli.write(&with_variable(1000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    cli.not_published(1, &[&envoy]);
    for limit in 2001..2041 {
        cli.write(&document(limit));
        let report = cli.published(&[&envoy]);
        assert!(report.contains(": in force after "), "{report}");
    }
}

#[test]
fn a_document_that_only_envoy_can_refuse_is_reported_each_time_and_the_previous_one_stays_in_force() {
    const MISSING: &str = "USAGE_PLAN_NO_SUCH_VARIABLE";
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    cli.write(&with_variable(2000, MISSING));
    // Envoy counts the same file a second time as a success, whether or not it is in force.
    for again in 0..3 {
        let error = cli.not_published(1, &[&envoy]);
        assert!(error.contains("refused, and what was in force still is"), "{again}: {error}");
        assert!(error.contains(MISSING), "{again}: {error}");
        assert_still_in_force(&envoy, 1000);
    }
    // It does so too when any other file is renamed into the directory.
    let watched = cli.path("watched");
    fs::write(cli.path("other"), "").expect("written");
    fs::rename(cli.path("other"), watched.join("other")).expect("renamed");
    cli.not_published(1, &[&envoy]);
    // And when it did not notice that the file was changed meanwhile, because it was written in place.
    for _ in 0..2 {
        fs::write(watched.join("usage-plan.yaml"), "").expect("written");
        cli.not_published(1, &[&envoy]);
    }
    assert_still_in_force(&envoy, 1000);
    assert!(envoy.log().contains(&format!("has no variable \"{MISSING}\"")), "{}", envoy.log_end());
    for limit in [1000, 3000] {
        cli.write(&document(limit));
        cli.published(&[&envoy]);
        assert_in_force(&envoy, limit);
    }
}

#[test]
fn a_document_that_is_invalid_does_not_reach_envoy() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let attempts = || {
        let name = "extension_config_discovery.http_filter.usage_plan.update_attempt";
        envoy.stats().expect("statistics")[name].clone()
    };
    let before = attempts();
    cli.write(&document(0));
    let error = cli.not_published(1, &[&envoy]);
    assert!(error.contains("usage_plans[0].max_requests_per_second: "), "{error}");
    assert_still_in_force(&envoy, 1000);
    assert_eq!(attempts(), before);
}

#[test]
fn an_envoy_that_has_nothing_in_force_is_reported_and_serves_after_the_next_publication() {
    let cli = Cli::with(&with_variable(1000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    let envoy = Envoy::start(&cli.config());
    let error = cli.not_published(1, &[&envoy]);
    assert!(error.contains("\nthe file stays in watched/usage-plan.yaml: correct the document"), "{error}");
    assert!(error.contains("refused, and nothing is in force: it answers 503"), "{error}");
    assert_eq!(send(&envoy, &call()).status, 503);
    cli.write(&document(2000));
    cli.published(&[&envoy]);
    assert_in_force(&envoy, 2000);
}

#[test]
fn of_several_envoys_each_is_reported_by_itself() {
    const SECRET: &str = "USAGE_PLAN_SECRET_OF_ONE";
    let cli = Cli::with(&document(1000));
    let [with, mut without] =
        [Envoy::start(&cli.config().env(SECRET, "acme-secret-key-0001")), Envoy::start(&cli.config())];
    cli.write(&with_variable(2000, SECRET));
    let error = cli.not_published(1, &[&with, &without]);
    assert!(error.contains(&format!("{}: in force after ", with.admin())), "{error}");
    assert!(error.contains(&format!("{}: refused, ", without.admin())), "{error}");
    assert!(error.contains("\nthe file stays in watched/usage-plan.yaml: "), "{error}");
    assert_in_force(&with, 2000);
    assert_still_in_force(&without, 1000);

    without.stop().expect("ended");
    cli.write(&with_variable(3000, SECRET));
    let error = cli.not_published(3, &[&with, &without]);
    assert!(error.contains(": not every Envoy answers\n"), "{error}");
    assert!(error.contains(&format!("{}: in force after ", with.admin())), "{error}");
    assert_in_force(&with, 3000);
}

#[test]
fn an_envoy_that_does_not_read_the_file_delays_no_report_of_another() {
    let [cli, elsewhere] = [Cli::with(&document(1000)), Cli::with(&document(1000))];
    let [away, there] = [Envoy::start(&elsewhere.config()), Envoy::start(&cli.config())];
    // A machine that is too busy for one timeout is given a longer one.
    let in_time = [1000, 5000, 25_000].into_iter().find(|timeout| {
        cli.write(&document(1000 + timeout));
        let ran = cli.run(&publish_within(&format!("{timeout}ms"), &[&away, &there]));
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.contains(&format!("{}: has not read the file within ", away.admin())), "{ran:?}");
        let report = ran.stderr.split_once(&format!("{}: in force after ", there.admin()));
        let after = report.and_then(|(_, report)| report.split_once(" ms")?.0.parse::<u64>().ok());
        after.is_some_and(|after| after < *timeout)
    });
    assert!(
        in_time.is_some(),
        "the Envoy that reads the file is reported after the timeout of the other one"
    );
}

#[test]
fn a_directory_that_envoy_does_not_watch_is_reported_after_the_timeout() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    fs::create_dir(cli.path("elsewhere")).expect("made");
    // Long enough for the admin interface of a busy machine to answer.
    let ran = cli.run(&format!("publish --to elsewhere --timeout 3s{}", admins(&[&envoy])));
    assert_eq!(ran.status, 3, "{ran:?}");
    let hint = "has not read the file within 3s: does it watch this directory";
    assert!(ran.stderr.contains(hint), "{ran:?}");
}
