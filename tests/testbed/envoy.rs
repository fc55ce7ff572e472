//! A running Envoy, which ends when its handle is dropped.

use std::fmt;
use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::config::Config;
use crate::error::{Context, Error, Result};
use crate::log::{complaints, tail};
use crate::ports::local;
use crate::process;
use crate::render::{Discovered, Rendered, render};
use crate::version::Version;

pub use crate::version::binary;

/// How long Envoy may take to serve.
const STARTUP: Duration = Duration::from_secs(60);

/// How long Envoy has to end when it is asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// An Envoy process on loopback. Dropping it ends the process, and in a panic prints the end of Envoy's log.
pub struct Envoy {
    child: Child,
    directory: TempDir,
    ingress: Vec<SocketAddr>,
    admin: SocketAddr,
    /// The file that was published last.
    pub(crate) discovered: Option<Mutex<Discovered>>,
}

/// The result of `envoy --mode validate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// Whether the configuration is accepted.
    pub accepted: bool,
    /// What Envoy printed.
    pub output: String,
}

impl Envoy {
    /// Starts an Envoy and waits until it serves.
    ///
    /// # Panics
    /// Envoy does not start. The message says why.
    pub fn start(config: &Config) -> Self {
        Self::try_start(config).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts an Envoy and waits until it serves.
    ///
    /// # Errors
    /// There is no binary or no module, a chosen port is in use, or Envoy exits or is not ready in time. Then
    /// the message ends with the errors in the log.
    pub fn try_start(config: &Config) -> Result<Self> {
        let (command, directory, rendered) = prepare(config)?;
        let ingress = rendered.ingress.into_iter().map(local).collect();
        let discovered = rendered.discovered.map(Mutex::new);
        Self::run(command, directory, ingress, local(rendered.ports.admin), discovered)
    }

    /// Starts an Envoy with the file `bootstrap` as it is, in a directory from which no relative path of it
    /// leads anywhere, and waits until it serves.
    ///
    /// # Errors
    /// There is no binary, or Envoy exits or is not ready in time.
    pub fn of_file(bootstrap: &Path, ingress: SocketAddr, admin: SocketAddr) -> Result<Self> {
        Self::of_file_with(bootstrap, ingress, admin, &[])
    }

    /// The same, with these variables in Envoy's environment.
    ///
    /// # Errors
    /// There is no binary, or Envoy exits or is not ready in time.
    pub fn of_file_with(
        bootstrap: &Path,
        ingress: SocketAddr,
        admin: SocketAddr,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let directory = temporary()?;
        let mut command = command(bootstrap)?;
        command.current_dir(directory.path()).envs(environment.iter().copied());
        Self::run(command, directory, vec![ingress], admin, None)
    }

    fn run(
        mut command: Command,
        directory: TempDir,
        ingress: Vec<SocketAddr>,
        admin: SocketAddr,
        discovered: Option<Mutex<Discovered>>,
    ) -> Result<Self> {
        let log = File::options().create(true).append(true).open(directory.path().join(LOG)).context(LOG)?;
        let out = File::options().create(true).append(true).open(directory.path().join(OUT)).context(OUT)?;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(log).spawn();
        let child = child.context(format_args!("starting {:?}", command.get_program()))?;
        let mut envoy = Self { child, directory, ingress, admin, discovered };
        envoy.wait_until_ready()?;
        Ok(envoy)
    }

    /// Whether `envoy --mode validate` accepts the configuration. No port is used.
    ///
    /// # Errors
    /// There is no binary or no module.
    pub fn validate(config: &Config) -> Result<Validation> {
        let (mut command, _directory, _) = prepare(config)?;
        let output = command.args(["--mode", "validate"]).stdin(Stdio::null()).output().context("envoy")?;
        let text = [output.stdout, output.stderr].concat();
        Ok(Validation {
            accepted: output.status.success(),
            output: String::from_utf8_lossy(&text).into_owned(),
        })
    }

    /// The address for callers.
    pub fn ingress(&self) -> SocketAddr {
        self.ingress[0]
    }

    /// The addresses for callers, one for each of [`Config::listeners`].
    pub fn listeners(&self) -> &[SocketAddr] {
        &self.ingress
    }

    /// The address of the admin interface.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The number of Envoy's process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// How much processor time Envoy has used in all its threads, to a hundredth of a second.
    ///
    /// # Panics
    /// `/proc` has no such process, or this is not Linux.
    pub fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        // proc_pid_stat(5): the name, which may have any character, ends with the last parenthesis. The 14th
        // and 15th fields are the time in user mode and in the kernel, in ticks of 10 ms.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
        let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Envoy's log.
    pub fn log(&self) -> String {
        self.text(LOG)
    }

    /// The end of Envoy's log, without what every Envoy logs.
    pub fn log_end(&self) -> String {
        tail(&self.log())
    }

    /// Envoy's standard output: the access log of the shipped configurations.
    pub fn stdout(&self) -> String {
        self.text(OUT)
    }

    /// The directory of Envoy's files. It is deleted when this is dropped.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        process::is_running(&mut self.child)
    }

