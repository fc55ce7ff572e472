//! The spelling of a host (RFC 3986 section 3.2.2): what a request's authority has of it, and the one in
//! which hosts are compared. The document's rules and the look-up of a request share them.
//!
//! What is no host has no such spelling, and matches no domain, not even `*`. Otherwise a caller could reach
//! the service of `*` with a text that the upstream reads as the host of another service.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The largest length of a host in bytes, which is that of a name in the DNS (RFC 1035 section 2.3.4).
pub const MAX_LEN: usize = 253;

/// The host of `authority`, without a port and one dot at the end; `None` if it is longer than [`MAX_LEN`].
pub fn of_authority(authority: &[u8]) -> Option<&[u8]> {
    let before_digits = authority.iter().rposition(|byte| !byte.is_ascii_digit())?;
    let host = match authority.get(before_digits) {
        Some(b':') => authority.get(..before_digits)?,
        _ => authority,
    };
    without_dot(host, MAX_LEN)
}

/// `host`, which has neither port nor dot at the end, in the spelling in which hosts are compared: in lower
/// case, and an IPv6 address as RFC 5952 writes it. `None` if it is no host name and no address.
pub fn canonical(host: &[u8]) -> Option<Cow<'_, [u8]>> {
    if let Some(address) = host.strip_prefix(b"[") {
        let address: Ipv6Addr = parse(address.strip_suffix(b"]")?)?;
        return Some(Cow::Owned(format!("[{address}]").into_bytes()));
    }
    let name = Name::new(host)?;
    if name.ends_in_number {
        parse::<Ipv4Addr>(host)?;
    }
    Some(name.in_lower_case())
}

/// A domain of the document, which is a host, `*.suffix` or `*`, in the spelling in which hosts are compared.
/// `None` if no host can match it.
pub fn canonical_domain(domain: &str) -> Option<String> {
    if domain == "*" {
        return Some(domain.to_owned());
    }
    let Some(suffix) = domain.strip_prefix("*.") else {
        let host = canonical(without_dot(domain.as_bytes(), MAX_LEN)?)?;
        return String::from_utf8(host.into_owned()).ok();
    };
    // A host that matches has at least one character and a dot before the suffix.
    let suffix = Name::new(without_dot(suffix.as_bytes(), MAX_LEN.saturating_sub(2))?)?;
    let begins_address = |start: &str| parse::<Ipv4Addr>(&[start.as_bytes(), suffix.text].concat()).is_some();
    if suffix.ends_in_number && !["0.", "0.0.", "0.0.0."].into_iter().any(begins_address) {
        return None;
    }
    String::from_utf8([b"*.", &*suffix.in_lower_case()].concat()).ok()
}

/// `host` without one dot at its end; `None` if it is longer than `max` then.
fn without_dot(host: &[u8], max: usize) -> Option<&[u8]> {
    let host = host.strip_suffix(b".").unwrap_or(host);
    (host.len() <= max).then_some(host)
}

fn parse<A: FromStr>(address: &[u8]) -> Option<A> {
    std::str::from_utf8(address).ok()?.parse().ok()
}

/// Labels that can be those of a host name.
struct Name<'h> {
    text: &'h [u8],
    has_upper_case: bool,
    /// Whether the last label has digits only. Such a name is an IPv4 address, or some upstreams take it for
    /// one: to them, `010.0.0.1` and `10.1` are addresses.
    ends_in_number: bool,
}

// === impl Name ===

impl<'h> Name<'h> {
    fn new(text: &'h [u8]) -> Option<Self> {
        let mut name = Self { text, has_upper_case: false, ends_in_number: true };
        let mut label_is_empty = true;
        for byte in text {
            match byte {
                b'a'..=b'z' | b'-' | b'_' => name.ends_in_number = false,
                b'.' if !label_is_empty => {
                    label_is_empty = true;
                    name.ends_in_number = true;
                    continue;
                }
                b'0'..=b'9' => {}
                b'A'..=b'Z' => {
                    name.ends_in_number = false;
                    name.has_upper_case = true;
                }
                _ => return None,
            }
            label_is_empty = false;
        }
        (!label_is_empty).then_some(name)
    }

    fn in_lower_case(&self) -> Cow<'h, [u8]> {
        if self.has_upper_case {
            Cow::Owned(self.text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(self.text)
        }
    }
}

#[cfg(test)]
mod tests;
