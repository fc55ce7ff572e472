//! The request that is signed.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;
use ureq::http::uri::{Authority, PathAndQuery};

use crate::error::{Error, Result};
use usage_plan_core::auth::{Field, Headers};

/// Where a request goes.
#[derive(Clone, Debug)]
pub(super) struct Url {
    scheme: &'static str,
    authority: String,
    path: String,
}

/// A header, as given.
#[derive(Clone, Debug)]
pub(super) struct HeaderField {
    name: String,
    value: String,
}

/// A request: what it is asked of, and its headers in their order.
pub(super) struct Request {
    method: String,
    authority: String,
    path: String,
    headers: Vec<HeaderField>,
    has_host: bool,
}

// === impl Url ===

impl Url {
    pub(super) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// As clients send it: without the scheme's own port.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// With its query.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
        let (scheme, port) = match uri.scheme_str() {
            Some("http") => ("http", ":80"),
            Some("https") => ("https", ":443"),
            _ => return Err("must begin with http:// or https://".to_owned()),
        };
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        if authority.contains('@') {
            return Err("must be without a user: the signature is what tells who calls".to_owned());
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
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl FromStr for HeaderField {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut fields = [httparse::EMPTY_HEADER; 1];
        let line = format!("{text}\r\n\r\n");
        match httparse::parse_headers(line.as_bytes(), &mut fields) {
            Ok(httparse::Status::Complete((_, [field]))) => {
                let value = String::from_utf8_lossy(field.value).into_owned();
                Ok(Self { name: field.name.to_owned(), value })
            }
            _ => Err("must be one header, such as 'Source: my-app'".to_owned()),
        }
    }
}

// === impl Request ===

impl Request {
    pub(super) fn new(method: &str, url: &Url, headers: &[HeaderField]) -> Result<Self> {
        if headers.iter().any(|field| field.is("authorization")) {
            return Err(Error::usage("--header: Authorization is what this command makes"));
        }
        let mut hosts = headers.iter().filter(|field| field.is("host"));
        let host = hosts.next();
        if hosts.next().is_some() {
            return Err(Error::usage("--header: Host is given more than once"));
        }
        if method.is_empty()
            || !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return Err(Error::usage("--method must be the name of a method, such as POST"));
        }
        Ok(Self {
            method: method.to_owned(),
            authority: host.map_or(url.authority(), |host| &host.value).to_owned(),
            path: url.path().to_owned(),
            headers: headers.iter().filter(|field| !field.is("host")).cloned().collect(),
            has_host: host.is_some(),
        })
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|field| field.is(name))
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.headers.push(HeaderField { name: name.to_owned(), value: value.to_owned() });
    }

    /// Calls `look` with the headers as the filter gets them.
    pub(super) fn with_fields<T>(&self, look: impl FnOnce(Headers<'_>) -> T) -> T {
        let names: Vec<String> = self.headers.iter().map(|field| field.name.to_ascii_lowercase()).collect();
        let pseudo: [Field<'_>; 3] = [
            (b":authority", self.authority.as_bytes()),
            (b":path", self.path.as_bytes()),
            (b":method", self.method.as_bytes()),
        ];
        let fields =
            names.iter().zip(&self.headers).map(|(name, field)| (name.as_bytes(), field.value.as_bytes()));
        look(Headers::new(&pseudo.into_iter().chain(fields).collect::<Vec<_>>()))
    }

    /// The headers to send; `Host` among them when it is signed or another than the URL's.
    pub(super) fn lines(&self, signs_host: bool) -> Vec<(String, String)> {
        let host = (signs_host || self.has_host).then(|| ("Host".to_owned(), self.authority.clone()));
        let others = self.headers.iter().map(|field| (field.name.clone(), field.value.clone()));
        host.into_iter().chain(others).collect()
    }
}
