//! What is in the archive works where it is unpacked.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::dist::{Unpacked, file, files, printed, ran};

/// A file system with the command line of the archive, and nothing else.
struct Alone(TempDir);

// === impl Alone ===

impl Alone {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let unpacked = Unpacked::new();
        fs::copy(unpacked.path("bin/usage-plan"), root.path().join("usage-plan")).expect("copied");
        Self(root)
    }

    /// What the command prints.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let is_root = printed(Command::new("id").arg("-u")).trim() == "0";
        let as_root: &[&str] = if is_root { &[] } else { &["unshare", "--user", "--map-root-user"] };
        // Without variables, too: `env` empties the environment and `chroot` the file system.
        let mut command = Command::new("env");
        command.args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]).args(as_root).arg("chroot");
        printed(command.arg(self.0.path()).arg("/usage-plan").args(arguments))
    }
}

#[test]
fn the_command_line_runs_where_there_is_nothing_else() {
    let alone = Alone::new();
    let version = alone.run(&["--version"]);
    let expected = format!("usage-plan {}", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&expected), "{version}");
    let key = alone.run(&["key", "create", "--name", "acme"]);
    assert!(key.contains("secret_key "), "{key}");
    assert!(alone.run(&["check"]).contains("valid"));
}

#[test]
fn every_page_of_the_manual_is_found_and_read_without_a_warning() {
    let unpacked = Unpacked::new();
    let pages = files(&unpacked.path("share/man/man1"));
    assert!(pages.len() > 30, "{pages:?}");
    let man = || {
        let mut man = Command::new("man");
        man.env("LC_ALL", "C.UTF-8")
            .env("MANWIDTH", "100")
            .env("MAN_KEEP_STDERR", "1")
            .env("MANPAGER", "cat");
        man
    };
    for page in &pages {
        let (text, warnings) = ran(man().args(["--warnings", "--local-file"]).arg(page));
        assert!(text.contains("SYNOPSIS"), "{}: {text}", page.display());
        assert_eq!(warnings, "", "{}", page.display());
    }
    let found = printed(man().arg("-M").arg(unpacked.path("share/man")).arg("usage-plan-key-rotate"));
    assert!(found.contains("--overlap"), "{found}");
}

#[test]
fn the_command_line_has_the_module_that_is_beside_it() {
    let alone = Alone::new();
    alone.run(&["init", "/gateway"]);
    let written = fs::read(alone.0.path().join("gateway/envoy_usage_plan.wasm")).expect("read");
    let module = file("envoy_usage_plan.wasm");
    assert!(written == fs::read(&module).expect("read"), "`init` writes another module");
    let digest = printed(Command::new("sha256sum").arg(module));
    let digest = digest.split(' ').next().expect("a digest");
    let version = alone.run(&["--version"]);
    assert!(version.contains(&format!("\nmodule sha256:{digest}\n")), "{version}");
}

/// What a shell prints for a script, whose `$1` (in fish, `$argv[1]`) is the folder `share`.
#[track_caller]
fn in_shell(shell: &[&str], script: &str, prefix: &Path) -> String {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", script]);
    // The word after the script is the name of the shell itself, but not in fish.
    if shell[0] != "fish" {
        command.arg(shell[0]);
    }
    // fish completes the words of commands that there are.
    let path = format!("{}:{}", prefix.join("bin").display(), std::env::var("PATH").expect("a path"));
    printed(command.arg(prefix.join("share")).env("PATH", path).env("HOME", prefix))
}

