//! This repository keeps its house rules.

use std::path::{Path, PathBuf};
use std::process::Command;

use tidy::tree::Tree;
use tidy::{
    Fault, circles, citations, layout, members, rooms, schema, threats, translation, unsafe_code, uses,
    wording,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tree() -> Tree {
    let tree = Tree::read(&root()).expect("the repository can be read");
    // An empty tree keeps every rule.
    assert!(tree.rust().count() > 100, "{}", tree.rust().count());
    tree
}

/// Cargo's answer, about the dependencies that Cargo.lock names.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(root())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

#[track_caller]
fn holds(faults: &[Fault]) {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), lines.join("\n"));
}

#[test]
fn members_use_each_other_in_one_direction() {
    let members = members::read(&cargo(&["metadata", "--no-deps", "--format-version", "1"]));
    assert!(members.len() > 5, "{members:?}");
    holds(&members::direction(&members));
}

#[test]
fn every_file_is_part_of_a_crate() {
    let roots = uses::roots(&tree());
    assert!(roots.len() > 10, "{roots:?}");
    let metadata = ["metadata", "--no-deps", "--format-version", "1"];
    // The programs of libFuzzer are a workspace of their own.
    let libfuzzer = ["--manifest-path", "tests/fuzz/libfuzzer/Cargo.toml"];
    let workspaces = [cargo(&metadata), cargo(&[&metadata[..], &libfuzzer].concat())];
    holds(&members::unbuilt(&roots, &workspaces));
}

#[test]
fn no_crate_stands_behind_a_member_that_does_not_belong_there() {
    // Core and the filter are judged as the module is built: native trees differ between machines.
    let module = ["--target", "wasm32-wasip1"];
    let native: [&str; 0] = [];
    for (member, target) in [
        ("usage-plan-core", &module[..]),
        ("envoy-usage-plan", &module[..]),
        // It has what core has on Linux, which is a little less than core may have.
        ("envoy-usage-plan-module", &native),
        ("usage-plan-manage", &native),
        ("usage-plan-engine", &native),
        ("usage-plan", &native),
    ] {
        let asked =
            ["tree", "-p", member, "-e", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
        let printed = cargo(&[&asked, target].concat());
        let crates: Vec<&str> = printed.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(crates.contains(&member), "{printed}");
        holds(&members::behind(member, crates.into_iter().filter(|name| !name.is_empty())));
    }
}

#[test]
fn rooms_use_each_other_in_one_direction() {
    let uses = uses::all(&tree());
    assert!(uses.len() > 100, "{}", uses.len());
    holds(&rooms::check(&rooms::PLANS, &uses));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    holds(&circles::check(&uses::all(&tree())));
}

#[test]
fn every_file_is_laid_out_by_the_rules() {
    holds(&layout::check(&tree()));
}

#[test]
fn every_citation_has_a_target() {
    holds(&citations::check(&tree()));
}

#[test]
fn unsafe_code_is_at_the_abi_alone() {
    holds(&unsafe_code::check(&tree()));
}

#[test]
fn the_tests_of_the_threat_model_exist() {
    holds(&threats::check(&tree()));
}

#[test]
fn the_translation_is_in_step() {
    holds(&translation::check(&tree()));
}

#[test]
fn the_tables_of_the_document_have_the_fields_of_the_schema() {
    holds(&schema::check(&tree()).expect("the schema is JSON"));
}

#[test]
fn no_text_has_to_be_decoded() {
    holds(&wording::check(&tree()));
}

#[test]
fn the_page_of_costs_is_made_from_what_was_measured() {
    let check = Command::new("python3").args(["tests/bench", "check"]).current_dir(root()).output();
    let output = check.expect("python3 can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
