//! The client of an engine's admin port: what it holds, and corrections (`docs/engine.md`).

pub mod spent;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::{Map, Value, json};
use ureq::http::uri::Authority;
use ureq::{Agent, Body, http};
use usage_plan_core::document::{Period, UtcOffset};
use usage_plan_core::limit::period_id;
use usage_plan_core::timestamp::Timestamp;

use crate::http_address::{host_and_port, percent_encoded};

/// An engine looks through a million counters in less.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A limit on an answer's length, in bytes: more than a thousand counters take.
const MAX_ANSWER: u64 = 16 << 20;

/// How many counters are set at once, at most.
const MAX_TOGETHER: usize = 500;

/// The address of an engine's admin port: `HOST:PORT`.
#[derive(Clone, Debug)]
pub struct EngineAdmin {
    address: Authority,
}

/// Why an engine did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It did not answer: the HTTP client's message.
    NoAnswer(String),
    /// It refused, and says why.
    Refused(String),
}

/// The result of asking an engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A quota's counter in one period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaCounter {
    /// The domain; without one it is the engine's first.
    pub domain: Option<String>,
    /// The plan's id.
    pub plan: String,
    /// What tells the counters of one plan apart.
    pub part: Option<String>,
    /// The word of the period.
    pub period: String,
    /// The period's id.
    pub period_id: String,
}

// === impl EngineAdmin ===

impl EngineAdmin {
    /// The counters that are as the members of `filter` say.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses.
    pub fn counters(&self, filter: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut counters = Vec::new();
        let mut after = None;
        loop {
            let pairs = filter.iter().copied().chain(after.as_deref().map(|after| ("after", after)));
            let pairs: Vec<String> =
                pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
            let mut page = self.get(&format!("/counters?{}", pairs.join("&")))?;
            let Some(rows) = page["counters"].as_array_mut() else {
                return Err(Error::NoAnswer("answers something that no engine says".to_owned()));
            };
            counters.append(rows);
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(counters),
            }
        }
    }

    /// The counters of one answer: a thousand rates and a thousand quotas at most.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses.
    pub fn first_counters(&self) -> Result<Vec<Value>> {
        match self.get("/counters")?["counters"].as_array_mut() {
            Some(rows) => Ok(std::mem::take(rows)),
            None => Err(Error::NoAnswer("answers something that no engine says".to_owned())),
        }
    }

    /// Sets what is spent of a quota; returns what it was.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses.
    pub fn set(&self, counter: &QuotaCounter, spent: u64) -> Result<u64> {
        let answer = self.post("/counters/set", &counter.to_json(spent))?;
        Ok(answer["before"].as_u64().unwrap_or_default())
    }

    /// Sets what was spent of quotas elsewhere; returns what the engine says of each.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses. What was set before stays; to import it again is the same.
    pub fn import(&self, amounts: &[(QuotaCounter, u64)]) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        for amounts in amounts.chunks(MAX_TOGETHER) {
            let counters: Vec<Value> =
                amounts.iter().map(|(counter, spent)| counter.to_json(*spent)).collect();
            let mut answer = self.post("/counters/import", &json!({ "counters": counters }))?;
            rows.append(answer["counters"].as_array_mut().unwrap_or(&mut Vec::new()));
        }
        Ok(rows)
    }

    /// Forgets what is spent of the quotas of a plan in their present periods; returns of how many.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses.
    pub fn reset(&self, filter: &[(&str, &str)]) -> Result<u64> {
        let members: Map<String, Value> =
            filter.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        Ok(self.post("/counters/reset", &members.into())?["reset"].as_u64().unwrap_or_default())
    }

    fn get(&self, path: &str) -> Result<Value> {
        read(self.agent().get(self.url(path)).call())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let call = self.agent().post(self.url(path)).content_type("application/json");
        read(call.send(body.to_string()))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The port is on this machine or next to it: a proxy from the environment is for other addresses.
    fn agent(&self) -> Agent {
        let config = Agent::config_builder().proxy(None).max_redirects(0);
        config.timeout_global(Some(TIMEOUT)).http_status_as_error(false).build().new_agent()
    }
}

/// The JSON of an answer, or the engine's error.
fn read(answer: std::result::Result<http::Response<Body>, ureq::Error>) -> Result<Value> {
    let no_answer = |error: ureq::Error| Error::NoAnswer(error.to_string());
    let mut answer = answer.map_err(no_answer)?;
    let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(no_answer)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match (answer.status().as_u16(), body["error"].as_str()) {
        (200, None) if body.is_object() => Ok(body),
        (_, Some(error)) => Err(Error::Refused(error.to_owned())),
        (status, None) => {
            Err(Error::NoAnswer(format!("answers {status} with something that no engine says")))
        }
    }
}

impl fmt::Display for EngineAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the engine's admin port at {}", self.address)
    }
}

impl FromStr for EngineAdmin {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        host_and_port(text)
            .map(|address| Self { address })
            .ok_or("it must be HOST:PORT, such as 127.0.0.1:18082")
    }
}

// === impl QuotaCounter ===

impl QuotaCounter {
    /// The counter of the period that `now` lies in.
    pub fn now(plan: &str, part: Option<&str>, period: Period, offset: UtcOffset, now: Timestamp) -> Self {
        Self {
            domain: None,
            plan: plan.to_owned(),
            part: part.map(str::to_owned),
            period: period.name().to_owned(),
            period_id: period_id::write(period, offset, now),
        }
    }

    fn to_json(&self, spent: u64) -> Value {
        let Self { domain, plan, part, period, period_id } = self;
        let mut entries = json!({"plan": plan, "w": period, "p": period_id});
        if let Some(part) = part {
            entries["part"] = json!(part);
        }
        json!({"domain": domain, "entries": entries, "spent": spent})
    }
}
