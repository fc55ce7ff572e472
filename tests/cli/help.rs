//! Help, completions and exit codes of the command line as a whole.

use std::process::Command;

use crate::cli::{Cli, EXAMPLE, run};

#[test]
fn help_tells_the_exit_codes() {
    let help = Cli::empty().done(&["--help"]);
    for line in ["0  done", "1  refused", "2  the command line is wrong", "3  a file, or Envoy's"] {
        assert!(help.contains(line), "{help}");
    }
}

#[test]
fn a_command_line_that_is_wrong_exits_with_2_and_what_is_wrong_is_named() {
    let cli = Cli::empty();
    for (arguments, wrong) in [
        (["nonsense"].as_slice(), "'nonsense'"),
        (&["key"], "Usage: usage-plan key"),
        (&["key", "list", "--nonsense"], "'--nonsense'"),
        (&["completions", "tcsh"], "'tcsh'"),
    ] {
        let ran = cli.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
    }
}

#[test]
fn each_shell_that_is_installed_can_read_its_completions() {
    let cli = Cli::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = cli.done(&["completions", shell]);
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
fn completed(script: &std::path::Path, words: &[&str]) -> String {
    let asked = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
        _usage__plan usage-plan \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; echo \"${COMPREPLY[*]}\"";
    let mut bash = Command::new("bash");
    bash.args(["-c", asked, "bash"]).arg(script).arg("usage-plan").args(words);
    run(bash, "").stdout.trim().to_owned()
}

#[test]
fn bash_completes_every_word_of_a_command() {
    let cli = Cli::empty();
    let script = cli.path("completions.bash");
    std::fs::write(&script, cli.done(&["completions", "bash"])).expect("written");
    for (words, expected) in [
        (["ke"].as_slice(), "key"),
        (&["key", "ro"], "rotate"),
        (&["plan", "create", "--max"], "--max-requests-per-second"),
        (&["render", "--to", "ec"], "ecds"),
        (&["import", "ten"], "tencent"),
        (&["plan", "bind-e"], "bind-environment"),
    ] {
        assert_eq!(completed(&script, words), expected, "{words:?}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error_and_one_that_nobody_reads_is_none() {
    let cli = Cli::empty();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    for (arguments, expected) in [
        (
            ["key", "create", "--name", "acme"].as_slice(),
            "error: it is done, but the answer cannot be written: ",
        ),
        (&["schema"], "error: it is done, but the answer cannot be written: "),
        (&["schema", "--output", "json"], "{\n  \"error\": {"),
        (&["--help"], "error: the help cannot be written: "),
    ] {
        let output = cli.command(arguments).stdout(full()).output().expect("run");
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(error.starts_with(expected), "{error}");
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = cli.command(&["schema"]).stdout(writer).output().expect("run");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn errors_of_the_command_line_are_json_when_asked_for() {
    let cli = Cli::empty();
    for output in [["--output", "json"].as_slice(), &["--output=json"]] {
        let ran = cli.run(&[&["key", "create"], output].concat());
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).expect("JSON");
        assert_eq!((ran.status, &error["error"]["exit_code"]), (2, &2.into()));
        assert!(
            error["error"]["message"].as_str().is_some_and(|text| text.contains("--name <NAME>")),
            "{error}"
        );
    }
}

#[test]
fn what_is_printed_leaves_the_terminal_alone() {
    let cli = Cli::empty();
    cli.done(&["plan", "create", "--name", "gold", "--remark", "\x1b[31mred\x07"]);
    let shown = cli.done(&["plan", "show", "gold"]);
    assert!(shown.contains(r"\u{1b}[31mred\u{7}"), "{shown}");
}

#[test]
fn the_example_of_the_tests_is_the_readmes() {
    assert!(include_str!("../../README.md").contains(EXAMPLE));
}
