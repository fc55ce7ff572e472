//! A shell in a directory of its own, and an Envoy beside it where a section needs one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use testbed::console::{run, start};
use testbed::terminal::Terminal;
use testbed::{Config, Envoy, UsagePlan, Version, module};

use super::section::{HOST, Section, Served};

/// The directory and the addresses in the docs.
const WATCHED: &str = "/etc/envoy/usage-plan";
const ADMINS: [&str; 3] = ["127.0.0.1:9901", "10.0.0.1:9901", "10.0.0.2:9901"];
const INGRESS: &str = "127.0.0.1:10000";

/// The last entry of the log, and the one before it, as the docs call them.
const ENTRIES: [&str; 2] = ["f80wcf8n", "k29tz7ub"];

/// What a command reads that asks for a secret.
const SECRET: &[u8] = b"gamma-secret-key-0001\n";

/// A command that runs until Ctrl-C.
const SERVE: &str = "usage-plan serve";

/// How long a command may take that runs until it is ended, until it has printed a line.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Shell {
    directory: TempDir,
    envoy: Option<Envoy>,
}

/// How a command ended, and all that it printed.
pub(super) struct Ran {
    pub(super) status: i32,
    pub(super) text: String,
}

// === impl Shell ===

impl Shell {
    /// A directory with what the section talks about.
    pub(super) fn new(section: &Section) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        for made in ["programs", "watched", "work", "work/secrets"] {
            fs::create_dir(path(made)).expect("made");
        }
        symlink(env!("CARGO_BIN_EXE_usage-plan"), path("programs/usage-plan")).expect("linked");
        symlink(testbed::version::binary().expect("an Envoy"), path("programs/envoy")).expect("linked");
        if let Some(document) = &section.document {
            write(&path("work/usage-plans.json"), &format!("{document:#}\n"));
        }
        for (name, text) in &section.files {
            write(&path("work").join(name), text);
        }
        let mut shell = Self { directory, envoy: None };
        if section.envoy != Served::Nothing {
            shell.serve(section);
        }
        shell
    }

    /// Starts an Envoy on the document that the section begins with, and calls it.
    fn serve(&mut self, section: &Section) {
        let is_empty = section.envoy == Served::EmptyDocument;
        if is_empty {
            write(&self.path("work/empty.json"), "{}\n");
        }
        let file = if is_empty { "empty.json" } else { "usage-plans.json" };
        let published = self.run(&format!("usage-plan publish --file {file} --to {WATCHED}"));
        assert_eq!(published.status, 0, "{}", published.text);
        let envoy = Envoy::start(&Config::hot_reload().concurrency(2).watching(self.watched()));
        let connect = format!("connect-to = \"{HOST}:80:{}\"\n", envoy.ingress());
        write(&self.path("work/.curlrc"), &connect);
        section.call(&envoy);
        self.envoy = Some(envoy);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn watched(&self) -> PathBuf {
        self.path("watched")
    }

    /// Runs a command of the docs to its end; one that runs until Ctrl-C is ended when it has printed a line.
    pub(super) fn run(&self, command: &str) -> Ran {
        let mut line = command.replace(WATCHED, &self.watched().display().to_string());
        if let Some(envoy) = &self.envoy {
            let admin = envoy.admin().to_string();
            line = ADMINS.iter().fold(line, |line, shown| line.replace(shown, &admin));
            line = line.replace(INGRESS, &envoy.ingress().to_string());
        }
        for (shown, id) in ENTRIES.into_iter().zip(self.entries()) {
            line = line.replace(shown, &id);
        }
        if line.contains(" --watch") || line.starts_with(SERVE) {
            // On the page it listens where a reader finds it.
            let line = line.replace(SERVE, "usage-plan serve --listen 127.0.0.1:0");
            return self.watch(&line.replace("--xds", "--xds 127.0.0.1:0"));
        }
        let mut shell = self.command("bash");
        shell.args(["-c", &format!("exec 2>&1\n{line}")]);
        if line == "usage-plan edit" {
            // It edits on a terminal only.
            let (status, text) = Terminal::start(&shell, 80).expect("a terminal").end();
            return Ran { status, text };
        }
        // A command that reads nothing may have ended before its input is written.
        let input = if line.ends_with("--secret-key -") { SECRET } else { &[] };
        let ran = run(shell, input).unwrap_or_else(|error| panic!("{command}: {error}"));
        Ran { status: ran.status, text: ran.stdout }
    }

    /// The ids of the log's entries, the last one first.
    fn entries(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("work/usage-plans.json.log")).unwrap_or_default();
        let id = |line: &str| {
            let entry: Value = serde_json::from_str(line).expect("an entry");
            entry["id"].as_str().expect("an id").to_owned()
        };
        log.lines().rev().map(id).collect()
    }

    fn watch(&self, line: &str) -> Ran {
        let words = testbed::console::words(line.trim_start_matches("usage-plan "));
        let usage_plan = UsagePlan::new(self.path("programs/usage-plan"), self.path("work"));
        let mut command = usage_plan.command(&words);
        self.set_variables(&mut command);
        let mut running = start(command).expect("started");
        let first = running.line(PATIENCE);
        let status = running.stop().expect("ended");
        Ran { status: status.code().unwrap_or(-1), text: first.unwrap_or_default() + "\n" }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path("work"));
        self.set_variables(&mut command);
        command
    }

    fn set_variables(&self, command: &mut Command) {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.path("programs").display()));
        command.env("HOME", self.path("work")).env("CURL_HOME", self.path("work"));
        command.env("NO_COLOR", "1").env("EDITOR", "true").env_remove("VISUAL").env_remove("CI");
        command.env("USAGE_PLAN_MODULE", module()).env("ACME_SECRET_KEY", "acme-secret-key-0001");
        command.env("USAGE_PLAN_ENVOY", Version::of_envoy().expect("an Envoy").name());
        command.env_remove("USAGE_PLAN_FILE");
        if let Some(envoy) = &self.envoy {
            command.env("USAGE_PLAN_GATEWAY", format!("http://{}", envoy.ingress()));
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, private).expect("set");
}
