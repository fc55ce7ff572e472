//! By which ways Envoys get the document.

use std::path::PathBuf;
use std::time::Duration;

use usage_plan_manage::admin::Admin;
use usage_plan_manage::render::FilterOptions;

use crate::delivery::Delivery;

/// By which ways Envoys get the document, and how long they may take.
pub struct Ways {
    /// The file that Envoys watch.
    pub directory: Option<Directory>,
    /// Whether Envoys can subscribe.
    pub xds: bool,
    /// Whether secrets from variables and files are put into what Envoys get.
    pub resolve: bool,
    /// The filter's options.
    pub options: FilterOptions,
    /// How long to wait for an Envoy.
    pub timeout: Duration,
}

/// A directory that Envoys watch.
pub struct Directory {
    /// The directory.
    pub path: PathBuf,
    /// The permissions of the file that is published there, such as `0o600`.
    pub mode: u32,
    /// The Envoys to ask whether they have accepted it.
    pub admins: Vec<Admin>,
}

/// What is called after each publication: of an edit, or of a change from outside.
pub type Report = Box<dyn FnMut(&Delivery) + Send>;
