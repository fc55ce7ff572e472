//! Envoy's admin interface: the statistics of a running Envoy.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ureq::Agent;
use ureq::http::uri::Authority;

/// A limit on an answer's length, in bytes: more than the statistics of ten thousand plans take.
const MAX_ANSWER: u64 = 64 << 20;

/// The address of an Envoy's admin interface: `HOST:PORT`.
#[derive(Clone, Debug)]
pub struct Admin {
    address: Authority,
}

/// Why an Envoy did not report what it was asked for.
#[derive(Clone, Debug)]
pub struct Error {
    /// The Envoy that was asked.
    pub admin: Admin,
    /// Why it did not report.
    pub reason: Reason,
}

/// Why an Envoy did not report what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The interface did not answer, or answered with an error: the HTTP client's message.
    NoAnswer(String),
    /// This Envoy does not read the filter from a directory.
    NoDiscovery,
    /// Envoy did not read the published file within this time.
    NotRead(Duration),
    /// Somebody ended the wait for Envoy's answer.
    Interrupted,
}

/// The result of asking an Envoy.
pub(crate) type Result<T> = std::result::Result<T, Error>;

// === impl Admin ===

impl Admin {
    /// `HOST:PORT`
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    /// The statistics whose names begin with `prefix`: the rest of each name, and its value.
    pub(crate) fn statistics(&self, prefix: &str, timeout: Duration) -> Result<Vec<(String, String)>> {
        // Without `filter` Envoy writes all of its statistics. `filter` is a regular expression, in which a
        // dot matches any character, so the lines are checked again below.
        let text = self.get(&format!("/stats?filter=%5E{prefix}"), timeout)?;
        let statistic = |line: &str| {
            let (name, value) = line.strip_prefix(prefix)?.split_once(": ")?;
            Some((name.to_owned(), value.trim_matches('"').to_owned()))
        };
        Ok(text.lines().filter_map(statistic).collect())
    }

    /// This Envoy does not report, for this reason.
    pub(crate) fn error(&self, reason: Reason) -> Error {
        Error { admin: self.clone(), reason }
    }

    fn get(&self, path: &str, timeout: Duration) -> Result<String> {
        // The interface is on this machine or next to it: a proxy from the environment is for other
        // addresses.
        let config = Agent::config_builder().proxy(None).timeout_global(Some(timeout)).build();
        let answer = config.new_agent().get(format!("http://{}{path}", self.address)).call();
        let text =
            answer.and_then(|mut answer| answer.body_mut().with_config().limit(MAX_ANSWER).read_to_string());
        text.map_err(|error| self.error(Reason::NoAnswer(error.to_string())))
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

// === impl Error ===

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.admin, self.reason)
    }
}

impl std::error::Error for Error {}

// === impl Reason ===

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(message) => f.write_str(message),
            Self::NoDiscovery => f.write_str(
                "this Envoy reads no filter of the name usage_plan from a directory: see envoy/hot-reload",
            ),
            Self::NotRead(timeout) => write!(
                f,
                "has not read the file within {timeout:?}: does it watch this directory, and may it read \
                 the file?"
            ),
            Self::Interrupted => f.write_str("the wait for its answer was interrupted"),
        }
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
