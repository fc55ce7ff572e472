//! What a story plays on: the command line with its document, and an Envoy on what it publishes.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use testbed::console::{Running, words};
use testbed::{
    Client, Config, Context, Engine, Envoy, Error, FilterKind, Request, Response, Result, Sample, UsagePlan,
    Version,
};

use super::story::Story;

/// Connections that are kept open from the first step to the last: Envoy has two workers to share them.
const CONNECTIONS: usize = 16;

/// How long anything may take that must happen: longer than any machine needs. The story prints how long it
/// took.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Between two rounds of calls: long enough to stay below the plan's limit.
pub(super) const PAUSE: Duration = Duration::from_millis(40);

/// The directory that Envoy watches.
pub(super) const PUBLISHED: &str = "published";

/// The command line in a temporary directory.
pub(super) struct CommandLine<'o> {
    pub(super) story: Story<'o>,
    interrupted: &'o dyn Fn() -> bool,
    directory: TempDir,
    usage_plan: UsagePlan,
}

/// An Envoy that serves what the command line publishes.
pub(super) struct Stage<'o> {
    pub(super) command_line: CommandLine<'o>,
    pub(super) envoy: Envoy,
    /// Kept open all the time.
    connections: Vec<Client>,
    /// How many requests Envoy has answered, and how many of them with 200.
    pub(super) answered: usize,
    pub(super) passed: usize,
}

/// A setting of the command line: its name, and its value unless it is switched on.
pub(super) struct Setting(&'static str, Option<String>);

// === impl Setting ===

impl Setting {
    /// As a flag.
    pub(super) fn flag(&self) -> String {
        let Self(name, value) = self;
        value.as_ref().map_or_else(|| format!("--{name}"), |value| format!("--{name} {value}"))
    }

    /// As a line of `usage-plan.toml`.
    pub(super) fn line(&self) -> String {
        let Self(name, value) = self;
        value.as_ref().map_or_else(|| format!("{name} = true\n"), |value| format!("{name} = {value:?}\n"))
    }
}

// === impl CommandLine ===

impl<'o> CommandLine<'o> {
    pub(super) fn new(binary: &Path, story: Story<'o>, interrupted: &'o dyn Fn() -> bool) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("usage-plan-").tempdir().context("a directory")?;
        let usage_plan = UsagePlan::new(binary, directory.path());
        Ok(Self { story, interrupted, directory, usage_plan })
    }

    /// Begins a step of the story.
    ///
    /// # Errors
    /// The user has asked for the end.
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

    /// Runs a command, which must succeed, and shows it with what it prints.
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

    /// Makes what a publication needs. Returns the settings of `publish` that name it.
    pub(super) fn place(&self) -> Result<Vec<Setting>> {
        let kind = FilterKind::of_tests();
        // The published filter names its module by this path.
        let module = self.path(kind.link());
        std::os::unix::fs::symlink(kind.module(), &module).context("a link")?;
        std::fs::create_dir_all(self.path(PUBLISHED)).context("a directory")?;
        let mut settings = vec![
            Setting("to", Some(PUBLISHED.to_owned())),
            Setting("module", Some(module.display().to_string())),
        ];
        let version = Version::of_envoy()?;
        if version < Version::SHIPPED {
            settings.push(Setting("envoy", Some(version.name())));
        }
        if kind == FilterKind::Native {
            settings.push(Setting("native", None));
        }
        Ok(settings)
    }

    /// Publishes the document with the command `publish`, and starts an Envoy on what was published.
    pub(super) fn raise(mut self, publish: &str) -> Result<Stage<'o>> {
        self.run(publish)?;
        let config = Config::hot_reload().concurrency(2).access_log().watching(self.path(PUBLISHED));
        let started = Instant::now();
        let envoy = Envoy::try_start(&config)?;
        let took = started.elapsed().as_millis();
        self.story.say(format_args!("Envoy with 2 workers is ready on {} ({took} ms)", envoy.ingress()));
        let connections = (0..CONNECTIONS).map(|_| Client::new(envoy.ingress())).collect();
        Ok(Stage { command_line: self, envoy, connections, answered: 0, passed: 0 })
    }

    /// Starts an engine, which keeps its store in the directory.
    pub(super) fn start_engine(&mut self, listen: SocketAddr) -> Result<Engine> {
        self.story.say(format_args!("$ usage-plan engine --store engine.redb --listen {listen} &"));
        Engine::start(&self.usage_plan, listen)
    }

    /// Starts a command that runs until it is ended.
    pub(super) fn start(&mut self, command: &str) -> Result<Running> {
        self.story.say(format_args!("$ usage-plan {command} &"));
        self.usage_plan.start(&words(command))
    }
}

// === impl Stage ===

impl Stage<'_> {
    /// Begins a step of the story.
    pub(super) fn step(&mut self, title: &str) -> Result<()> {
        self.command_line.step(title)
    }

    /// Runs a command, which must succeed, and shows it with what it prints.
    pub(super) fn run(&mut self, command: &str) -> Result<String> {
        self.command_line.run(command)
    }

    /// A claim, and whether it holds. `otherwise` is what was seen instead.
    pub(super) fn claim(&mut self, holds: bool, claim: impl Display, otherwise: impl Display) {
        self.command_line.story.claim(holds, claim, otherwise);
    }

    /// Sends a request on the first of the connections.
    pub(super) fn send(&mut self, request: &Request) -> Result<Response> {
        self.send_on(0, request)
    }

    /// Sends a request that no plan counts.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Response> {
        self.answered += 1;
        self.connections[0].send(request)
    }

    /// Counts calls that were sent on other connections.
    pub(super) fn count(&mut self, samples: &[Sample]) {
        self.answered += samples.len();
        self.passed += samples.iter().filter(|sample| sample.status == 200).count();
    }

    fn send_on(&mut self, connection: usize, request: &Request) -> Result<Response> {
        let response = self.connections[connection].send(request)?;
        self.answered += 1;
        self.passed += usize::from(response.status == 200);
        Ok(response)
    }

    /// Claims that on every connection the answer to `request` soon is as `expected`. `what` says it in
    /// words.
    pub(super) fn in_force(
        &mut self,
        what: &str,
        request: &Request,
        expected: impl Fn(&Response) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        let otherwise = self.otherwise(request, expected)?;
        let took = start.elapsed().as_millis();
        let claim = format!("{what}: on all {CONNECTIONS} open connections, {took} ms after the command");
        self.command_line.story.claim(otherwise.is_none(), claim, otherwise.unwrap_or_default());
        Ok(())
    }

    /// Sends `request` on every connection until its answer there is as `expected`. Returns an answer that
    /// never was.
    pub(super) fn otherwise(
        &mut self,
        request: &Request,
        expected: impl Fn(&Response) -> bool,
    ) -> Result<Option<String>> {
        let start = Instant::now();
        let mut waiting: Vec<usize> = (0..CONNECTIONS).collect();
        let mut last = None;
        while !waiting.is_empty() && start.elapsed() < PATIENCE {
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
        Ok(last.as_ref().filter(|_| !waiting.is_empty()).map(describe))
    }
}

/// An answer in a line.
pub(super) fn describe(response: &Response) -> String {
    format!("{} {}", response.status, response.text().trim())
}
