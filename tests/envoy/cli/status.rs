//! `usage-plan status` and `diff` say of a real Envoy what is so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use testbed::Envoy;

use super::{Cli, admins, call, document, send, with_variable};
use crate::until;

const MISSING: &str = "USAGE_PLAN_NO_SUCH_VARIABLE";

/// Envoy's count of refused files.
const REJECTED: &str = "extension_config_discovery.http_filter.usage_plan.update_rejected";

/// What `status` prints as JSON, which exits with `exit_code`.
fn status(cli: &Cli, exit_code: i32, options: &str) -> Value {
    let ran = cli.run(&format!("status --output json {options}"));
    assert_eq!((ran.status, ran.stderr.as_str()), (exit_code, ""), "{options}: {ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// The words for what is wrong with the first Envoy.
fn problems(status: &Value) -> Vec<&str> {
    let problems = status["envoys"][0]["problems"].as_array().expect("problems");
    problems.iter().map(|problem| problem["problem"].as_str().expect("a word")).collect()
}

#[test]
fn an_envoy_that_serves_the_document_here_is_well_and_one_that_serves_another_or_is_gone_is_not() {
    let cli = Cli::with(&document(1000));
    let mut envoy = Envoy::start(&cli.config().concurrency(2));
    let options = format!("--to watched {}", admins(&[&envoy]));
    let well = status(&cli, 0, &options);
    let shown = &well["envoys"][0];
    assert_eq!((&shown["state"], &shown["workers"]), (&json!("LIVE"), &json!(2)), "{well}");
    assert_eq!(shown["document"]["digest"], well["document"]["digest"]);
    let version = shown["document"]["version"].as_str().expect("a version");
    assert!(version.starts_with(well["document"]["digest"].as_str().expect("a digest")), "{well}");
    assert!(shown["document"]["accepted_at"].is_string(), "{well}");
    cli.done(&format!("diff {}", admins(&[&envoy])));
    cli.done("diff --to watched");

    cli.write(&document(2000));
    let differs = status(&cli, 1, &options);
    assert_eq!(problems(&differs), ["differs"], "{differs}");
    let ran = cli.run(&format!("diff {}", admins(&[&envoy])));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("-      \"max_requests_per_second\": 1000,"), "{ran:?}");
    assert!(ran.stdout.contains("\n+      \"max_requests_per_second\": 2000,"), "{ran:?}");
    assert!(!ran.stdout.contains("acme-secret"), "a secret is shown: {ran:?}");
    cli.published(&[&envoy]);
    status(&cli, 0, &options);

    envoy.stop().expect("ended");
    let gone = status(&cli, 3, &options);
    assert!(gone["envoys"][0]["error"].is_string(), "{gone}");
}

#[test]
fn a_refused_document_is_named_with_what_it_needs_and_so_is_an_envoy_that_starts_with_it() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    // As a publication leaves it that asks no Envoy.
    cli.write(&with_variable(1000, MISSING));
    cli.published(&[]);
    let options = format!("--to watched {}", admins(&[&envoy]));
    until(|| envoy.stats().expect("statistics")[REJECTED].clone(), |count| count != "0");
    let refused = status(&cli, 1, &options);
    assert_eq!(problems(&refused), ["refused"], "{refused}");
    assert_eq!(refused["envoys"][0]["refused"]["is_published"], true, "{refused}");
    assert_eq!(refused["envoys"][0]["refused"]["variables"], json!([MISSING]));
    assert_eq!(refused["envoys"][0]["refused"]["variables_withheld"], json!([]));
    assert_eq!(refused["envoys"][0]["document"]["in_force"], true);
    assert_eq!(send(&envoy, &call()).status, 200);

    let started = Envoy::start(&cli.config());
    assert_eq!(send(&started, &call()).status, 503);
    let none = status(&cli, 1, &admins(&[&started]));
    assert_eq!(problems(&none), ["no_document", "refused"], "{none}");
    let text = cli.run(&format!("status{}", admins(&[&started]))).stdout;
    assert!(text.contains("\n  document   none\n"), "{text}");
    assert!(text.contains(&format!("whether its environment has the variables {MISSING}")), "{text}");

    cli.write(&document(1000));
    cli.published(&[&envoy, &started]);
    status(&cli, 0, &format!("--to watched {}", admins(&[&envoy, &started])));
}

#[test]
fn the_document_here_is_said_to_be_refused_also_when_the_accepted_file_was_put_back() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config());
    let options = format!("--to watched {}", admins(&[&envoy]));
    cli.write(&with_variable(2000, MISSING));
    cli.not_published(1, &[&envoy]);
    let refused = status(&cli, 1, &options);
    assert_eq!(problems(&refused), ["refused"], "{refused}");
    let shown = &refused["envoys"][0]["refused"];
    assert_eq!(shown["digest"], refused["document"]["digest"], "{refused}");
    assert_eq!((&shown["is_here"], &shown["is_published"]), (&json!(true), &json!(false)), "{refused}");
    assert_eq!(shown["variables"], json!([MISSING]));
    assert_eq!(refused["envoys"][0]["document"]["is_here"], false, "{refused}");

    // Another document was not refused, though the refused file is still there.
    cli.write(&document(3000));
    assert_eq!(problems(&status(&cli, 1, &options)), ["differs"]);
    cli.published(&[&envoy]);
    status(&cli, 0, &options);
}

#[test]
fn what_the_guard_refuses_is_wrong_while_it_does_and_shown_afterwards() {
    let cli = Cli::with(&document(1000));
    let envoy = Envoy::start(&cli.config().edit(|tree| {
        let ingress = &mut tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
        let host: &mut Value = &mut ingress["typed_config"]["route_config"]["virtual_hosts"][0];
        let off =
            json!({"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": true});
        host["typed_per_filter_config"]["usage_plan"] = off;
    }));
    let is_over = AtomicBool::new(false);
    assert_eq!(send(&envoy, &call()).status, 503);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                send(&envoy, &call());
            }
        });
        let refusing = status(&cli, 1, &format!("--for 2s {}", admins(&[&envoy])));
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(problems(&refusing), ["guard_refuses"], "{refusing}");
    });
    let after = status(&cli, 0, &format!("--for 10ms {}", admins(&[&envoy])));
    assert!(after["envoys"][0]["guard_refusals"].as_u64() > Some(1), "{after}");
}
