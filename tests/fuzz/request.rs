//! A whole request through the filter itself, on the emulator's native host.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use emulator::{Exchange, Filter, Headers, Native, START, Shared, Worker};
use proxy_wasm::traits::RootContext;
use testbed::Request;
use usage_plan_core::auth::DateName;
use usage_plan_core::auth::date::LastDate;
use usage_plan_core::request::Headers as CoreHeaders;
use usage_plan_core::timestamp::Timestamp;

use crate::{hosts, lines, reference};

/// Its limits are so high that they never refuse: then a request means the same whatever came before it.
const DOCUMENT: &str = include_str!("request.json");

/// The keys that can call, with their secrets.
const CALLERS: [(&str, &[&str]); 3] = [
    ("AKIDacme0001", &["acme-secret-key-0001"]),
    ("AKIDnext0001", &["next-secret-key-0002", "next-secret-key-0001"]),
    ("AKIDfree0001", &["free-secret-key-0001"]),
];

/// The domains of the services, each with how its callers are known.
const DOMAINS: [(&str, &str); 3] =
    [("orders.example.com", "signed"), ("*.example.com", "signed"), ("*", "open")];

/// The headers that say who calls.
const IDENTITY: [&str; 4] = ["x-usage-plan-id", "x-usage-plan-environment", "x-secret-id", "x-service-id"];

/// The header that says it in one, which no document here asks for.
const JOINED: &str = "x-usage-plan-identity";

struct UsagePlan;

impl Filter for UsagePlan {
    fn root_context(id: u32) -> Box<dyn RootContext> {
        Box::new(envoy_usage_plan::Root::new(id))
    }

    fn module() -> PathBuf {
        testbed::module()
    }
}

struct Host {
    shared: Arc<Shared>,
    worker: Native<UsagePlan>,
}

thread_local! {
    static HOST: RefCell<Host> = RefCell::new({
        let shared = Shared::new();
        let worker = Native::start(&shared, DOCUMENT);
        Host { shared, worker }
    });
}

/// The first line of `data` is the method and the path, and the others are headers. A signature that is
/// written `$` is made here, with the secret of the credential's key: no mutation would ever find one.
pub fn request(data: &[u8]) {
    let (first, fields) = lines::read(data);
    let blank = first.iter().position(|byte| *byte == b' ').unwrap_or(first.len());
    let (method, target) = first.split_at(blank);
    let mut request = Request::bare(&String::from_utf8_lossy(method), target.get(1..).unwrap_or_default());
    // Envoy's codecs refuse a request that brings pseudo-headers of its own.
    request.headers =
        fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec())).collect();
    sign(&mut request);
    let exchange = HOST.with_borrow_mut(|host| {
        host.shared.clock().set(START);
        host.worker.request(&request)
    });
    judge(&request, &exchange);
}

/// Puts the right signature in the place of `$`.
fn sign(request: &mut Request) {
    let fields = header_map(request);
    let values = request.headers.iter_mut().filter(|(name, _)| name == b"authorization");
    for (_, value) in values {
        let Some(credential) = reference::credential(value) else { continue };
        let secrets = secrets(credential.id);
        let secret = match (credential.signature, secrets) {
            (b"$", [current, ..]) => current,
            (b"$$", [_, previous]) => previous,
            _ => continue,
        };
        let made = [true, false].into_iter().find_map(|in_lower_case| {
            let message = reference::message(&credential.names, &fields, in_lower_case)?;
            reference::signature(credential.algorithm, secret, &message)
        });
        let Some(made) = made else { continue };
        let quoted = [&b"signature=\""[..], credential.signature, b"\""].concat();
        let at = value.windows(quoted.len()).position(|window| window == quoted).expect("it was read");
        value.splice(at + 11..at + quoted.len() - 1, made.into_bytes());
    }
}

