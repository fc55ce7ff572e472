//! What the pages of the console share: the document's desk, and who is signed in.

use std::fmt;
use std::sync::Arc;

use usage_plan_manage::Error;

use super::link::OneTimeLink;
use super::session::Sessions;
use super::tries::Tries;
use crate::desk::Desk;
use crate::operators::Operators;
use crate::samples::Samples;

/// The cookie that has the id of a session.
pub(super) const SESSION: &str = "usage-plan-session";

/// How the console is run.
#[derive(Debug, Default)]
pub struct Options {
    /// The names under which it is reached, besides addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Whether it is reached by TLS alone.
    pub is_secure: bool,
}

/// The console.
pub struct Console {
    pub(super) desk: Arc<Desk>,
    pub(super) samples: Arc<Samples>,
    pub(super) hosts: Vec<String>,
    pub(super) operators: Option<Arc<Operators>>,
    pub(super) is_secure: bool,
    pub(super) sessions: Sessions,
    pub(super) tries: Tries,
    pub(super) link: OneTimeLink,
}

// === impl Console ===

impl Console {
    /// The console of the document at `desk`, with `samples` of what Envoys counted. These operators sign in
    /// to it. Without them, only the link does that is printed at the start.
    pub fn new(
        desk: Arc<Desk>,
        operators: Option<Arc<Operators>>,
        samples: Arc<Samples>,
        options: Options,
    ) -> Self {
        Self {
            desk,
            samples,
            hosts: options.hosts,
            operators,
            is_secure: options.is_secure,
            sessions: Sessions::default(),
            tries: Tries::default(),
            link: OneTimeLink::default(),
        }
    }

    /// The path of a link that signs in, as an admin, whoever opens it first. An earlier link ends.
    ///
    /// # Errors
    ///
    /// The system has no random bytes.
    pub fn one_time_path(&self) -> Result<String, Error> {
        Ok(format!("/console/open/{}", self.link.renew()?.expose()))
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}
