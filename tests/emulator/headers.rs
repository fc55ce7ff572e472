//! A header map as Envoy keeps it.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use testbed::Request;

use crate::abi::{self, Answer, Status};

/// The names of which Envoy keeps one entry per request, to which it joins repeated headers with a comma.
/// Observed over HTTP/1. Every other name that was tried (`date`, `x-date`, `source`, `proxy-authorization`,
/// `content-md5`, …) keeps its entries apart; `cookie` does so over HTTP/1 only.
static JOINED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let names = include_str!("../vectors/joined-headers.txt").lines();
    names.chain([":authority"]).collect()
});

/// Headers in order. Names are in lower case; a value may be any bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// The headers of a request as Envoy hands them to a filter: what Envoy makes of the request line comes
    /// first. A `CONNECT` has no path.
    pub(crate) fn of_request(request: &Request) -> Self {
        let mut headers = Self::default();
        let (hosts, others): (Vec<_>, Vec<_>) =
            request.headers.iter().partition(|(name, _)| name.eq_ignore_ascii_case(b"host"));
        hosts.into_iter().for_each(|(_, value)| headers.add(":authority", value));
        if request.method != "CONNECT" {
            headers.add(":path", &request.target);
        }
        headers.add(":method", &request.method);
        headers.add(":scheme", "http");
        others.into_iter().for_each(|(name, value)| headers.add(name, value));
        // A request with trailers comes in chunks.
        if !request.body.is_empty() && request.trailers.is_empty() {
            headers.add("content-length", request.body.len().to_string());
        }
        headers
    }

    /// Adds a header at the end, or joins it to an existing one where Envoy does. Names that begin with a
    /// colon stay before all others.
    pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let (name, value) = (lower(name.as_ref()), value.as_ref());
        let is_joined = JOINED.contains(name.as_str());
        match self.0.iter_mut().find(|(other, _)| is_joined && *other == name) {
            // Envoy joins nothing to an empty value, and no empty value to another.
            Some((_, joined)) => {
                if !joined.is_empty() && !value.is_empty() {
                    joined.push(b',');
                }
                joined.extend(value);
            }
            None => {
                let pseudo = self.0.iter().take_while(|(other, _)| other.starts_with(':')).count();
                let index = if name.starts_with(':') { pseudo } else { self.0.len() };
                self.0.insert(index, (name, value.to_vec()));
            }
        }
    }

    /// Removes every header of that name and adds this one: Envoy does not keep its position either.
    pub fn replace(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.remove(name.as_ref());
        self.add(name, value);
    }

    /// Changes the value of a header that Envoy itself writes, at its position, or adds the header at the
    /// end.
    pub(crate) fn overwrite(&mut self, name: &str, value: impl AsRef<[u8]>) {
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value.as_ref().to_vec(),
            None => self.add(name, value),
        }
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) {
        let name = lower(name.as_ref());
        self.0.retain(|(other, _)| *other != name);
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Every value of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The first value of that name as text; bytes that are not UTF-8 show as `�`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// Every header, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        abi::encode_pairs(self.iter().map(|(name, value)| (name.as_bytes(), value)))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Answer<Self> {
        abi::decode_pairs(bytes).map(Self::from_iter).ok_or(Status::BadArgument)
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::default();
        pairs.into_iter().for_each(|(name, value)| headers.add(name, value));
        headers
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(n, v)| format!("{n}: {}", v.escape_ascii()))).finish()
    }
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}
