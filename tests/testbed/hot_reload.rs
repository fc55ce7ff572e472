//! A document published to a running Envoy, and whether it took it.

use std::fmt::Display;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::envoy::Envoy;
use crate::error::{Error, Result};
use crate::log::complaints;
use crate::render::{Discovered, each_plugin, set_document};

/// How long Envoy may take to read a published file and try it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What became of a published configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in force for new requests as soon as each worker has taken it up, within milliseconds.
    Accepted,
    /// The previous one stays in force; this is what Envoy and the filter logged.
    Refused(String),
}

impl Envoy {
    /// What became of the document that this Envoy was started with. While one is refused and none was accepted
    /// before it, Envoy serves all the same and answers 500.
    ///
    /// # Errors
    /// This Envoy watches no file, or its admin interface does not answer.
    pub fn verdict(&self) -> Result<Verdict> {
        let watched = self.watched()?;
        let now = self.discovery(&watched)?;
        Ok(if now.version.is_empty() { Verdict::Refused(complaints(&self.log())) } else { Verdict::Accepted })
    }

    /// Publishes `document` to an Envoy of [`Config::hot_reload`](crate::Config) and waits for its verdict.
    ///
    /// # Errors
    /// This Envoy watches no file, or says neither yes nor no in time: once it has refused anything it does not try again
    /// what it tried last.
    pub fn publish(&self, document: impl Display) -> Result<Verdict> {
        let document = document.to_string();
        let mut watched = self.watched()?;
        let before = self.discovery(&watched)?;
        let logged = self.log().len();
        let version = (before.attempts + 1).to_string();
        each_plugin(&mut watched.response, &mut |plugin| set_document(plugin, &document));
        watched.response["version_info"] = json!(version);
        watched.write()?;
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            let now = self.discovery(&watched)?;
            if now.refusals > before.refusals {
                return Ok(Verdict::Refused(complaints(self.log().get(logged..).unwrap_or_default())));
            }
            // What Envoy refused last it takes for a success the next time, and does not try.
            let tried = now.reloads > before.reloads || now.refusals == 0;
            if tried && now.version == version {
                return Ok(Verdict::Accepted);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(Error::new(format!("Envoy did not read and try what was published within {TIMEOUT:?}")))
    }

    fn watched(&self) -> Result<MutexGuard<'_, Discovered>> {
        let watched = self.discovered.as_ref().ok_or_else(|| Error::new("this Envoy watches no file"))?;
        Ok(watched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Not from `/config_dump`, which shows a refused filter as if it were in force.
    fn discovery(&self, watched: &Discovered) -> Result<Discovery> {
        let name = watched.response["resources"][0]["name"].as_str().unwrap_or_default();
        let stats = self.stats()?;
        let stat = |what: &str| stats.get(&format!("extension_config_discovery.http_filter.{name}.{what}"));
        let number = |what: &str| stat(what).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        Ok(Discovery {
            version: stat("version_text").cloned().unwrap_or_default(),
            attempts: number("update_attempt"),
            reloads: number("config_reload"),
            refusals: number("update_rejected") + number("update_failure"),
        })
    }
}

/// What Envoy's statistics say of a discovered filter.
struct Discovery {
    /// Of the file that was read last without a complaint.
    version: String,
    attempts: u64,
    /// How often a filter was made out of one.
    reloads: u64,
    refusals: u64,
}
