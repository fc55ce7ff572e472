//! Where the story is told: the command line with its document, and an Envoy that follows it.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::story::Story;
use crate::config::Config;
use crate::console::{Running, UsagePlan};
use crate::envoy::Envoy;
use crate::error::{Context, Error, Result};
use crate::http::{Client, Request, Response};

/// Connections that are kept open from the first step to the last: Envoy has two workers to share them.
const CONNECTIONS: usize = 16;

/// How long an edit may take until it is in force.
const PROMISED: Duration = Duration::from_secs(2);

/// Between two rounds of calls: few enough to leave the plan's limit alone.
const PAUSE: Duration = Duration::from_millis(40);

/// The command line, in a directory of its own.
pub(super) struct Console<'o> {
    pub(super) story: Story<'o>,
    interrupted: &'o dyn Fn() -> bool,
    directory: TempDir,
    usage_plan: UsagePlan,
}

/// An Envoy that serves what the command line publishes.
pub(super) struct Stage<'o> {
    pub(super) console: Console<'o>,
    pub(super) envoy: Envoy,
    publishing: Running,
    /// Kept open all the time.
    connections: Vec<Client>,
    /// How many requests Envoy has answered, and how many of them with 200.
    pub(super) answered: usize,
    pub(super) passed: usize,
}

// === impl Console ===

impl<'o> Console<'o> {
    pub(super) fn new(binary: &Path, story: Story<'o>, interrupted: &'o dyn Fn() -> bool) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("usage-plan-").tempdir().context("a directory")?;
        let usage_plan = UsagePlan::new(binary, directory.path());
        Ok(Self { story, interrupted, directory, usage_plan })
    }

    /// A new step of the story, unless it was interrupted.
    pub(super) fn step(&mut self, title: &str) -> Result<()> {
        if (self.interrupted)() {
            return Err(Error::new("interrupted"));
        }
        self.story.step(title);
        Ok(())
    }

    /// A file in the directory.
    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// Runs a command, which must be done, and shows it with what it prints.
    pub(super) fn run(&mut self, command: &str) -> Result<String> {
        let (status, text) = self.try_run(command)?;
        match status {
            0 => Ok(text),
            status => Err(Error::new(format!("`usage-plan {command}` exits with {status}:\n{text}"))),
        }
    }

    /// Runs a command and shows it with what it prints; its exit code, and that.
    pub(super) fn try_run(&mut self, command: &str) -> Result<(i32, String)> {
        let (status, text) = self.execute(command)?;
        self.story.show(&text);
        Ok((status, text))
    }

    /// Explains a captured request, and shows what is wrong with it.
    pub(super) fn explain(&mut self, file: &str) -> Result<(i32, String)> {
        let (status, text) = self.execute(&format!("explain {file}"))?;
        let wrong: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("NO")).collect();
        self.story.show(format_args!("…\n{}", wrong.join("\n")));
        Ok((status, wrong.join("\n")))
    }

    fn execute(&mut self, command: &str) -> Result<(i32, String)> {
        self.story.say(format_args!("$ usage-plan {command}"));
        let ran = self.usage_plan.run(&words(command))?;
        Ok((ran.status, ran.stdout + &ran.stderr))
    }

    /// What a command prints, without showing it.
    pub(super) fn ask(&self, command: &str) -> Result<String> {
        Ok(self.usage_plan.run(&words(command))?.stdout)
    }

    /// Publishes the document, starts an Envoy on what was published, and goes on publishing every change.
    pub(super) fn raise(mut self) -> Result<Stage<'o>> {
        // What the published filter names, from wherever Envoy runs.
        std::os::unix::fs::symlink(crate::module(), self.path("module.wasm")).context("a link")?;
        std::fs::create_dir_all(self.path("published")).context("a directory")?;
        let publish = format!("publish --to published --module {}", self.path("module.wasm").display());
        self.run(&publish)?;
        let config = Config::hot_reload().concurrency(2).access_log().watching(self.path("published"));
        let started = Instant::now();
        let envoy = Envoy::try_start(&config)?;
        let took = started.elapsed().as_millis();
        self.story.say(format_args!("Envoy with 2 workers is ready on {} ({took} ms)", envoy.ingress()));
        let watch = format!("{publish} --watch --admin {}", envoy.admin());
        self.story.say(format_args!("$ usage-plan {watch} &"));
        let publishing = self.usage_plan.start(&words(&watch))?;
        let connections = (0..CONNECTIONS).map(|_| Client::new(envoy.ingress())).collect();
        Ok(Stage { console: self, envoy, publishing, connections, answered: 0, passed: 0 })
    }
}

// === impl Stage ===

impl Stage<'_> {
    /// Sends a request on the first of the connections.
    pub(super) fn send(&mut self, request: &Request) -> Result<Response> {
        self.send_on(0, request)
    }

    fn send_on(&mut self, connection: usize, request: &Request) -> Result<Response> {
        let response = self.connections[connection].send(request)?;
        self.answered += 1;
        self.passed += usize::from(response.status == 200);
        Ok(response)
    }

    /// Claims that on every connection `request` is soon answered as `expected`, which `what` says.
    pub(super) fn in_force(
        &mut self,
        what: &str,
        request: &Request,
        expected: impl Fn(&Response) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        let mut waiting: Vec<usize> = (0..CONNECTIONS).collect();
        let mut last = None;
        while !waiting.is_empty() && start.elapsed() < PROMISED {
            let mut still = Vec::new();
            for connection in waiting {
                let response = self.send_on(connection, request)?;
                if !expected(&response) {
                    still.push(connection);
                    last = Some(response);
                }
            }
            waiting = still;
            if !waiting.is_empty() {
                std::thread::sleep(PAUSE);
            }
        }
        let took = start.elapsed().as_millis();
        let claim = format!("{what}: on all {CONNECTIONS} open connections, {took} ms after the command");
        let otherwise = last.as_ref().map_or_else(String::new, told);
        self.console.story.claim(waiting.is_empty(), claim, otherwise);
        Ok(())
    }

    /// What the publisher has said since it was asked last.
    pub(super) fn published(&self) -> Vec<String> {
        std::iter::from_fn(|| self.publishing.line(Duration::ZERO).ok()).collect()
    }
}

/// The words of a command line in which nothing is quoted.
fn words(command: &str) -> Vec<&str> {
    command.split(' ').collect()
}

/// What an answer is, in a line.
pub(super) fn told(response: &Response) -> String {
    format!("{} {}", response.status, response.text().trim())
}
