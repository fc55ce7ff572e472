//! Every command of the docs, run as it is written beside a real Envoy. What it prints is compared with what
//! the page shows.
//!
//! Each section of a page begins in a directory of its own with a document that has what the section talks
//! about (see [`section`]). Addresses and directories of the page are replaced by those of the test's Envoy.

mod page;
mod section;
mod shell;

use std::fs;

use testbed::markdown::blocks;
use testbed::repository;
use testbed::transcript::compare;

use self::page::Step;
use self::section::Section;
use self::shell::Shell;

/// The command that tests/dist runs, because it needs an installed manual.
const ELSEWHERE: &str = "man usage-plan-key-rotate";

/// The pages with commands that this test does not walk, and where they are run.
const OTHER_PAGES: [(&str, &str); 8] = [
    ("console.md", "tests/console"),
    ("engine.md", "tests/engine/docs.rs"),
    ("fleet.md", "tests/envoy/fleet/upgrade.rs"),
    ("management-api.md", "tests/server/life.rs"),
    ("native.md", "tests/envoy/native.rs"),
    ("observability.md", "tests/envoy/observability"),
    ("serve.md", "tests/server/xds.rs"),
    ("signing.md", "tests/envoy/signing.rs"),
];

/// Walks a page; what differs from it, a paragraph each.
fn walk(path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut section, mut shell) = (Section::default(), None);
    for step in page::read(path) {
        if section.heading != step.heading || shell.is_none() {
            section = Section::of(&step.heading);
            shell = Some(Shell::new(&section));
        }
        let Some(shell) = &mut shell else { continue };
        faults.extend(
            run(&section, shell, &step).into_iter().map(|fault| format!("{path}, {}: {fault}", step.heading)),
        );
    }
    faults
}

/// Runs the commands of a step; what is not as the page says.
fn run(section: &Section, shell: &mut Shell, step: &Step) -> Vec<String> {
    let mut faults = Vec::new();
    let mut printed = String::new();
    for command in &step.commands {
        if command == ELSEWHERE {
            continue;
        }
        let ran = shell.run(command);
        let expected = section.status(command);
        if ran.status != expected {
            faults.push(format!(
                "`{command}` exits with {} and not with {expected}:\n{}",
                ran.status, ran.text
            ));
        }
        printed.push_str(&ran.text);
    }
    if let Some(answer) = &step.answer
        && let Err(difference) = compare(answer, &printed, section.numbers)
    {
        faults.push(format!("`{}`:\n{difference}", step.commands.join("\n")));
    }
    faults
}

#[track_caller]
fn assert_holds(path: &str) {
    let faults = walk(path);
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn every_command_of_the_page_about_the_command_line_does_what_the_page_shows() {
    assert_holds("docs/command-line.md");
}

#[test]
fn every_command_of_the_page_for_operators_works() {
    assert_holds("docs/operating.md");
}

#[test]
fn no_page_of_the_docs_has_commands_that_no_test_runs() {
    let pages = fs::read_dir(repository().join("docs")).expect("docs");
    let names = pages.map(|page| page.expect("a file").file_name().into_string().expect("a name"));
    let has_commands = |name: &String| {
        let text = fs::read_to_string(repository().join("docs").join(name)).unwrap_or_default();
        let blocks = blocks(&text);
        blocks.iter().any(|block| ["sh", "bash"].contains(&block.language))
    };
    let mut found: Vec<String> = names.filter(has_commands).collect();
    found.sort();
    let mut known = vec!["command-line.md", "operating.md"];
    known.extend(OTHER_PAGES.map(|(page, _)| page));
    known.sort_unstable();
    assert_eq!(found, known);
}
