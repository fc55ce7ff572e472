//! The service of a host, and the environment of a path.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use usage_plan_core::lookup::{Config, NoRoute, Route};

const DOCUMENT: &str = include_str!("route.json");

/// The domains of [`DOCUMENT`], each with its service.
const DOMAINS: [(&str, &str); 7] = [
    ("orders.example.com", "names"),
    ("10.0.0.1", "names"),
    ("[::1]", "names"),
    ("*.example.com", "strict"),
    ("*.eu.example.com", "maps"),
    ("maps.example.net", "maps"),
    ("*", "any"),
];

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::parse(DOCUMENT.as_bytes(), &|_| None).expect("a valid document"));

/// The first line of `data` is the host, and the rest is the path.
pub fn route(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (authority, path) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let route = CONFIG.route(authority, path);
    let service = CONFIG.service_on(authority);
    assert_eq!(service.is_none(), route == Err(NoRoute::Service));
    if let Some(host) = plain_host(authority) {
        assert_eq!(service.as_ref().map(|(service, _)| service.id()), service_of(&host), "{host}");
    }
    if let Some((service, domain)) = service {
        let upper = authority.to_ascii_uppercase();
        let same = CONFIG.service_on(&upper).map(|(other, domain)| (other.id().to_owned(), domain));
        assert_eq!(same, Some((service.id().to_owned(), domain)));
    }
    match route {
        Ok(route) => is_spelled_in_one_way(authority, path, route),
        Err(NoRoute::Environment(segment)) => {
            let path = String::from_utf8_lossy(path);
            assert!(path.contains(&*String::from_utf8_lossy(segment)) && !segment.contains(&b'/'));
        }
        Err(NoRoute::Service) => {}
    }
}

/// The host of an authority that is a name or an address, perhaps with a port, and nothing else.
fn plain_host(authority: &[u8]) -> Option<String> {
    let authority = std::str::from_utf8(authority).ok()?.to_ascii_lowercase();
    let (host, port) = authority.split_once(':').unwrap_or((&authority, "80"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // What ends in a number is an address or nothing.
    let ends_in_number = host.rsplit('.').next()?.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = host.split('.').all(is_label) && (!ends_in_number || host.parse::<Ipv4Addr>().is_ok());
    (host.len() <= 253 && is_host && is_port).then(|| host.to_owned())
}

/// The service of the longest domain that matches.
fn service_of(host: &str) -> Option<&'static str> {
    let matches = |(domain, _): &&(&str, &str)| match domain.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => *domain == host,
    };
    let best =
        DOMAINS.iter().filter(matches).max_by_key(|(domain, _)| (!domain.starts_with('*'), domain.len()));
    best.map(|(_, service)| *service)
}

/// Another spelling of the path is the same environment.
fn is_spelled_in_one_way(authority: &[u8], path: &[u8], route: Route) {
    if let Some(upstream) = route.path_without_prefix(path) {
        assert!(upstream.first() == Some(&b'/') && upstream.len() <= path.len());
    }
    let query = path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len());
    let (path, _) = path.split_at(query);
    let other_case =
        |escape: [u8; 3]| escape.map(|byte| byte ^ if byte.is_ascii_alphabetic() { 0x20 } else { 0 });
    let spellings = [
        spelled(path, |byte| vec![byte], |escape| other_case(escape).to_vec()),
        spelled(path, |byte| vec![byte], decoded),
        spelled(path, escaped, |escape| escape.to_vec()),
    ];
    for other in spellings {
        let name = |route: Route| CONFIG.environment(route.environment).name();
        let found = CONFIG.route(authority, &other).map(name);
        assert_eq!(found, Ok(name(route)), "{}", other.escape_ascii());
    }
}

/// The path with each plain byte and each escape written anew.
fn spelled(path: &[u8], plain: fn(u8) -> Vec<u8>, escape: impl Fn([u8; 3]) -> Vec<u8>) -> Vec<u8> {
    let (mut written, mut rest) = (Vec::new(), path);
    while let [first, after @ ..] = rest {
        match rest {
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                written.extend(escape([b'%', *high, *low]));
                rest = after;
            }
            _ => {
                written.extend(plain(*first));
                rest = after;
            }
        }
    }
    written
}

/// Whether a byte means the same with and without an escape: unreserved characters and sub-delimiters (RFC
/// 3986 section 2).
fn needs_no_escape(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

fn decoded(escape: [u8; 3]) -> Vec<u8> {
    let digits = std::str::from_utf8(&escape[1..]).expect("two digits");
    let byte = u8::from_str_radix(digits, 16).expect("two digits");
    if needs_no_escape(byte) { vec![byte] } else { escape.to_vec() }
}

fn escaped(byte: u8) -> Vec<u8> {
    if needs_no_escape(byte) { format!("%{byte:02X}").into_bytes() } else { vec![byte] }
}
