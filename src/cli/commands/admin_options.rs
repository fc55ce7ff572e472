//! The flag that names running Envoys, of the commands that ask them what is in force.

use std::path::Path;

use clap::Args;
use usage_plan_manage::admin::{Admin, ConfiguredDocument};
use usage_plan_manage::publish;

use crate::output::error::{Error, Result};

/// The documents in the directory that `--to` names: the published one, and the last accepted one.
pub(crate) fn published(directory: &Path) -> Result<[Option<ConfiguredDocument>; 3]> {
    publish::published(directory)
        .map_err(|error| Error::unreachable(format!("--to {}", directory.display()), error))
}

/// The error of a directory without a published document.
pub(crate) fn no_document(directory: &Path) -> Error {
    Error::refused(format!(
        "there is no published document in {}: `usage-plan publish` writes it",
        directory.display()
    ))
}

/// The Envoys to ask.
#[derive(Args, Debug)]
pub(crate) struct AdminOptions {
    /// Envoy's admin interface; may be repeated [default: 127.0.0.1:9901]
    #[arg(long, value_name = "HOST:PORT")]
    admin: Vec<Admin>,
}

// === impl AdminOptions ===

impl AdminOptions {
    /// Whether an Envoy is named.
    pub(crate) fn is_given(&self) -> bool {
        !self.admin.is_empty()
    }

    /// The Envoys that are named, or the one of the shipped configurations.
    pub(crate) fn or_shipped(&self) -> Vec<Admin> {
        if self.admin.is_empty() { vec![Admin::shipped()] } else { self.admin.clone() }
    }
}