    /// Ends the process with SIGTERM, and kills it if it still runs after a few seconds.
    ///
    /// # Errors
    /// The system refuses.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        process::end(&mut self.child, Signal::TERM, GRACE)
    }

    /// Kills the process, which has no time to do anything.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        process::end(&mut self.child, Signal::KILL, GRACE)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + STARTUP;
        while !self.is_ready() {
            let exited = self.child.try_wait().context("waiting for Envoy")?;
            let failed = match exited {
                Some(status) => format!("Envoy did not start ({status})"),
                None if Instant::now() > deadline => format!("Envoy was not ready within {STARTUP:?}"),
                None => {
                    std::thread::sleep(Duration::from_millis(20));
                    continue;
                }
            };
            let log = self.log();
            let reasons = Some(complaints(&log)).filter(|reasons| !reasons.is_empty());
            return Err(Error::new(format!("{failed}\n{}", reasons.unwrap_or_else(|| tail(&log)))));
        }
        Ok(())
    }

    fn text(&self, file: &str) -> String {
        let bytes = std::fs::read(self.directory.path().join(file)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Shows no configuration, which may hold secrets.
impl fmt::Debug for Envoy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envoy {} on {}", self.child.id(), self.ingress())
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the end of Envoy's log:\n{}", self.log_end());
        }
        if let Err(error) = self.stop() {
            eprintln!("{error}");
        }
    }
}

const LOG: &str = "envoy.log";
const OUT: &str = "stdout.log";

/// The command, the directory with its files, and the configuration.
fn prepare(config: &Config) -> Result<(Command, TempDir, Rendered)> {
    let directory = temporary()?;
    let rendered = render(config, Version::of_envoy()?, directory.path())?;
    let bootstrap = directory.path().join("envoy.json");
    write(&bootstrap, &rendered.bootstrap)?;
    if let Some(discovered) = &rendered.discovered {
        discovered.write()?;
    }
    let mut command = command(&bootstrap)?;
    command.args(["--concurrency", &config.concurrency.to_string()]);
    if config.own_group {
        command.process_group(0);
    }
    command.envs(config.environment.iter().map(|(name, value)| (name, value)));
    Ok((command, directory, rendered))
}

/// The command that runs Envoy with this configuration.
fn command(bootstrap: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    // With hot restart each Envoy would need its own base id, and would leave a file in shared memory.
    command.arg("-c").arg(bootstrap).args(["--disable-hot-restart", "--file-flush-interval-msec", "100"]);
    Ok(command)
}

/// A directory for Envoy's files.
fn temporary() -> Result<TempDir> {
    tempfile::Builder::new().prefix("envoy-").tempdir().context("a temporary directory")
}

/// Writes `tree` as JSON, which Envoy reads as YAML.
fn write(path: &Path, tree: &Value) -> Result<()> {
    std::fs::write(path, tree.to_string()).context(path.display())
}

impl Discovered {
    /// Writes the file and renames it into its place: Envoy notices only renamed files.
    pub(crate) fn write(&self) -> Result<()> {
        let next = self.path.with_file_name(".next");
        std::fs::create_dir_all(self.path.with_file_name("")).context(self.path.display())?;
        write(&next, &self.response)?;
        std::fs::rename(&next, &self.path).context(self.path.display())
    }
}
