//! Why a configuration cannot be rendered.

use std::fmt;

/// How many variables a `WasmPlugin` takes at most.
pub const MAX_VARIABLES: usize = 256;

/// Why a configuration cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A `WasmPlugin` takes at most [`MAX_VARIABLES`], and the document needs `count`.
    TooManyVariables {
        /// The number of variables that the document's secrets are kept in.
        count: usize,
    },
    /// Envoy Gateway pulls modules from a registry or over HTTP, not from a file.
    ImageIsFile,
    /// The native module speaks the interface of the newest Envoy alone.
    NotForTheNativeModule {
        /// That version.
        newest: &'static str,
        /// The version that was asked for.
        envoy: &'static str,
    },
    /// The native module asks no engine.
    FleetInTheNativeModule,
    /// The document names the engine's cluster as the configuration names that of the upstream.
    ClusterIsUpstream,
    /// A file shipped with the program was changed and no longer matches the code that fills it in.
    Template {
        /// The file's path in the repository.
        file: &'static str,
        /// The passage that occurs too often, too rarely or not at all.
        passage: String,
    },
}

/// The result of rendering.
pub(super) type Result<T> = std::result::Result<T, Error>;

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyVariables { count } => write!(
                f,
                "the document names {count} variables in secret_key_env and previous_secret_key_env: \
                 a WasmPlugin takes {MAX_VARIABLES}"
            ),
            Self::ImageIsFile => f.write_str("Envoy Gateway takes oci:// and https://, not file://"),
            Self::NotForTheNativeModule { newest, envoy } => {
                write!(f, "the native module is for Envoy {newest} alone; Envoy {envoy} runs the wasm module")
            }
            Self::FleetInTheNativeModule => f.write_str(
                "the native module asks no engine, and refuses a document with options.fleet: render it for the \
                 wasm module, or leave options.fleet out",
            ),
            Self::ClusterIsUpstream => f.write_str(
                "options.fleet.cluster: `upstream` is the cluster that requests go to; give the engine's \
                 another name, such as usage-plan-engine",
            ),
            Self::Template { file, passage } => write!(
                f,
                "{file}, which this program was built with, does not have {passage:?} as often as it should: \
                 nothing is rendered"
            ),
        }
    }
}

impl std::error::Error for Error {}
