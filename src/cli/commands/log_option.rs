//! `--log`: where the log of edits is.

use std::path::PathBuf;

use clap::Args;
use usage_plan_manage::audit::Place;
use usage_plan_manage::file::DocumentFile;

use crate::output::error::{Error, Result};
use crate::settings::NO_FILE;

/// An option of every command that writes the log, or reads it.
#[derive(Args, Debug)]
pub(crate) struct LogOption {
    /// The file of the log; without this, it is beside the document and has .log after its name. `none` keeps
    /// no log
    #[arg(long, value_name = "PATH | none", hide_short_help = true)]
    log: Option<PathBuf>,
}

// === impl LogOption ===

impl LogOption {
    /// The document, with its log in that place.
    pub(crate) fn of(&self, file: &DocumentFile) -> DocumentFile {
        file.logged_in(place(self.log.clone()))
    }

    /// The same, for a command that is about the log.
    pub(crate) fn of_log(&self, file: &DocumentFile) -> Result<DocumentFile> {
        match place(self.log.clone()) {
            Place::Nowhere => Err(Error::refused("no log is kept: it is set to `none`")),
            place => Ok(file.logged_in(place)),
        }
    }
}

/// The place that a value of the option means.
pub(crate) fn place(value: Option<PathBuf>) -> Place {
    match value {
        None => Place::Beside,
        Some(path) if path.as_os_str() == NO_FILE => Place::Nowhere,
        Some(path) => Place::At(path),
    }
}
