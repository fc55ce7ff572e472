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

/// What a shell offers for `words`, the last of which is being typed.
type Ask = fn(words: &str) -> String;

/// Each shell with a script that loads the completions from the file `script`, and asks for those of `words`.
const SHELLS: [(&str, Ask); 3] = [
    ("bash", |words| {
        format!(
            "source ./script; COMP_WORDS=(usage-plan {words}); [[ '{words}' == *' ' ]] && COMP_WORDS+=(''); \
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _clap_complete_usage_plan usage-plan \"${{COMP_WORDS[COMP_CWORD]}}\" ''; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
    }),
    ("zsh", |words| {
        // Outside of its line editor, zsh has no completion system: these stand for its parts.
        format!(
            "compdef() {{ :; }}; _describe() {{ local name=$3; print -rl -- ${{${{(P)name}}%%:*}}; }}; \
             words=(usage-plan ${{=:-{words}}}); [[ '{words}' == *' ' ]] && words+=(''); CURRENT=$#words; \
             source ./script; _clap_dynamic_completer_usage_plan"
        )
    }),
    ("fish", |words| format!("source ./script; complete --do-complete 'usage-plan {words}'")),
];

/// What a shell offers, a line each; `None` when it is not installed.
fn offered(cli: &Cli, shell: &str, ask: Ask, words: &str) -> Option<Vec<String>> {
    cli.write("script", cli.done(&format!("completions {shell}")));
    let binary = Path::new(env!("CARGO_BIN_EXE_usage-plan")).parent().expect("a directory");
    let path = std::env::var("PATH").expect("a path");
    let mut command = Command::new(shell);
    command.args(["-c", &ask(words)]).current_dir(cli.path("")).env_remove("USAGE_PLAN_FILE");
    command.env("PATH", format!("{}:{path}", binary.display())).env("HOME", cli.path(""));
    if let Err(error) = Command::new(shell).arg("--version").output() {
        assert!(shell != "bash", "{shell}: {error}");
        testbed::skip(format_args!("{shell} is not installed"));
        return None;
    }
    let ran = run(command, "");
    assert!(ran.stderr.is_empty(), "{shell}, {words}: {}", ran.stderr);
    // fish writes a description behind a tab.
    let word = |line: &str| line.split('\t').next().unwrap_or_default().trim().to_owned();
    Some(ran.stdout.lines().map(word).filter(|word| !word.is_empty()).collect())
}

#[test]
fn each_shell_completes_commands_flags_and_values() {
    let cli = Cli::empty();
    for (shell, ask) in SHELLS {
        for (words, expected) in [
            ("ke", "key"),
            ("key ro", "rotate"),
            ("plan create --max", "--max-requests-per-second"),
            ("render --to ec", "ecds"),
            ("import ten", "tencent"),
            ("plan bind-e", "bind-environment"),
        ] {
            if let Some(offered) = offered(&cli, shell, ask, words) {
                assert_eq!(offered, [expected], "{shell}: {words}");
            }
        }
    }
}

#[test]
fn each_shell_completes_the_names_of_the_document() {
    let cli = Cli::with(EXAMPLE);
    cli.write("other.json", EXAMPLE.replace("\"acme\"", "\"zenith\""));
    for (shell, ask) in SHELLS {
        for (words, expected) in [
            ("key show a", "acme"),
            ("key rotate be", "beta"),
            ("sign http://orders.example.com/ --key ac", "acme"),
            ("plan bind-key g", "gold"),
            ("plan bind-key gold acme be", "beta"),
            ("service edit o", "orders"),
            ("plan bind-environment gold o", "orders"),
            ("plan bind-environment gold orders rel", "release"),
            ("--file other.json key show z", "zenith"),
        ] {
            if let Some(offered) = offered(&cli, shell, ask, words) {
                assert_eq!(offered, [expected], "{shell}: {words}");
            }
        }
    }
}

#[test]
fn each_shell_completes_the_entries_of_the_log() {
    let cli = Cli::with(EXAMPLE);
    cli.done("key disable acme");
    let log = cli.json("log");
    let id = log[1]["id"].as_str().expect("an id");
    for (shell, ask) in SHELLS {
        for words in [
            format!("undo {}", &id[..4]),
            format!("log {}", &id[..4]),
            format!("--file other.json undo --log=usage-plans.json.log {}", &id[..4]),
        ] {
            if let Some(offered) = offered(&cli, shell, ask, &words) {
                assert_eq!(offered, [id], "{shell}: {words}");
            }
        }
    }
}

#[test]
fn a_document_that_cannot_be_read_disturbs_no_completion() {
    let cli = Cli::with("not JSON");
    for (shell, ask) in SHELLS {
        if let Some(offered) = offered(&cli, shell, ask, "key show a") {
            assert!(!offered.contains(&"acme".to_owned()), "{shell}: {offered:?}");
        }
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
