//! What a credential that is made to be dear costs, in the fuel of the interpreter: in proportion to the
//! bytes received (`docs/rules.md#signature`).

use emulator::{Shared, Worker};
use testbed::Request;

use crate::UsagePlan;
use crate::caller::{acme, get};
use crate::document::{RATE, document_with};

type Wasm = emulator::Wasm<UsagePlan>;

/// The bytes of a request's header lines.
fn received(request: &Request) -> u64 {
    let line = |(name, value): &(Vec<u8>, Vec<u8>)| name.len() + value.len() + 4;
    request.headers.iter().map(line).sum::<usize>() as u64
}

/// The worker, and the fuel that a usual request costs it.
fn start(shared: &std::sync::Arc<Shared>) -> (Wasm, u64) {
    let mut worker = Wasm::start(shared, document_with(RATE, 1_000_000));
    let usual = acme().sign(get(shared, "/orders"));
    let usual = (0..10).map(|_| fuel(&mut worker, &usual)).last().expect("ten requests");
    (worker, usual)
}

fn fuel(worker: &mut Wasm, request: &Request) -> u64 {
    worker.request(request).fuel.expect("the interpreter counts fuel")
}

/// A request with the credential, in which `@` is what is made to be dear.
fn with_credential(shared: &Shared, credential: &str, dear: &str) -> Request {
    get(shared, "/orders").header("authorization", credential.replace('@', dear))
}

#[test]
fn a_dear_credential_costs_40_a_byte_at_most_and_twice_the_bytes_at_most_twice() {
    let shared = Shared::new();
    let (mut worker, usual) = start(&shared);
    let whole = r#"id="AKIDacme0001", algorithm="hmac-sha1", signature="AAAA""#;
    for (credential, unit) in [
        (format!(r#"hmac {whole}, headers="x-date@""#), " "),
        (format!(r#"hmac {whole}, headers="@x-date""#), "\t"),
        (format!(r#"hmac {whole}@, headers="x-date""#), " "),
        (format!(r#"hmac @{whole}, headers="x-date""#), "\t"),
        (format!(r#"hmac {whole}, headers="x-date"@"#), " "),
        (r#"hmac id="@", algorithm="hmac-sha1", signature="AAAA", headers="x-date""#.to_owned(), "a"),
        (r#"hmac id="a", algorithm="hmac-sha1", signature="@", headers="x-date""#.to_owned(), "a"),
        (format!(r#"hmac {whole}, headers="x-date@"#), " "),
        (format!(r#"hmac {whole}, headers="x-date", @"#), "a"),
    ] {
        let mut measure = |bytes: usize| {
            let request = with_credential(&shared, &credential, &unit.repeat(bytes));
            fuel(&mut worker, &request);
            (fuel(&mut worker, &request), received(&request))
        };
        let (half, _) = measure(26_500);
        let (full, bytes) = measure(53_000);
        assert!(full <= usual + 40 * bytes, "{credential}: {full} for {bytes} bytes");
        assert!(full <= 2 * half, "{credential}: {half}, then {full}");
    }
}

/// Names that differ in their last byte, received in the credential and as header fields.
#[test]
fn thirty_two_long_names_cost_in_proportion_to_their_length() {
    let shared = Shared::new();
    let (mut worker, usual) = start(&shared);
    let mut measure = |length: usize, sent: usize| {
        let name = |i: u8| format!("{}{}", "a".repeat(length - 1), char::from(b'a' + i));
        let names: Vec<String> = (0..31).map(|i| name(i % 26) + &"b".repeat(usize::from(i / 26))).collect();
        let credential =
            r#"hmac id="AKIDacme0001", algorithm="hmac-sha1", headers="x-date @", signature="AAAA""#;
        let request = with_credential(&shared, credential, &names.join(" "));
        let request = names.iter().take(sent).fold(request, |request, name| request.header(name, ""));
        fuel(&mut worker, &request);
        (fuel(&mut worker, &request), received(&request))
    };
    // The MAC of the names is the larger part of what the last line costs.
    for (sent, a_byte) in [(0, 45), (31, 50)] {
        let (half, _) = measure(400, sent);
        let (full, bytes) = measure(800, sent);
        assert!(full <= usual + a_byte * bytes, "{sent} sent: {full} for {bytes} bytes");
        assert!(full <= 2 * half, "{sent} sent: {half}, then {full}");
    }
}
