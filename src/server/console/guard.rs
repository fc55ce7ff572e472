//! What holds for every request and every answer of the console: the host that is asked, where a change comes
//! from, and the headers that limit what a browser does with a page.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::site::Console;

/// Nothing but what this server has; no script or style in a page; no frame around it; forms that come back.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer` a browser would not say the origin of a form either.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what is not meant for the console, and limits what is done with its answers.
pub(super) async fn guard(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&console.hosts, request.method(), request.headers()) {
        Some(why) => why.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page is never in a cache, because it may have a secret in it. The style sheet says otherwise itself.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(hosts: &[String], method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    if !is_our_host(hosts, headers) {
        let why = "The console does not answer on this host. An address does, and localhost; a name has to be \
                   given with --console-host.\n";
        return Some((StatusCode::MISDIRECTED_REQUEST, why));
    }
    if !matches!(*method, Method::GET | Method::HEAD) && !is_same_origin(headers) {
        return Some((StatusCode::FORBIDDEN, "A change has to come from a page of the console.\n"));
    }
    None
}

/// Whether the host is an address, `localhost` or a known name. A page of another name that is made to point
/// here (DNS rebinding) has that name as its host, which is a name and never an address.
fn is_our_host(hosts: &[String], headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = without_port(host);
    let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    is_address || name == "localhost" || hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// Whether a page of this origin sends the request. `Sec-Fetch-Site` cannot be set by a page; a browser sends
/// it where the connection is safe, and `Origin` in any case.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == text(HOST)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn names_that_nobody_gave_are_no_host_of_the_console() {
        let known = ["console.example.com".to_owned()];
        for (host, expected) in [
            ("127.0.0.1:8088", true),
            ("[::1]:8088", true),
            ("::1", true),
            ("localhost:8088", true),
            ("Console.Example.com", true),
            ("console.example.com:443", true),
            ("attacker.example", false),
            ("127.0.0.1.attacker.example:8088", false),
            ("localhost.attacker.example", false),
            ("http://127.0.0.1:8088", false),
            ("", false),
        ] {
            assert_eq!(is_our_host(&known, &headers(&[("host", host)])), expected, "{host}");
        }
        assert!(!is_our_host(&known, &headers(&[])), "no host");
    }

    #[test]
    fn a_change_comes_from_a_page_of_the_same_origin() {
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8088")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "http://127.0.0.1:8088")], true),
            (&[("origin", "http://127.0.0.1:9999")], false),
            (&[("origin", "https://attacker.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let mut headers = headers(pairs);
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8088"));
            assert_eq!(is_same_origin(&headers), expected, "{pairs:?}");
            let refused = refusal(&[], &Method::POST, &headers).is_some();
            assert_eq!(refused, !expected, "{pairs:?}");
            assert!(refusal(&[], &Method::GET, &headers).is_none(), "whoever looks changes nothing");
        }
    }
}
