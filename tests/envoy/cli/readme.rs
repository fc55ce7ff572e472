//! The lines of the README that make a gateway, run as they stand there.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testbed::ports::{Ports, local};
use testbed::{Envoy, Version, module, repository};

use super::init::upstream;

/// The address in the README, which another Envoy may use here.
const ADDRESS: &str = "127.0.0.1:10000";

/// The blocks of code of the README's section on the command line.
fn blocks() -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("read");
    let section = readme.split("\n## The command line\n").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let blocks = section.split("\n```").skip(1).step_by(2);
    blocks.map(|block| block.trim_start_matches("sh").to_owned()).collect()
}

/// A directory with the programs that the lines run.
fn programs(directory: &Path) -> PathBuf {
    let programs = directory.join("programs");
    std::fs::create_dir(&programs).expect("made");
    symlink(env!("CARGO_BIN_EXE_usage-plan"), programs.join("usage-plan")).expect("linked");
    programs
}

/// Runs lines of a shell, which end at the first one that fails.
fn run(lines: &str, directory: &Path, programs: &Path, variables: &[(&str, String)]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-euc", lines]).current_dir(directory).env("PATH", format!("{}:{path}", programs.display()));
    shell.envs(variables.iter().map(|(name, value)| (name, value))).output().expect("a shell")
}

#[test]
fn the_lines_of_the_readme_make_a_gateway_that_lets_a_signed_call_through() {
    let [init, rest] = &blocks()[..] else { panic!("two blocks: {:?}", blocks()) };
    let directory = tempfile::tempdir().expect("a directory");
    let programs = programs(directory.path());
    let ports = Ports::free().expect("free ports");
    let (listen, admin) = (local(ports.ingress), local(ports.admin));
    // The module that an installed program has in it, and addresses that nobody uses.
    let variables = [
        ("USAGE_PLAN_MODULE", module().display().to_string()),
        ("USAGE_PLAN_ENVOY", Version::of_envoy().expect("an Envoy").name()),
        ("USAGE_PLAN_LISTEN", listen.to_string()),
        ("USAGE_PLAN_ADMIN", admin.to_string()),
        ("USAGE_PLAN_UPSTREAM", upstream().to_string()),
    ];
    let [init, start] = &init.trim().lines().collect::<Vec<_>>()[..] else { panic!("two lines: {init}") };
    let made = run(init, directory.path(), &programs, &variables);
    assert!(made.status.success(), "{made:?}");

    let started = start.split(" #").next().unwrap_or_default().trim();
    let bootstrap = started.strip_prefix("envoy -c ").expect("Envoy is started");
    let envoy = Envoy::of_file(&directory.path().join(bootstrap), listen, admin);
    let _envoy = envoy.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rest.matches(ADDRESS).count(), 1, "{rest}");
    let called = run(&rest.replace(ADDRESS, &listen.to_string()), directory.path(), &programs, &[]);
    let output = String::from_utf8_lossy(&called.stdout);
    assert!(called.status.success(), "{called:?}");
    for expected in ["HTTP/1.1 200 OK", "x-usageplan-ratelimit: 999/1000", "x-usageplan-quota: 99999/100000"]
    {
        assert!(output.contains(expected), "{output}");
    }
}
