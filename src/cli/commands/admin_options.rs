//! The flag that names running Envoys, of the commands that ask them what is in force.

use clap::Args;
use usage_plan_manage::admin::Admin;

/// The Envoys to ask.
#[derive(Args, Debug)]
pub(crate) struct AdminOptions {
    /// Envoy's admin interface; may be repeated [default: 127.0.0.1:9901]
    #[arg(long, value_name = "HOST:PORT")]
    admin: Vec<Admin>,
}

// === impl AdminOptions ===

impl AdminOptions {
    /// The Envoys that are named, or the one of the shipped configurations.
    pub(crate) fn or_shipped(&self) -> Vec<Admin> {
        if self.admin.is_empty() { vec![Admin::shipped()] } else { self.admin.clone() }
    }
}
