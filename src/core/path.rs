//! The spelling of a path (RFC 3986): the one in which paths are compared, and questions about others. The
//! document's rules and the look-up of a request share them.

mod ambiguity;

use std::borrow::Cow;

use memchr::{memchr, memchr2};

pub use self::ambiguity::{has_dot_segment, is_ambiguous};

/// A path of the document, in the spelling in which paths are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The path itself.
    Exact(Vec<u8>),
    /// The path and all paths below it.
    Below(Vec<u8>),
}

// === impl Pattern ===

impl Pattern {
    /// Reads `/orders`, or `/orders/*` for `/orders` and all paths below it.
    pub fn new(text: &str) -> Self {
        match text.strip_suffix("/*") {
            Some(above) => Self::Below(decoded(above.as_bytes()).into_owned()),
            None => Self::Exact(decoded(text.as_bytes()).into_owned()),
        }
    }

    /// How much of a decoded path tells whether it matches.
    pub fn looks_at(&self) -> usize {
        let (Self::Exact(path) | Self::Below(path)) = self;
        path.len().saturating_add(1)
    }

    /// Whether `path`, which is decoded and has no query, matches.
    pub fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => path == exact,
            Self::Below(above) => is_below(path, above),
        }
    }
}

/// Whether `path` is `above` or a path below it, by whole segments. Both are decoded.
pub fn is_below(path: &[u8], above: &[u8]) -> bool {
    path.strip_prefix(above).is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
}

/// `path` without its query and fragment.
pub fn without_query(path: &[u8]) -> &[u8] {
    memchr2(b'?', b'#', path).and_then(|end| path.get(..end)).unwrap_or(path)
}

/// The first segment of `path`, which begins after a slash, and what follows its slash if it has one.
pub fn split_segment(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    let slash = memchr(b'/', path).and_then(|slash| path.split_at_checked(slash));
    slash.map_or((path, None), |(segment, rest)| (segment, rest.strip_prefix(b"/")))
}

/// `path` in the spelling in which paths are compared (RFC 3986 section 6.2.2): each escape is the byte that
/// it stands for. Nothing is decoded twice.
///
/// An escaped slash becomes a backslash, so that it does not separate segments. No path of a document has a
/// backslash.
pub fn decoded(path: &[u8]) -> Cow<'_, [u8]> {
    if !path.contains(&b'%') {
        return Cow::Borrowed(path);
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.iter();
    while let Some(byte) = rest.next() {
        let unescaped = if *byte == b'%' { unescape(rest.as_slice()) } else { None };
        if unescaped.is_some() {
            rest.nth(1);
        }
        bytes.push(unescaped.unwrap_or(*byte));
    }
    Cow::Owned(bytes)
}

/// The first `len` bytes of the decoded path, or all, and perhaps some bytes more which mean nothing. A path
/// can be long, and what it is compared with decides how much of it is looked at.
pub fn decoded_start(path: &[u8], len: usize) -> Cow<'_, [u8]> {
    // An escape has three bytes, so that the bytes of one that is cut come later.
    decoded(path.get(..len.saturating_mul(3)).unwrap_or(path))
}

/// How many bytes of `path` spell the first `len` bytes of the decoded path.
pub fn spelled_len(path: &[u8], len: usize) -> usize {
    let mut rest = path.iter();
    for _ in 0..len {
        if rest.next() == Some(&b'%') && unescape(rest.as_slice()).is_some() {
            rest.nth(1);
        }
    }
    path.len().saturating_sub(rest.len())
}

/// The byte that `%` stands for before these hexadecimal digits; a backslash for a slash.
fn unescape(digits: &[u8]) -> Option<u8> {
    let [high, low, ..] = digits else { return None };
    match hex_digit(*high)?.wrapping_mul(16).wrapping_add(hex_digit(*low)?) {
        b'/' => Some(b'\\'),
        byte => Some(byte),
    }
}

/// Whether a segment has a second spelling: an escaped character that needs no escape (RFC 3986 section
/// 6.2.2.2), or a backslash.
pub fn is_spelled_otherwise(segment: &[u8]) -> bool {
    let needs_no_escape = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/\\".contains(&byte);
    segment.contains(&b'\\') || escapes(segment).any(needs_no_escape)
}

/// The bytes that a segment escapes as `%XX`, decoded.
pub fn escapes(segment: &[u8]) -> impl Iterator<Item = u8> {
    segment.windows(3).filter_map(|window| match *window {
        [b'%', high, low] => Some(hex_digit(high)?.wrapping_mul(16).wrapping_add(hex_digit(low)?)),
        _ => None,
    })
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
