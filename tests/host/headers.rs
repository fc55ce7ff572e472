//! A header map as Envoy keeps it.

use super::abi::{self, Answer, Status};
use std::fmt;

/// Names of which Envoy keeps one entry and joins what is added with a comma. Observed on Envoy 1.40 for requests over
/// HTTP/1; all other names that were tried (`date`, `x-date`, `source`, `proxy-authorization`, `content-md5`, …) stay
/// apart, `cookie` only there.
const JOINED: &str = include_str!("../vectors/joined-headers.txt");

/// Headers in order. Names are lower case; a value may be any bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Adds a header at the end, or joins it to the one there is where Envoy does.
    pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let (name, value) = (lower(name.as_ref()), value.as_ref());
        let there = self.0.iter_mut().find(|(n, _)| *n == name && JOINED.lines().any(|name| name == n));
        match there {
            Some((_, joined)) => {
                joined.push(b',');
                joined.extend(value);
            }
            None => self.0.push((name, value.to_vec())),
        }
    }

    /// Removes every header of that name and puts this one at the end (observed: its place is not kept).
    pub fn replace(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.remove(name.as_ref());
        self.add(name, value);
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) {
        let name = lower(name.as_ref());
        self.0.retain(|(n, _)| *n != name);
    }

    /// The first value of that name: all that the ABI's single getter ever shows.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Every value of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The first value of that name as text, or `None` when there is none; bytes that are not UTF-8 show as `�`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// Every header, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name).collect()
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        abi::encode_pairs(self.iter().map(|(name, value)| (name.as_bytes(), value)))
    }

    pub(super) fn decode(bytes: &[u8]) -> Answer<Self> {
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
