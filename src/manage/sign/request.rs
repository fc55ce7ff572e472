//! The request that is signed.

use std::fmt;
use std::str::FromStr;

use httparse::Status;
use ureq::http::Uri;
use ureq::http::uri::{Authority, InvalidUri, PathAndQuery};
use usage_plan_core::request::{self, Field};
use usage_plan_core::sentence::Sentence;

use super::error::Error;
use super::phrases;

/// Where a request goes.
#[derive(Clone, Debug)]
pub struct Url {
    scheme: &'static str,
    authority: String,
    path: String,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// The name, in the case in which it is sent.
    pub name: String,
    /// The value without white space around it.
    pub value: String,
}

/// A request with its headers in their order.
#[derive(Debug)]
pub struct Request {
    method: String,
    url: Url,
    /// The value of `Host` if it was given instead of the URL's.
    host: Option<String>,
    /// The headers without `Host`.
    headers: Vec<HeaderField>,
}

// === impl Url ===

impl Url {
    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The host and port as clients send them: without the scheme's own port.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The path with its query.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The same server with another path, which may have a query.
    pub(crate) fn with_path(&self, path: &str) -> Result<Self, Sentence> {
        format!("{}://{}{path}", self.scheme, self.authority).parse()
    }
}

impl FromStr for Url {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let uri: Uri =
            text.parse().map_err(|error: InvalidUri| phrases::NO_ADDRESS.put(error.to_string()))?;
        let (scheme, port) = match uri.scheme_str() {
            Some("http") => ("http", ":80"),
            Some("https") => ("https", ":443"),
            _ => return Err(phrases::SCHEME.into()),
        };
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        if authority.contains('@') {
            return Err(phrases::USER.into());
        }
        let path = uri.path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            scheme,
            authority: authority.strip_suffix(port).unwrap_or(authority).to_owned(),
            path: format!("{slash}{path}"),
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

// === impl HeaderField ===

impl HeaderField {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl FromStr for HeaderField {
    type Err = Sentence;

    /// Reads `Name: value`.
    fn from_str(text: &str) -> Result<Self, Sentence> {
        let mut fields = [httparse::EMPTY_HEADER; 1];
        let line = format!("{text}\r\n\r\n");
        match httparse::parse_headers(line.as_bytes(), &mut fields) {
            Ok(Status::Complete((_, [field]))) => {
                let value = String::from_utf8_lossy(field.value).into_owned();
                Ok(Self { name: field.name.to_owned(), value })
            }
            _ => Err(phrases::ONE_HEADER.into()),
        }
    }
}

// === impl Request ===

impl Request {
    /// A request without a signature.
    ///
    /// # Errors
    ///
    /// If `method` is not the name of a method, or `headers` has `Authorization` or more than one `Host`.
    pub fn new(method: &str, url: Url, headers: Vec<HeaderField>) -> Result<Self, Error> {
        if headers.iter().any(|field| field.is("authorization")) {
            return Err(Error::AuthorizationGiven);
        }
        let (mut hosts, headers): (Vec<HeaderField>, Vec<HeaderField>) =
            headers.into_iter().partition(|field| field.is("host"));
        let host = hosts.pop().map(|field| field.value);
        if !hosts.is_empty() {
            return Err(Error::HostRepeated);
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if method.is_empty() || !method.bytes().all(is_name) {
            return Err(Error::Method);
        }
        Ok(Self { method: method.to_owned(), url, host, headers })
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn authority(&self) -> &str {
        self.host.as_deref().unwrap_or(self.url.authority())
    }

    /// The headers without `Host`.
    pub(super) fn headers(&self) -> &[HeaderField] {
        &self.headers
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|field| field.is(name))
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.headers.push(HeaderField { name: name.to_owned(), value: value.to_owned() });
    }

    /// Calls `look` with the request as the filter receives it.
    pub(super) fn with_received<T>(&self, look: impl FnOnce(&request::Request<'_>) -> T) -> T {
        let names: Vec<String> = self.headers.iter().map(|field| field.name.to_ascii_lowercase()).collect();
        let mut fields: Vec<Field<'_>> = vec![
            (b":authority", self.authority().as_bytes()),
            (b":path", self.url.path().as_bytes()),
            (b":method", self.method.as_bytes()),
        ];
        let headers = names.iter().zip(&self.headers);
        fields.extend(headers.map(|(name, field)| (name.as_bytes(), field.value.as_bytes())));
        look(&request::Request::new(&fields))
    }

    /// The headers to send. `Host` is among them when it is signed or differs from the URL's.
    pub(super) fn into_headers_to_send(self, signs_host: bool) -> Vec<HeaderField> {
        let mut headers = self.headers;
        if signs_host || self.host.is_some() {
            let value = self.host.unwrap_or(self.url.authority);
            headers.insert(0, HeaderField { name: "Host".to_owned(), value });
        }
        headers
    }
}
