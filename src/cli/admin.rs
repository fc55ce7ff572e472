//! What a running Envoy says of itself, on its admin interface.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ureq::Agent;
use ureq::http::uri::Authority;

use super::error::{Error, Result};

/// More than the statistics of ten thousand plans take.
const MAX_ANSWER: u64 = 64 << 20;

/// Where an Envoy's admin interface is: `HOST:PORT`.
#[derive(Clone, Debug)]
pub(super) struct Admin {
    address: Authority,
}

// === impl Admin ===

impl Admin {
    /// `HOST:PORT`
    pub(super) fn address(&self) -> &str {
        self.address.as_str()
    }

    /// The statistics whose names begin with `prefix`, as rest of the name and value.
    pub(super) fn statistics(&self, prefix: &str, timeout: Duration) -> Result<Vec<(String, String)>> {
        // Without the filter Envoy writes all of its statistics. It takes a regular expression, in which a dot is any
        // character: what is meant is picked out below.
        let text = self.get(&format!("/stats?filter=%5E{prefix}"), timeout)?;
        let statistic = |line: &str| {
            let (name, value) = line.strip_prefix(prefix)?.split_once(": ")?;
            Some((name.to_owned(), value.trim_matches('"').to_owned()))
        };
        Ok(text.lines().filter_map(statistic).collect())
    }

    fn get(&self, path: &str, timeout: Duration) -> Result<String> {
        // The interface is next door: a proxy of the environment is for other addresses.
        let config = Agent::config_builder().proxy(None).timeout_global(Some(timeout)).build();
        let answer = config.new_agent().get(format!("http://{}{path}", self.address)).call();
        let text =
            answer.and_then(|mut answer| answer.body_mut().with_config().limit(MAX_ANSWER).read_to_string());
        text.map_err(|error| Error::unreachable(self, error))
    }
}

impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envoy's admin interface at {}", self.address)
    }
}

impl FromStr for Admin {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let address = text.parse::<Authority>().ok().filter(|address| {
            !address.host().is_empty() && address.port_u16().is_some() && !text.contains('@')
        });
        address.map(|address| Self { address }).ok_or("it must be HOST:PORT, such as 127.0.0.1:9901")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for text in ["127.0.0.1:9901", "envoy.example.com:80", "[::1]:9901"] {
            assert_eq!(text.parse::<Admin>().expect("an address").address.as_str(), text);
        }
        for text in ["", "9901", "127.0.0.1", ":9901", "127.0.0.1:99010", "http://a:1", "a:1/stats", "me@a:1"]
        {
            assert!(text.parse::<Admin>().is_err(), "{text}");
        }
    }
}
