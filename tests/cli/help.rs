//! Help, completions and exit codes of the command line as a whole.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::cli::{Cli, EXAMPLE, assert_contains, parse_json, repository, run};

#[test]
fn help_shows_the_exit_codes() {
    let help = Cli::empty().done("--help");
    for line in ["0  done", "1  refused", "2  the command line is wrong", "3  a file, or Envoy's"] {
        assert_contains(&help, line);
    }
}

#[test]
fn a_command_line_that_is_wrong_exits_with_2_and_what_is_wrong_is_named() {
    let cli = Cli::empty();
    for (line, wrong) in [
        ("nonsense", "'nonsense'"),
        ("key", "Usage: usage-plan key"),
        ("key list --nonsense", "'--nonsense'"),
        ("completions tcsh", "'tcsh'"),
    ] {
        assert_contains(&cli.fails(2, line), wrong);
    }
}

#[test]
fn each_shell_that_is_installed_can_read_its_completions() {
    let cli = Cli::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = cli.done(&format!("completions {shell}"));
        for word in ["bind-environment", "completions", "rotate", "overlap"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        let mut reads = Command::new(shell);
        reads.arg("-n");
        match reads.output() {
            Ok(_) => assert_eq!(run(reads, &script).status, 0, "{shell}"),
            Err(error) => {
                assert!(shell != "bash", "{shell}: {error}");
                testbed::skip(format_args!("{shell} is not installed"));
            }
        }
    }
}

/// What bash offers after these words, the last of which is being typed.
fn completed(script: &Path, words: &str) -> String {
    let asked = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
        _usage__plan usage-plan \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; \
        echo \"${COMPREPLY[*]}\"";
    let mut bash = Command::new("bash");
    bash.args(["-c", asked, "bash"]).arg(script).arg("usage-plan").args(words.split(' '));
    run(bash, "").stdout.trim().to_owned()
}

#[test]
fn bash_completes_every_word_of_a_command() {
    let cli = Cli::empty();
    let script = cli.path(cli.write("completions.bash", cli.done("completions bash")));
    for (words, expected) in [
        ("ke", "key"),
        ("key ro", "rotate"),
        ("plan create --max", "--max-requests-per-second"),
        ("render --to ec", "ecds"),
        ("import ten", "tencent"),
        ("plan bind-e", "bind-environment"),
    ] {
        assert_eq!(completed(&script, words), expected, "{words}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let cli = Cli::empty();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let not_written = "error: it is done, but the answer cannot be written: ";
    for (line, expected) in [
        ("key create --name acme", not_written),
        ("schema", not_written),
        ("schema --output json", "{\n  \"error\": {"),
        ("--help", "error: the help cannot be written: "),
    ] {
        let output = cli.command(line).stdout(full()).output().expect("run");
        assert_eq!(output.status.code(), Some(3), "{line}");
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(error.starts_with(expected), "{line}: {error}");
    }
}

#[test]
fn an_answer_that_nobody_reads_is_not_an_error() {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let output = Cli::empty().command("schema").stdout(writer).output().expect("run");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn errors_of_the_command_line_are_json_when_asked_for() {
    for output in ["--output json", "--output=json"] {
        let error = parse_json(&Cli::empty().fails(2, &format!("key create {output}")));
        assert_eq!(error["error"]["exit_code"], 2);
        assert_contains(error["error"]["message"].as_str().expect("text"), "--name <NAME>");
    }
}

#[test]
fn control_characters_of_the_document_do_not_reach_the_terminal() {
    let cli = Cli::empty();
    cli.done("plan create --name gold --remark '\x1b[31mred\x07'");
    assert_contains(&cli.done("plan show gold"), r"\u{1b}[31mred\u{7}");
}

#[test]
fn the_example_of_the_tests_is_the_one_of_the_readme() {
    let readme = std::fs::read_to_string(repository("README.md")).expect("read");
    assert_contains(&readme, EXAMPLE);
}
