//! A case of the corpus, and the requests that it sends.
//!
//! A step is a request as an operator signs it. `set`, `add` and `remove` change it after it is signed, and
//! `again` sends the one before it in place of another, changed in the same way. `{address}`, `{host}` and
//! `{port}` in a text are the server's.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::Value;
use testbed::attacks::Text;
use testbed::operator::{VERSION, now};
use testbed::{Operator, Request};

use crate::fixture::{ADMIN, VIEWER};

/// A file of the corpus.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) class: String,
    pub(crate) cases: Vec<Case>,
}

/// An attack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// What would be wrong if it got through.
    pub(crate) stands_for: String,
    pub(crate) steps: Vec<Step>,
    /// Whether one of its steps may edit the document.
    #[serde(default)]
    pub(crate) edits: bool,
}

/// A request of an attack, and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(default)]
    action: String,
    /// The parameters.
    body: Option<Value>,
    /// The body, where it is not the JSON of parameters.
    raw: Option<Text>,
    method: Option<String>,
    target: Option<Text>,
    host: Option<String>,
    content_type: Option<String>,
    /// More headers, which can be signed.
    #[serde(default)]
    headers: Vec<(String, Text)>,
    #[serde(default)]
    sign: Sign,
    /// Sends the request of the step before.
    #[serde(default)]
    again: bool,
    /// Headers that have another value than the signed one. `:body` and `:target` are the request's.
    #[serde(default)]
    set: BTreeMap<String, Text>,
    /// Writes the signature in capitals.
    #[serde(default)]
    capitals: bool,
    #[serde(default)]
    add: Vec<(String, Text)>,
    #[serde(default)]
    remove: Vec<String>,
    pub(crate) expect: Expected,
}

/// How a request is signed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sign {
    viewer: bool,
    id: Option<String>,
    key: Option<String>,
    service: Option<String>,
    date: Option<String>,
    /// How far the operator's clock is ahead. An answer to what was signed a second ago is not held back.
    seconds: Option<i64>,
    /// The names of the signed headers, with `;` between them.
    headers: Option<Text>,
    payload: Option<String>,
}

/// What has to be answered.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expected {
    /// `ok`, or the code of an error.
    Code(String),
    /// One of these.
    OneOf(Vec<String>),
    /// No answer of the API, but one of HTTP with one of these statuses. 0: the connection is closed.
    Status { status: Vec<u16> },
}

// === impl Step ===

impl Step {
    /// The request to the server at `address`, which may be the `last` one again.
    pub(crate) fn request(&self, address: SocketAddr, last: Option<&Request>) -> Request {
        let filled = |text: &str| {
            text.replace("{address}", &address.to_string())
                .replace("{host}", &address.ip().to_string())
                .replace("{port}", &address.port().to_string())
        };
        let request = match last.filter(|_| self.again) {
            Some(last) => last.clone(),
            None => self.signed(&filled),
        };
        self.changed(request, &filled)
    }

    fn signed(&self, filled: &dyn Fn(&str) -> String) -> Request {
        let bytes = |text: &Text| filled_bytes(text, filled);
        let target = self.target.as_ref().map_or(b"/".to_vec(), bytes);
        let body = match (&self.raw, &self.body) {
            (Some(raw), _) => bytes(raw),
            (None, Some(body)) => body.to_string().into_bytes(),
            (None, None) => Vec::new(),
        };
        let host = filled(self.host.as_deref().unwrap_or("{address}"));
        let mut request = Request::bare(self.method.as_deref().unwrap_or("POST"), target)
            .header("Host", host)
            .header("Content-Type", self.content_type.as_deref().unwrap_or("application/json"))
            .header("X-TC-Action", &self.action)
            .header("X-TC-Version", VERSION)
            .body(body);
        for (name, value) in &self.headers {
            request = request.header(name, bytes(value));
        }
        let sign = &self.sign;
        let [id, key] = if sign.viewer { VIEWER } else { ADMIN };
        let mut operator =
            Operator::new(sign.id.as_deref().unwrap_or(id), sign.key.as_deref().unwrap_or(key));
        operator.service = sign.service.as_deref().map_or(operator.service, filled);
        operator.date = sign.date.clone();
        if let Some(names) = &sign.headers {
            operator.headers = names.text().split(';').map(str::to_owned).collect();
        }
        operator.payload = sign.payload.clone().map(String::into_bytes);
        operator.sign(request, now() + sign.seconds.unwrap_or(-1))
    }

    fn changed(&self, mut request: Request, filled: &dyn Fn(&str) -> String) -> Request {
        let has = |name: &[u8], other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        for (name, value) in &self.set {
            let value = filled_bytes(value, filled);
            match name.as_str() {
                ":body" => request.body = value,
                ":target" => request.target = value,
                name => {
                    let header = request.headers.iter_mut().find(|(other, _)| has(other, name));
                    header.unwrap_or_else(|| panic!("there is no {name} to set")).1 = value;
                }
            }
        }
        if self.capitals {
            let header = request.headers.iter_mut().find(|(name, _)| has(name, "Authorization"));
            let value = &mut header.expect("a signed request").1;
            let start = value.len() - 64;
            value[start..].make_ascii_uppercase();
        }
        request.headers.retain(|(name, _)| !self.remove.iter().any(|other| has(name, other)));
        for (name, value) in &self.add {
            request = request.header(name, filled_bytes(value, filled));
        }
        request
    }
}

// === impl Expected ===

impl Expected {
    /// Whether the server may close the connection without an answer.
    pub(crate) fn closed(&self) -> bool {
        matches!(self, Self::Status { status } if status.contains(&0))
    }
}

/// The bytes of a text with the places of the server.
fn filled_bytes(text: &Text, filled: &dyn Fn(&str) -> String) -> Vec<u8> {
    match text {
        Text::Plain(plain) => Text::Plain(filled(plain)).bytes(),
        text => text.bytes(),
    }
}
