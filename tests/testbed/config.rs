//! Envoy configurations made from the files that users copy.
//!
//! A [`Config`] holds the changes. The files in `envoy/` are read and changed when an Envoy starts, so that
//! the tests use what is shipped.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::filter_kind::FilterKind;
use crate::plugin::allowed_capabilities;
use crate::ports::Ports;
use crate::yaml;

/// A change of a part of a configuration.
pub(crate) type Edit = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What an Envoy is started with.
#[derive(Clone)]
pub struct Config {
    /// The path in the repository.
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
    pub(crate) own_group: bool,
}

impl Config {
    /// `envoy/envoy.yaml`, or that of the native module: the document is in the configuration.
    pub fn plain() -> Self {
        Self::of("envoy/envoy.yaml")
    }

    /// `envoy/hot-reload/envoy.yaml`, or that of the native module: the document is in a watched file (see
    /// [`Envoy::publish`](crate::Envoy)).
    pub fn hot_reload() -> Self {
        Self::of("envoy/hot-reload/envoy.yaml")
    }

    fn of(file: &'static str) -> Self {
        Self {
            file: FilterKind::of_tests().file(file),
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
            own_group: false,
        }
    }

    /// The number of worker threads, one by default.
    #[must_use]
    pub fn concurrency(mut self, workers: u32) -> Self {
        self.concurrency = workers;
        self
    }

    /// Replaces the document of the file.
    #[must_use]
    pub fn document(mut self, json: impl Display) -> Self {
        self.document = Some(json.to_string());
        self
    }

    /// Watches `directory`, where `usage-plan publish --to` has put a file, instead of a copy of the shipped
    /// file. The module and the document are then those of the published file.
    #[must_use]
    pub fn watching(mut self, directory: impl Into<PathBuf>) -> Self {
        self.watched = Some(directory.into());
        self
    }

    /// Replaces the module, which is [`FilterKind::module`] by default.
    #[must_use]
    pub fn module(mut self, path: impl Into<PathBuf>) -> Self {
        self.module = Some(path.into());
        self
    }

    /// Uses these ports, by default any that are free.
    #[must_use]
    pub fn ports(mut self, ports: Ports) -> Self {
        self.ports = Some(ports);
        self
    }

    /// The number of listeners with the same filter, each on its own port, one by default.
    #[must_use]
    pub fn listeners(mut self, number: usize) -> Self {
        self.listeners = number;
        self
    }

    /// Adds the log that [`Envoy::access_log`](crate::Envoy) reads.
    #[must_use]
    pub fn access_log(mut self) -> Self {
        self.access_log = true;
        self
    }

    /// Adds a variable to Envoy's environment, which it inherits from this process.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs Envoy in a process group of its own: Ctrl-C reaches this process alone, which then has to end
    /// Envoy by dropping it.
    #[must_use]
    pub fn own_group(mut self) -> Self {
        self.own_group = true;
        self
    }

    /// Adds any other change of the bootstrap configuration. It sees the ports of the file.
    #[must_use]
    pub fn edit(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.edits.push(Arc::new(edit));
        self
    }

    /// Adds any other change of the filter's `PluginConfig` (`name`, `vm_config`, `failure_policy`, …), or of
    /// the native module's `DynamicModuleFilter`.
    #[must_use]
    pub fn edit_plugin(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.plugin_edits.push(Arc::new(edit));
        self
    }

    /// Keeps the filter from seeing any request, as when Envoy cannot run it: a VM that is never called, or a
    /// native module that is not there.
    #[must_use]
    pub fn deaf(self) -> Self {
        match FilterKind::of_tests() {
            FilterKind::Wasm => self.edit_plugin(|plugin| {
                let allowed = allowed_capabilities(plugin);
                allowed.remove("proxy_on_request_headers").expect("the callback is shipped");
            }),
            FilterKind::Native => self.edit(|tree| {
                yaml::each_object(tree, &mut |object| {
                    if let Some(filters) = object.get_mut("http_filters").and_then(Value::as_array_mut) {
                        filters.retain(|filter| filter["name"] != "usage_plan");
                    }
                });
            }),
        }
    }
}
