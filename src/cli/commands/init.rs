//! `usage-plan init`: makes a gateway from nothing.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use usage_plan_manage::init::{self, DOCUMENT, ENVOY, Gateway, MODULE, NATIVE_MODULE, NewGateway, PUBLISHED};
use usage_plan_manage::render::EnvoyVersion;

use super::render::{GatewayArguments, NativeArgument, Version};
use crate::built::EMBEDDED;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};
use crate::settings;

/// How many names of what is in the way are shown.
const SHOWN: usize = 5;

/// The gateway to make.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The gateway's directory, which is made
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The filter's module, which is copied [default: the one in this program, if it has one and it is not to
    /// be the native module]
    #[arg(long, value_name = "PATH")]
    module: Option<PathBuf>,
    #[command(flatten)]
    native: NativeArgument,
    /// The version of the Envoy that is to run there [default: 1.40]
    #[arg(long, value_name = "VERSION", value_enum)]
    envoy: Option<Version>,
    #[command(flatten)]
    gateway: GatewayArguments,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self) -> Result<Answer> {
        let given = self.module.as_ref().map(|path| (path, fs::read(path)));
        let module = match given {
            Some((_, Ok(module))) => module,
            Some((path, Err(error))) => {
                return Err(Error::unreachable(format!("--module {}", path.display()), error));
            }
            None if self.native.native => {
                return Err(Error::usage("--module is missing: no program has the native module in it")
                    .hint("`make module` makes one: target/module/libenvoy_usage_plan.so"));
            }
            None => EMBEDDED.map(<[u8]>::to_vec).ok_or_else(|| {
                Error::usage("--module is missing: this program was built without the filter's module")
                    .hint("`make build` makes one: target/wasm32-wasip1/release/envoy_usage_plan.wasm")
            })?,
        };
        let envoy = self.envoy.map(EnvoyVersion::from).unwrap_or_default();
        let new = NewGateway {
            directory: &self.directory,
            module: &module,
            native: self.native.native,
            envoy,
            addresses: self.gateway.options(),
        };
        let notes = |gateway: &Gateway| {
            let native = self.native.native;
            vec![(settings::NAME, settings(gateway, envoy, native)), ("README.md", readme(gateway, native))]
        };
        let gateway = init::init(&new, notes).map_err(|error| self.error(error))?;
        let answer = self.answer(&gateway);
        Ok(self.gateway.warning().into_iter().fold(answer, Answer::warn))
    }

    fn answer(&self, gateway: &Gateway) -> Answer {
        let directory = self.directory.display();
        let text = format!(
            "{directory} is a gateway with an empty document. It serves callers on {}:\n  \
             envoy -c {directory}/{ENVOY}\nIn {directory}, `usage-plan publish` brings {DOCUMENT} to it.",
            gateway.listen
        );
        let json = json!({
            "directory": gateway.directory, "envoy": gateway.directory.join(ENVOY),
            "document": gateway.directory.join(DOCUMENT), "listen": gateway.listen, "admin": gateway.admin,
        });
        Answer::new(text, json)
    }

    fn error(&self, error: init::Error) -> Error {
        let directory = self.directory.display();
        match error {
            init::Error::NotEmpty { found } => {
                let more = match found.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let shown = found.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
                Error::refused(format!("{directory} stays as it is, because it has {shown}{more}"))
                    .hint("name a directory that is empty or not there yet")
            }
            init::Error::NoModule { native: false } => Error::refused("--module: is no WebAssembly module"),
            init::Error::NoModule { native: true } => {
                Error::refused("--module: is no library of Linux (ELF)")
                    .hint("with --native, the module is libenvoy_usage_plan.so")
            }
            init::Error::Render(error) => error.into(),
            init::Error::Document(errors) => {
                Error::invalid("the empty document breaks these rules:", &errors)
            }
            init::Error::Publish(error) => error.into(),
            init::Error::File { path, error } => Error::unreachable(path.display(), error),
        }
    }
}

/// The file of settings, so that commands in the directory need no flags.
fn settings(gateway: &Gateway, envoy: EnvoyVersion, native: bool) -> String {
    let (module, native) = if native { (NATIVE_MODULE, "native = true\n") } else { (MODULE, "") };
    format!(
        "# The flags of `usage-plan` in this directory. Relative paths begin here.\n\
         to = \"{PUBLISHED}\"\nmodule = \"{module}\"\n{native}admin = [\"{}\"]\nenvoy = \"{}\"\n\
         gateway = \"http://{}\"\n",
        gateway.admin,
        envoy.name(),
        gateway.gateway
    )
}

/// Five lines for whoever finds the directory.
fn readme(gateway: &Gateway, native: bool) -> String {
    let directory = gateway.directory.display();
    let (module, newer) = if native {
        (NATIVE_MODULE, "Envoy loads a file once: after a newer one, start Envoy again.")
    } else {
        (
            MODULE,
            "A newer one takes its place under another name: write the name into usage-plan.toml, and \
             publish.",
        )
    };
    format!(
        "`envoy -c {directory}/{ENVOY}` serves callers on {}; the admin interface is {}. Where requests go is \
         in {ENVOY}, at `clusters`.\n\
         `usage-plan` edits {DOCUMENT} here (`usage-plan help`), and `usage-plan publish` brings it to the \
         running Envoy; {} has the flags.\n\
         {PUBLISHED}/ is what Envoy watches: edit {DOCUMENT}, not the file there. Both hold secrets, and only \
         their owner may read them.\n\
         {module} is the filter. {newer}\n\
         The paths in {ENVOY} are absolute: when this directory moves, correct them there, and publish.\n",
        gateway.listen,
        gateway.admin,
        settings::NAME,
    )
}
