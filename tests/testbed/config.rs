//! Envoy configurations made from the files that users copy.
//!
//! A [`Config`] says what is to be different; the files in `envoy/` are read and changed as trees when an
//! Envoy starts, so that what is tested is what is shipped.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::error::Result;
use crate::ports::Ports;

/// What is done to a part of a configuration.
pub(crate) type Edit = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What an Envoy is started with.
#[derive(Clone)]
pub struct Config {
    /// In the repository.
    pub(crate) file: &'static str,
    pub(crate) module: Option<PathBuf>,
    pub(crate) document: Option<String>,
    pub(crate) watched: Option<PathBuf>,
    pub(crate) ports: Option<Ports>,
    pub(crate) listeners: usize,
    pub(crate) access_log: bool,
    pub(crate) edits: Vec<Edit>,
    pub(crate) plugin_edits: Vec<Edit>,
    pub(crate) concurrency: u32,
    pub(crate) environment: Vec<(String, String)>,
}

impl Config {
    /// `envoy/envoy.yaml`: the document is in the configuration.
    pub fn plain() -> Self {
        Self::of("envoy/envoy.yaml")
    }

    /// `envoy/hot-reload/envoy.yaml`: the document is in a watched file (see [`Envoy::publish`](crate::Envoy)).
    pub fn hot_reload() -> Self {
        Self::of("envoy/hot-reload/envoy.yaml")
    }

    fn of(file: &'static str) -> Self {
        Self {
            file,
            module: None,
            document: None,
            watched: None,
            ports: None,
            listeners: 1,
            access_log: false,
            edits: Vec::new(),
            plugin_edits: Vec::new(),
            concurrency: 1,
            environment: Vec::new(),
        }
    }

    /// The document that the file itself has.
    ///
    /// # Errors
    /// The file cannot be read, or has none.
    pub fn shipped_document(&self) -> Result<String> {
        crate::render::shipped_document(self.file)
    }

    /// How many worker threads; one by default.
    #[must_use]
    pub fn concurrency(mut self, workers: u32) -> Self {
        self.concurrency = workers;
        self
    }

    /// The filter's document, instead of the one in the file.
    #[must_use]
    pub fn document(mut self, json: impl Display) -> Self {
        self.document = Some(json.to_string());
        self
    }

    /// That directory is watched, with the file that `usage-plan publish --to` it has put there, instead of one that is made
    /// here of the shipped one. The module and the document are then those of that file.
    #[must_use]
    pub fn watching(mut self, directory: impl Into<PathBuf>) -> Self {
        self.watched = Some(directory.into());
        self
    }

    /// Another module than [`crate::module`].
    #[must_use]
    pub fn module(mut self, path: impl Into<PathBuf>) -> Self {
        self.module = Some(path.into());
        self
    }

    /// These ports; by default any that are free.
    #[must_use]
    pub fn ports(mut self, ports: Ports) -> Self {
        self.ports = Some(ports);
        self
    }

    /// So many listeners with the same filter, each on a port of its own; one by default.
    #[must_use]
    pub fn listeners(mut self, number: usize) -> Self {
        self.listeners = number;
        self
    }

    /// With the log that [`Envoy::access_log`](crate::Envoy) reads.
    #[must_use]
    pub fn access_log(mut self) -> Self {
        self.access_log = true;
        self
    }

    /// A variable in Envoy's environment, which else is that of the caller.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Any other change of the bootstrap configuration. Its ports are still those of the file.
    #[must_use]
    pub fn edit(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.edits.push(Arc::new(edit));
        self
    }

    /// Any other change of the filter's `PluginConfig` (`name`, `vm_config`, `failure_policy`, …).
    #[must_use]
    pub fn edit_plugin(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.plugin_edits.push(Arc::new(edit));
        self
    }
}
