//! Publishing a document to a running Envoy, which accepts or refuses it.

use std::fmt::Display;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::envoy::Envoy;
use crate::error::{Error, Result};
use crate::log::complaints;
use crate::plugin;
use crate::render::Discovered;

/// How long Envoy may take to read a published file and try it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Envoy's answer to a published configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in force for new requests as soon as each worker uses it, which takes milliseconds.
    Accepted,
    /// The previous one stays in force. This is what Envoy and the filter logged.
    Refused(String),
}

impl Envoy {
    /// Envoy's answer to the document that it was started with. As long as no document has been accepted,
    /// Envoy answers requests with 503.
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
    /// This Envoy watches no file, or neither accepts nor refuses the document in time. Once it has refused
    /// one, it does not try a document that equals the last one that it tried.
    pub fn publish(&self, document: impl Display) -> Result<Verdict> {
        let document = document.to_string();
        let mut watched = self.watched()?;
        let before = self.discovery(&watched)?;
        let logged = self.log().len();
        let version = (before.attempts + 1).to_string();
        plugin::each(&mut watched.response, &mut |kind, plugin| {
            plugin::set_document(kind, plugin, &document);
        });
        watched.response["version_info"] = json!(version);
        watched.write()?;
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            let now = self.discovery(&watched)?;
            if now.refusals > before.refusals {
                return Ok(Verdict::Refused(complaints(self.log().get(logged..).unwrap_or_default())));
            }
            // Envoy counts what equals the last refused document as a success, and does not try it.
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

    /// Read from the statistics: `/config_dump` shows a refused filter as if it were in force.
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

/// Envoy's statistics of a discovered filter.
struct Discovery {
    /// The version of the file that was accepted last.
    version: String,
    attempts: u64,
    /// How often Envoy made a filter from the file.
    reloads: u64,
    refusals: u64,
}