#[test]
fn each_shell_finds_its_completions() {
    let unpacked = Unpacked::new();
    let prefix = unpacked.path("");
    let bash = "source \"$1/bash-completion/completions/usage-plan\"; complete -p usage-plan; \
        COMP_WORDS=(usage-plan ke); COMP_CWORD=1; _clap_complete_usage_plan usage-plan ke usage-plan; \
        echo \"${COMPREPLY[*]}\"";
    let found = in_shell(&["bash", "--norc"], bash, &prefix);
    assert!(
        found.starts_with("complete ") && found.contains(" -F _clap_complete_usage_plan usage-plan\n"),
        "{found}"
    );
    assert_eq!(found.lines().last(), Some("key"), "{found}");
    let zsh = "fpath=($1/zsh/site-functions $fpath); autoload -Uz compinit; compinit -D -u; \
        echo $_comps[usage-plan]; _describe() { local name=$3; print -rl -- ${${(P)name}%%:*}; }; \
        words=(usage-plan key ro); CURRENT=3; _usage-plan";
    let found = in_shell(&["zsh", "-f"], zsh, &prefix);
    assert_eq!(found, "_usage-plan\nrotate\n");
    let fish =
        "set -p fish_complete_path $argv[1]/fish/vendor_completions.d; complete -C 'usage-plan key ro'";
    let found = in_shell(&["fish", "--no-config"], fish, &prefix);
    assert!(found.starts_with("rotate\t"), "{found}");
}

/// Whether Envoy takes the configuration `path` of the archive, and what it says.
fn envoy(unpacked: &Unpacked, path: &str) -> (bool, String) {
    let binary = std::env::var_os("ENVOY").expect("ENVOY: `make test-dist` names one");
    let mut envoy = Command::new(binary);
    envoy.args(["--mode", "validate", "-c", path]).current_dir(unpacked.path("share/usage-plan"));
    let output = envoy.env("ACME_SECRET_KEY", "acme-secret-key-0001").output().expect("Envoy runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn envoy_takes_the_configuration_with_the_module_beside_it() {
    let unpacked = Unpacked::new();
    let (valid, log) = envoy(&unpacked, "envoy/envoy.yaml");
    assert!(valid, "{log}");
    fs::remove_file(unpacked.path("share/usage-plan/envoy_usage_plan.wasm")).expect("removed");
    let (valid, log) = envoy(&unpacked, "envoy/envoy.yaml");
    assert!(!valid && log.contains("envoy_usage_plan.wasm"), "{log}");
}

#[test]
fn envoy_takes_the_configuration_with_the_native_module_beside_it() {
    let unpacked = Unpacked::new();
    let (valid, log) = envoy(&unpacked, "envoy/native/envoy.yaml");
    assert!(valid, "{log}");
    assert!(!log.contains("is deprecated"), "it is made for another ABI: {log}");
    fs::remove_file(unpacked.path("share/usage-plan/libenvoy_usage_plan.so")).expect("removed");
    let (valid, log) = envoy(&unpacked, "envoy/native/envoy.yaml");
    assert!(!valid && log.contains("libenvoy_usage_plan.so"), "{log}");
}

#[test]
fn the_native_module_needs_no_newer_c_library_than_its_page_says() {
    let library = fs::read(file("libenvoy_usage_plan.so")).expect("read");
    let names = String::from_utf8_lossy(&library);
    // The versions of the library's functions that it needs, as its table of names has them.
    let minor = |rest: &str| -> Option<u32> {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let newest = names.split("GLIBC_2.").skip(1).filter_map(minor).max().expect("a version");
    let page = include_str!("../../docs/native.md");
    assert!(page.contains(&format!("a glibc of **2.{newest}** or later")), "it needs glibc 2.{newest}");
}

#[test]
fn no_configuration_names_a_folder_of_the_sources() {
    let unpacked = Unpacked::new();
    let mut find = Command::new("grep");
    find.args(["-rc", "-e", "target/wasm32", "-e", "target/module"])
        .arg(unpacked.path("share/usage-plan/envoy"));
    let counts = String::from_utf8(find.output().expect("grep runs").stdout).expect("text");
    assert!(counts.lines().count() >= 7, "{counts}");
    assert!(counts.lines().all(|line| line.ends_with(":0")), "{counts}");
}
