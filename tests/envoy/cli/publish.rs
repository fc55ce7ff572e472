//! Whether Envoy takes what is published, as the command tells it.

use std::fs;

use serde_json::{Value, json};
use testbed::Envoy;

use super::{Place, call, document, limit, send};

/// `document` with the key's secret in a variable of Envoy's environment.
fn with_variable(limit: u64, variable: &str) -> Value {
    let mut document = document(limit);
    document["keys"][0] = json!({"name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": variable});
    document
}

/// That calls are told `expected`, on every worker sooner or later.
fn assert_in_force(envoy: &Envoy, expected: u64) {
    for _ in 0..20 {
        assert_eq!(limit(&send(envoy, &call())), expected);
    }
}

#[test]
fn an_accepted_document_is_in_force_when_the_command_ends() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    let told = place.published(&[&envoy]);
    assert!(
        told.starts_with("unchanged ") && told.ends_with(&format!("{}: in force\n", envoy.admin())),
        "{told}"
    );
    for limit in [2000, 3000] {
        place.write(&document(limit));
        let told = place.published(&[&envoy]);
        assert!(told.starts_with("published ") && told.contains(": in force after "), "{told}");
        assert_in_force(&envoy, limit);
    }
}

#[test]
fn after_a_refusal_each_of_forty_publications_is_told_as_what_it_is() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    place.write(&with_variable(1000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    place.not_published(1, &[&envoy]);
    for limit in 2001..2041 {
        place.write(&document(limit));
        let told = place.published(&[&envoy]);
        assert!(told.contains(": in force after "), "{told}");
    }
}

#[test]
fn a_document_that_only_envoy_can_refuse_is_told_each_time_and_the_one_before_it_stays_in_force() {
    const MISSING: &str = "USAGE_PLAN_NO_SUCH_VARIABLE";
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    place.write(&with_variable(2000, MISSING));
    // Envoy takes the same file a second time for a success, whether or not it is in force.
    for again in 0..3 {
        let error = place.not_published(1, &[&envoy]);
        assert!(error.contains("refused, and what was in force still is"), "{again}: {error}");
        assert!(error.contains(MISSING), "{again}: {error}");
        assert_in_force(&envoy, 1000);
    }
    // So it does when anything else is renamed into the directory.
    let watched = place.directory.path().join("watched");
    fs::write(place.directory.path().join("other"), "").expect("written");
    fs::rename(place.directory.path().join("other"), watched.join("other")).expect("renamed");
    place.not_published(1, &[&envoy]);
    // And when it did not notice what was there meanwhile, because that was written in place.
    for _ in 0..2 {
        fs::write(watched.join("usage-plan.yaml"), "").expect("written");
        place.not_published(1, &[&envoy]);
    }
    assert_in_force(&envoy, 1000);
    assert!(envoy.log().contains(&format!("has no variable \"{MISSING}\"")), "{}", envoy.log_end());
    for limit in [1000, 3000] {
        place.write(&document(limit));
        place.published(&[&envoy]);
        assert_in_force(&envoy, limit);
    }
}

#[test]
fn a_document_that_is_invalid_does_not_reach_envoy() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    let read = || {
        envoy.stats().expect("statistics")["extension_config_discovery.http_filter.usage_plan.update_attempt"]
            .clone()
    };
    let before = read();
    place.write(&document(0));
    let error = place.not_published(1, &[&envoy]);
    assert!(error.contains("usage_plans[0].max_requests_per_second: "), "{error}");
    assert_in_force(&envoy, 1000);
    assert_eq!(read(), before);
}

#[test]
fn an_envoy_that_has_nothing_in_force_is_told_and_taken_out_of_it() {
    let place = Place::new(&with_variable(1000, "USAGE_PLAN_NO_SUCH_VARIABLE"));
    let envoy = Envoy::start(&place.config());
    let error = place.not_published(1, &[&envoy]);
    assert!(error.contains("refused, and nothing is in force: it answers 500"), "{error}");
    assert_eq!(send(&envoy, &call()).status, 500);
    place.write(&document(2000));
    place.published(&[&envoy]);
    assert_in_force(&envoy, 2000);
}

#[test]
fn of_several_envoys_each_says_what_it_makes_of_the_file() {
    const SECRET: &str = "USAGE_PLAN_SECRET_OF_ONE";
    let place = Place::new(&document(1000));
    let [with, mut without] =
        [Envoy::start(&place.config().env(SECRET, "acme-secret-key-0001")), Envoy::start(&place.config())];
    place.write(&with_variable(2000, SECRET));
    let error = place.not_published(1, &[&with, &without]);
    assert!(error.contains(&format!("{}: in force after ", with.admin())), "{error}");
    assert!(error.contains(&format!("{}: refused, ", without.admin())), "{error}");
    assert_in_force(&with, 2000);
    assert_in_force(&without, 1000);

    without.stop().expect("ended");
    place.write(&with_variable(3000, SECRET));
    let error = place.not_published(3, &[&with, &without]);
    assert!(error.contains(": not every Envoy answers\n"), "{error}");
    assert!(error.contains(&format!("{}: in force after ", with.admin())), "{error}");
    assert_in_force(&with, 3000);
}

#[test]
fn an_envoy_that_does_not_read_the_file_delays_no_report_of_another() {
    const TIMEOUT: u64 = 3000;
    let [place, elsewhere] = [Place::new(&document(1000)), Place::new(&document(1000))];
    let [away, there] = [Envoy::start(&elsewhere.config()), Envoy::start(&place.config())];
    place.write(&document(2000));
    let mut command = place.publish(&[&away, &there]);
    command.extend(["--timeout".to_owned(), format!("{TIMEOUT}ms")]);
    let ran = place.run(&command);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains(&format!("{}: has not read the file within ", away.admin())), "{ran:?}");
    let told = ran.stderr.split_once(&format!("{}: in force after ", there.admin()));
    let after = told.and_then(|(_, told)| told.split_once(" ms")?.0.parse::<u64>().ok());
    assert!(after.is_some_and(|after| after < TIMEOUT), "{ran:?}");
}

#[test]
fn a_directory_that_envoy_does_not_watch_is_told_after_the_timeout() {
    let place = Place::new(&document(1000));
    let envoy = Envoy::start(&place.config());
    fs::create_dir(place.directory.path().join("elsewhere")).expect("made");
    let admin = envoy.admin().to_string();
    let command = ["publish", "--to", "elsewhere", "--admin", &admin, "--timeout", "300ms"];
    let ran = place.usage_plan.run(&command).expect("run");
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(
        ran.stderr.contains("has not read the file within 300ms: does it watch this directory"),
        "{ran:?}"
    );
}
