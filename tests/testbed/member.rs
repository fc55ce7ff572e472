//! An Envoy of a fleet, which can be killed and comes back on its ports.

use crate::access_log::Entry;
use crate::config::Config;
use crate::envoy::Envoy;
use crate::error::Result;
use crate::ports::Ports;

/// An Envoy of a fleet.
pub struct Member {
    config: Config,
    /// The process.
    pub envoy: Envoy,
    /// How many requests of its log were read.
    read: usize,
}

// === impl Member ===

impl Member {
    /// Starts an Envoy on ports that it keeps.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(config: Config) -> Result<Self> {
        let config = config.ports(Ports::free()?);
        let envoy = Envoy::try_start(&config)?;
        Ok(Self { config, envoy, read: 0 })
    }

    /// Kills it, and starts it again.
    ///
    /// # Errors
    /// It does not start.
    pub fn kill_and_start(&mut self) -> Result<()> {
        self.envoy.kill()?;
        self.read = 0;
        self.envoy = Envoy::try_start(&self.config)?;
        Ok(())
    }

    /// The next `number` requests of its log, which were answered.
    ///
    /// # Errors
    /// They are not written in time, or it has no log.
    pub fn log(&mut self, number: usize) -> Result<Vec<Entry>> {
        let log = self.envoy.access_log(self.read + number)?;
        let new = log.get(self.read..).unwrap_or_default().to_vec();
        self.read += number;
        Ok(new)
    }
}
