//! The shipped files by themselves: what Prometheus' own tool says of them, and what the docs say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use testbed::{repository, skip};

/// Prometheus' own tool.
const PROMTOOL: &str = "promtool";

/// Whether there is a program of that name.
pub(super) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// A file of `envoy/observability`.
pub(super) fn shipped(name: &str) -> PathBuf {
    repository().join("envoy/observability").join(name)
}

/// A shipped YAML file as a tree, which is written as JSON: Prometheus and Envoy read that, too.
pub(super) fn read(name: &str) -> Value {
    let text = fs::read_to_string(shipped(name)).expect(name);
    serde_saphyr::from_str(&text).expect(name)
}

/// Runs `promtool` and returns its output.
fn promtool(arguments: [&str; 2], file: &Path) -> Output {
    Command::new(PROMTOOL).args(arguments).arg(file).output().expect(PROMTOOL)
}

#[test]
fn promtool_accepts_the_configuration_and_the_alerts() {
    if !is_installed(PROMTOOL) {
        return skip("promtool is missing");
    }
    for (arguments, file) in [(["check", "config"], "prometheus.yaml"), (["check", "rules"], "alerts.yaml")] {
        let output = promtool(arguments, &shipped(file));
        assert!(output.status.success(), "{output:?}");
    }
}

/// On counters that are made up, and with the times that are shipped.
#[test]
fn alerts_wait_as_long_as_they_say_and_pass_over_what_is_usual() {
    if !is_installed(PROMTOOL) {
        return skip("promtool is missing");
    }
    let tests = repository().join("tests/envoy/observability/alerts.yaml");
    let output = promtool(["test", "rules"], &tests);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_docs_have_a_section_for_every_alert() {
    let docs = fs::read_to_string(repository().join("docs/observability.md")).expect("the docs");
    let alerts = read("alerts.yaml");
    let rules = alerts["groups"][0]["rules"].as_array().expect("rules");
    let names: Vec<_> = rules.iter().map(|rule| rule["alert"].as_str().expect("a name")).collect();
    let sections: Vec<_> = docs.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(sections, names);
}
