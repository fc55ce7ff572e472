//! Which kind of filter the tests run: the wasm module or, with `NATIVE=1` in the environment, the native
//! module.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::error::Result;
use crate::version::Version;

/// A kind of filter. Both have the same document, and the files in `envoy/` for both are of the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// The wasm module.
    Wasm,
    /// The native module, an Envoy dynamic module.
    Native,
}

/// The types of filters in Envoy's configuration.
const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const NATIVE: &str =
    "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter";

// === impl FilterKind ===

impl FilterKind {
    /// The kind that the tests run.
    pub fn of_tests() -> Self {
        let is_native = std::env::var_os("NATIVE").is_some_and(|value| !value.is_empty());
        if is_native { Self::Native } else { Self::Wasm }
    }

    /// The kind of a filter, by its configuration's type.
    pub(crate) fn of_type(name: &Value) -> Option<Self> {
        match name.as_str()? {
            WASM => Some(Self::Wasm),
            NATIVE => Some(Self::Native),
            _ => None,
        }
    }

    /// The module that users run, where make leaves it.
    pub fn module(self) -> PathBuf {
        match self {
            Self::Wasm => crate::module(),
            Self::Native => crate::repository().join("target/module/libenvoy_usage_plan.so"),
        }
    }

    /// The module that panics for a request with the header `x-crash`.
    pub fn crashing_module(self) -> PathBuf {
        self.module().with_file_name(match self {
            Self::Wasm => "crashing_filter.wasm",
            Self::Native => "libcrashing_module.so",
        })
    }

    /// A name for a link to its module.
    pub fn link(self) -> &'static str {
        match self {
            Self::Wasm => "module.wasm",
            Self::Native => "module.so",
        }
    }

    /// The target of make that builds its module.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::Wasm => "build",
            Self::Native => "module",
        }
    }

    /// The shipped file in `envoy/` for this kind.
    pub(crate) fn file(self, name: &'static str) -> &'static str {
        match (self, name) {
            (Self::Native, "envoy/envoy.yaml") => "envoy/native/envoy.yaml",
            (Self::Native, "envoy/hot-reload/envoy.yaml") => "envoy/native/hot-reload/envoy.yaml",
            (_, name) => name,
        }
    }

    /// The flags of `publish` and `render` for this kind and the Envoy of the tests, `module` aside.
    ///
    /// # Errors
    /// There is no Envoy.
    pub fn flags(self) -> Result<String> {
        let version = Version::of_envoy()?.name();
        Ok(match self {
            Self::Wasm => format!("--envoy {version}"),
            Self::Native => format!("--envoy {version} --native"),
        })
    }

    /// The member of a filter's configuration that an edit of a plugin gets.
    pub(crate) fn plugin(self, filter: &mut Value) -> Option<&mut Value> {
        match self {
            Self::Wasm => filter.get_mut("config"),
            Self::Native => Some(filter),
        }
    }

    /// Names the module in a plugin.
    pub(crate) fn set_module(self, plugin: &mut Value, module: PathBuf) {
        let module = json!({"local": {"filename": module}});
        match self {
            Self::Wasm => plugin["vm_config"]["code"] = module,
            Self::Native => plugin["dynamic_module_config"]["module"] = module,
        }
    }

    /// The document in a plugin.
    pub(crate) fn document(self, plugin: &mut Value) -> &mut Value {
        match self {
            Self::Wasm => &mut plugin["configuration"],
            Self::Native => &mut plugin["filter_config"],
        }
    }

    /// The name of the statistic that counts the requests that the filter brought down.
    pub(crate) fn failures(self) -> &'static str {
        match self {
            Self::Wasm => "wasm.usage_plan.vm_reload",
            Self::Native => "wasmcustom.usage_plan_panics",
        }
    }

    /// The name of the statistic that counts how often it serves again: after a panic the native module
    /// serves the next request.
    pub(crate) fn recoveries(self) -> &'static str {
        match self {
            Self::Wasm => "wasm.usage_plan.vm_reload_success",
            Self::Native => "wasmcustom.usage_plan_panics",
        }
    }
}
