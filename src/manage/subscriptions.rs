//! What a server knows of the Envoys that subscribe to its document.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::uri::Authority;

use crate::http_address::host_and_port;

/// The server answers from memory.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A limit on an answer's length, in bytes: more than its 4096 Envoys take, each with a long reason.
const MAX_ANSWER: u64 = 64 << 20;

/// The address at which a server answers operators: `HOST:PORT`.
#[derive(Clone, Debug)]
pub struct ServerAddress(Authority);

// === impl ServerAddress ===

impl ServerAddress {
    /// The Envoys that subscribe, and what came of the last publication, as `GET /envoys` has them.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as one does: the reason.
    pub fn envoys(&self) -> Result<Value, String> {
        // The server answers this machine alone: a proxy from the environment is for other addresses.
        let config = Agent::config_builder().proxy(None).timeout_global(Some(TIMEOUT)).build();
        let answer = config.new_agent().get(format!("http://{}/envoys", self.0)).call();
        let body =
            answer.and_then(|mut answer| answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec());
        let body = body.map_err(|error| error.to_string())?;
        let shown: Value = serde_json::from_slice(&body).unwrap_or_default();
        if shown["subscribers"].is_array() && shown["last"].is_object() {
            Ok(shown)
        } else {
            Err("answers to /envoys with something that no server says".to_owned())
        }
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ServerAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        host_and_port(text).map(Self).ok_or("it must be HOST:PORT, such as 127.0.0.1:8088")
    }
}
