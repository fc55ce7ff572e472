//! The rules of a host a second time (`docs/rules.md#routing`), and which of some domains it matches.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The service of the domain that matches `authority`: an exact one, or the longest suffix, or `*`.
pub(crate) fn service_on(authority: &[u8], domains: &[(&str, &'static str)]) -> Option<&'static str> {
    let host = host(authority)?;
    let matches = |(domain, _): &&(&str, &str)| match domain.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && (suffix.is_empty() || host.len() > suffix.len()),
        None => *domain == host,
    };
    let closest = |(domain, _): &&(&str, &str)| (!domain.starts_with('*'), domain.len());
    domains.iter().filter(matches).max_by_key(closest).map(|(_, service)| *service)
}

/// The host in one spelling: without a port and a dot at its end, in lower case, an address as `std` does.
fn host(authority: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(authority).ok()?.to_ascii_lowercase();
    let host = match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => &text,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > 253 {
        return None;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"));
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_name = host.split('.').all(|label| !label.is_empty() && label.bytes().all(is_part));
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    (is_name && (!is_number || host.parse::<Ipv4Addr>().is_ok())).then(|| host.to_owned())
}
