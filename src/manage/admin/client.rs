//! The client of Envoy's admin interface.

use std::fmt;
use std::panic::resume_unwind;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::uri::Authority;

use crate::http_address::{host_and_port, percent_encoded};

/// Envoy answers within milliseconds, or not at all.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

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
    /// What answers at this path does not answer as Envoy does.
    Unreadable(&'static str),
    /// This Envoy does not read the filter from a directory.
    NoDiscovery,
    /// Envoy did not read the published file within this time.
    NotRead(Duration),
    /// Somebody ended the wait for Envoy's answer.
    Interrupted,
}

/// The result of asking an Envoy.
pub type Result<T> = std::result::Result<T, Error>;

/// The answers to all questions, in their order. They are asked at the same time, so that none waits for a
/// silent Envoy.
pub(crate) fn in_parallel<Q: Send, A: Send>(
    questions: impl IntoIterator<Item = Q>,
    ask: impl Fn(Q) -> A + Sync,
) -> Vec<A> {
    let ask = &ask;
    thread::scope(|scope| {
        let threads: Vec<_> =
            questions.into_iter().map(|question| scope.spawn(move || ask(question))).collect();
        let answer = |thread: thread::ScopedJoinHandle<'_, A>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(answer).collect()
    })
}

// === impl Admin ===

impl Admin {
    /// The interface in the shipped configurations.
    pub fn shipped() -> Self {
        Self { address: Authority::from_static("127.0.0.1:9901") }
    }

    /// `HOST:PORT`
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    /// The statistics whose names begin as the regular expression `pattern` says, each with its value.
    pub(crate) fn statistics(&self, pattern: &str, timeout: Duration) -> Result<Vec<(String, String)>> {
        // Without `filter` Envoy writes all of its statistics.
        let text =
            self.get(&format!("/stats?filter={}", percent_encoded(&format!("^({pattern})"))), timeout)?;
        let statistic = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_owned(), value.trim_matches('"').to_owned()))
        };
        Ok(text.lines().filter_map(statistic).collect())
    }

    /// This Envoy does not report, for this reason.
    pub(crate) fn error(&self, reason: Reason) -> Error {
        Error { admin: self.clone(), reason }
    }

    /// What the interface answers at `path`.
    pub(super) fn get(&self, path: &str, timeout: Duration) -> Result<String> {
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
        host_and_port(text)
            .map(|address| Self { address })
            .ok_or("it must be HOST:PORT, such as 127.0.0.1:9901")
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
            Self::Unreadable(path) => write!(f, "answers to {path} with something that no Envoy says"),
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
    fn a_regular_expression_reaches_envoy_as_it_is() {
        assert_eq!(percent_encoded(r"^(a\.b+|c_-)$"), "%5E%28a%5C.b%2B%7Cc_-%29%24");
    }

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
