//! The service of a host, and the environment of a path.

use std::sync::LazyLock;

use usage_plan_core::lookup::{Config, NoRoute, Route};

use crate::hosts;

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
    let service = CONFIG.service_on(authority).map(|(service, _)| service.id());
    assert_eq!(service, hosts::service_on(authority, &DOMAINS));
    assert_eq!(service.is_none(), route == Err(NoRoute::Service));
    let upper = CONFIG.service_on(&authority.to_ascii_uppercase());
    assert_eq!(upper.map(|(service, _)| service.id()), service);
    match route {
        Ok(route) => {
            if let Some(upstream) = route.path_without_prefix(path) {
                assert!(upstream.first() == Some(&b'/') && upstream.len() <= path.len());
            }
        }
        Err(NoRoute::Environment(segment)) => {
            let path = String::from_utf8_lossy(path);
            assert!(path.contains(&*String::from_utf8_lossy(segment)) && !segment.contains(&b'/'));
        }
        Err(NoRoute::Service) => {}
    }
    is_spelled_in_one_way(authority, path, environment(route));
}

fn environment(route: Result<Route, NoRoute<'_>>) -> Option<&'static str> {
    route.ok().map(|route| CONFIG.environment(route.environment).name())
}

/// Another spelling of the path is the same environment.
fn is_spelled_in_one_way(authority: &[u8], path: &[u8], expected: Option<&str>) {
    let query = path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len());
    let (path, _) = path.split_at(query);
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let other_case = |escape: [u8; 3]| escape.map(|byte| if is_letter(byte) { byte ^ 0x20 } else { byte });
    let spellings = [
        spelled(path, |byte| vec![byte], |escape| other_case(escape).to_vec()),
        spelled(path, |byte| vec![byte], decoded),
        spelled(path, escaped, |escape| escape.to_vec()),
    ];
    let is_escape = |rest: &[u8]| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    if !path.split(|byte| *byte == b'%').skip(1).all(is_escape) {
        // Beside a percent sign that begins no escape, a byte that is decoded can begin one.
        return;
    }
    for other in spellings {
        assert_eq!(environment(CONFIG.route(authority, &other)), expected, "{}", other.escape_ascii());
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
