//! What the run plays on: the command line with its document, and an Envoy that serves what it publishes.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::mpsc::Sender;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::console::{run, words};
use testbed::{Config, Context, Envoy, Error, FilterKind, Result, UsagePlan};

use crate::event::Event;
use crate::log;
use crate::world::World;

/// Both of them.
pub struct Stage {
    /// The gateway: two listeners and two workers.
    pub envoy: Envoy,
    usage_plan: UsagePlan,
    publish: String,
    directory: TempDir,
}

// === impl Stage ===

impl Stage {
    /// Publishes the first document and starts Envoy, whose log is sent to `events`.
    ///
    /// # Errors
    /// The command line, the module that can crash or Envoy is missing, or Envoy does not start.
    pub fn raise(first: &World, events: Sender<Event>) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("soak-").tempdir().context("a directory")?;
        let at = |name: &str| directory.path().join(name);
        let kind = FilterKind::of_tests();
        let module = kind.crashing_module();
        if !module.is_file() {
            return Err(Error::new(format!("{} is missing: `make soak` makes it", module.display())));
        }
        // A published file names its module, and a path with a space would be two words.
        let link = at(kind.link());
        std::os::unix::fs::symlink(&module, &link).context("a link")?;
        std::fs::create_dir_all(at("watched")).context("a directory")?;
        std::fs::write(at("usage-plans.json"), first.document().to_string()).context("the document")?;
        let usage_plan = UsagePlan::new(UsagePlan::binary()?, directory.path());
        let publish = format!("publish --to watched --module {} {}", link.display(), kind.flags()?);
        execute(&usage_plan, &publish)?;
        let pipe = at("access.pipe");
        log::make(&pipe)?;
        log::follow(&pipe, events)?;
        let config = Config::hot_reload().watching(at("watched")).concurrency(2).listeners(2).own_group();
        let envoy = Envoy::try_start(&config.edit(move |bootstrap| edit(bootstrap, &pipe)))?;
        // On a machine that has much else to do, Envoy may take its time.
        let publish = format!("{publish} --admin {} --timeout 60s", envoy.admin());
        Ok(Self { envoy, usage_plan, publish, directory })
    }

    /// Runs a command of the command line, which must succeed.
    ///
    /// # Errors
    /// It fails. The message is its own.
    pub fn execute(&self, command: &str) -> Result<()> {
        execute(&self.usage_plan, command)
    }

    /// Publishes the document and waits until it is reported to be in force.
    ///
    /// # Errors
    /// It is not in force.
    pub fn publish(&self) -> Result<()> {
        self.execute(&self.publish)
    }

    /// The document's file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn document(&self) -> Result<Value> {
        let text = std::fs::read(self.directory.path().join("usage-plans.json")).context("the document")?;
        serde_json::from_slice(&text).context("the document")
    }
}

fn execute(usage_plan: &UsagePlan, command: &str) -> Result<()> {
    let mut process = usage_plan.command(&words(command));
    // Ctrl-C ends the run, which then waits for the command.
    process.process_group(0);
    let ran = run(process, &[])?;
    match ran.status {
        0 => Ok(()),
        status => {
            Err(Error::new(format!("`usage-plan {command}` exits with {status}: {}", ran.stderr.trim())))
        }
    }
}

/// Lets the gateway log into the pipe alone, and the sample upstream answer with what the judge compares. A
/// request is under way to it for a while, and a VM can die in between.
fn edit(bootstrap: &mut Value, pipe: &Path) {
    let resources = &mut bootstrap["static_resources"];
    for listener in resources["listeners"].as_array_mut().into_iter().flatten() {
        let is_upstream = listener["name"] == "upstream";
        let manager = &mut listener["filter_chains"][0]["filters"][0]["typed_config"];
        if is_upstream {
            let received = json!({"inline_string": "%REQ(:PATH)% %REQ(X-USAGE-PLAN-ID)%"});
            manager["local_reply_config"] = json!({"body_format": {"text_format_source": received}});
        } else {
            manager["access_log"] = json!([{
                "name": "envoy.access_loggers.file",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                    "path": pipe,
                    "log_format": {"text_format_source": {"inline_string": log::format()}},
                },
            }]);
        }
    }
    // Over HTTP/2 each worker has one connection to it, however the callers' connections are spread: a number
    // of descriptors that stays what it is.
    resources["clusters"][0]["typed_extension_protocol_options"] = json!({
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        },
    });
}
