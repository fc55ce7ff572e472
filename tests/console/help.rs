//! Help, completions and exit codes of the command line as a whole.

use std::process::Command;

use crate::cli::{Cli, run};

#[test]
fn help_tells_the_exit_codes() {
    let help = Cli::empty().done(&["--help"]);
    for line in ["0  done", "1  refused", "2  the command line is wrong", "3  a file, or Envoy's"] {
        assert!(help.contains(line), "{help}");
    }
}

#[test]
fn a_command_line_that_is_wrong_exits_with_2() {
    let cli = Cli::empty();
    for arguments in
        [["nonsense"].as_slice(), &["key"], &["key", "list", "--nonsense"], &["completions", "tcsh"]]
    {
        let ran = cli.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains("usage-plan") || ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}

/// That fish and zsh can read theirs is only known where they are installed; that every command is in it, everywhere.
#[test]
fn completions_know_every_command_and_the_shell_can_read_them() {
    let cli = Cli::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = cli.done(&["completions", shell]);
        for command in ["bind-environment", "completions", "rotate", "--overlap"] {
            assert!(script.contains(command.trim_start_matches('-')), "{shell}: {command}");
        }
        let mut reads = Command::new(shell);
        reads.arg("-n");
        match reads.output() {
            Ok(_) => assert_eq!(run(reads, &script).status, 0, "{shell}"),
            Err(error) => assert!(shell != "bash", "{shell}: {error}"),
        }
    }
}
