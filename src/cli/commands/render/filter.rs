//! The flags that say which filter runs in which Envoy; `publish` has them too.

use clap::{Args, ValueEnum};
use usage_plan_manage::render::{EnvoyVersion, FilterOptions};

/// Which of the two modules the filter is; also for `init`.
#[derive(Args, Debug, Default)]
pub(crate) struct NativeArgument {
    /// For the native module, which costs less and has no sandbox around it: Envoy 1.40 on Linux alone
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true,
        hide_possible_values = true,
        action = clap::ArgAction::Set,
        help_heading = "Options of Envoy"
    )]
    pub(crate) native: bool,
}

/// The filter's options in an Envoy that the user configures; also those of `publish`.
#[derive(Args, Debug, Default)]
pub(crate) struct FilterArguments {
    #[command(flatten)]
    native: NativeArgument,
    /// Where Envoy finds the filter's module [default: target/wasm32-wasip1/release/envoy_usage_plan.wasm;
    /// with --native: target/module/libenvoy_usage_plan.so]
    #[arg(long, value_name = "PATH", help_heading = "Options of Envoy")]
    module: Option<String>,
    /// The name under which Envoy keeps the counters; a new name resets them [default: usage_plan]
    #[arg(long, value_name = "ID", help_heading = "Options of Envoy")]
    vm_id: Option<String>,
    /// The version of the Envoy that reads it [default: 1.40]
    #[arg(long, value_name = "VERSION", value_enum, help_heading = "Options of Envoy")]
    envoy: Option<Version>,
}

/// A version of Envoy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Version {
    #[value(name = "1.36")]
    V1_36,
    #[value(name = "1.37")]
    V1_37,
    #[value(name = "1.39")]
    V1_39,
    #[value(name = "1.40")]
    V1_40,
}

// === impl FilterArguments ===

impl FilterArguments {
    pub(crate) fn options(&self) -> FilterOptions {
        let Self { native, module, vm_id, envoy } = self;
        let envoy = envoy.map(EnvoyVersion::from).unwrap_or_default();
        FilterOptions { module: module.clone(), vm_id: vm_id.clone(), envoy, native: native.native }
    }
}

impl From<Version> for EnvoyVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::V1_36 => Self::V1_36,
            Version::V1_37 => Self::V1_37,
            Version::V1_39 => Self::V1_39,
            Version::V1_40 => Self::V1_40,
        }
    }
}