fn judge(request: &Request, exchange: &Exchange) {
    let context = || format!("{}\n{exchange:#?}", request.bytes().escape_ascii());
    let outcome = exchange.state("wasm.usage_plan_outcome").expect("every request has one");
    let fields = header_map(request);
    let caller = caller(&fields);
    match (&*outcome, &exchange.upstream) {
        ("allowed", Some(upstream)) => {
            let caller = caller.unwrap_or_else(|| panic!("nobody signed it: {}", context()));
            assert_eq!(exchange.upstream_header("x-secret-id").as_deref(), Some(caller), "{}", context());
            for name in IDENTITY {
                assert_eq!(named(upstream, name), 1, "{name}: {}", context());
            }
            assert_eq!(named(upstream, JOINED), 0, "{}", context());
            assert_eq!(named(upstream, "authorization"), 0, "{}", context());
        }
        ("anonymous", Some(upstream)) => {
            let mut names = IDENTITY.iter().chain(&[JOINED]);
            assert!(names.all(|name| named(upstream, name) == 0), "{}", context());
            let host = fields.iter().find(|(name, _)| name == b":authority").map(|(_, host)| host.as_slice());
            let service = hosts::service_on(host.unwrap_or_default(), &DOMAINS);
            assert_eq!(service, Some("open"), "{}", context());
        }
        (_, None) => {
            let reply = exchange.reply.as_ref().unwrap_or_else(|| panic!("no reply: {}", context()));
            assert!([401, 403, 404].contains(&reply.status), "{}", context());
            let body =
                reply.body.strip_prefix(b"{\"message\":\"").is_some_and(|rest| rest.ends_with(b"\"}\n"));
            assert!(body && reply.body.len() < 600, "{}", context());
            // Here the filter has no other reason to refuse.
            let is_plain = fields.contains(&(b":authority".to_vec(), b"orders.example.com".to_vec()))
                && request.target == b"/release/x"
                && caller.is_some_and(|caller| caller != "AKIDfree0001");
            assert!(!is_plain, "it is signed: {}", context());
        }
        _ => panic!("{}", context()),
    }
}

/// The caller that signed these fields, if one did.
fn caller(fields: &[reference::Field]) -> Option<&'static str> {
    let mut values = fields.iter().filter(|(name, _)| name == b"authorization").map(|(_, value)| value);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let start = value.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let credential = reference::credential(&value[start..])?;
    let caller = CALLERS.iter().find(|(id, _)| id.as_bytes() == credential.id)?.0;
    let secrets = secrets(credential.id);
    let is_signed = secrets.iter().any(|secret| reference::verifies(&credential, fields, secret));
    (is_signed && is_dated(&credential, fields)).then_some(caller)
}

/// Whether a date is signed, and every signed date is near the clock.
fn is_dated(credential: &reference::Credential<'_>, fields: &[reference::Field]) -> bool {
    let borrowed: Vec<_> = fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
    let is_signed = |date: &DateName| {
        credential.names.iter().any(|name| name.eq_ignore_ascii_case(date.name().as_bytes()))
    };
    let mut signed = DateName::ALL.into_iter().filter(is_signed).peekable();
    signed.peek().is_some()
        && signed.all(|date| {
            let time = date.read(CoreHeaders::new(&borrowed), &LastDate::default()).map(Timestamp::as_secs);
            time.is_ok_and(|time| time.abs_diff(START / 1_000_000_000) <= 900)
        })
}

fn secrets(id: &[u8]) -> &'static [&'static str] {
    CALLERS.iter().find(|(known, _)| known.as_bytes() == id).map_or(&[], |(_, secrets)| secrets)
}

/// The header map that Envoy makes of the request, with repeated headers joined where Envoy joins them.
fn header_map(request: &Request) -> Vec<reference::Field> {
    let name = |name: &[u8]| if name == b"host" { b":authority".to_vec() } else { name.to_vec() };
    let headers: Headers = request.headers.iter().map(|(n, value)| (name(n), value)).collect();
    headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec())).collect()
}

/// How many headers have this name, or a spelling of it that an upstream may read alike.
fn named(headers: &Headers, name: &str) -> usize {
    let spelled = |other: &str| other.replace(|character: char| character.is_ascii_punctuation(), "-");
    headers.iter().filter(|(other, _)| spelled(other) == name).count()
}
