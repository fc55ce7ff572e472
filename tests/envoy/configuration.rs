//! How a document comes to the filter: at the start, while Envoy serves, to several listeners, and in what size.

mod large;
mod reload;
mod render;
mod sharing;
mod start;

use std::time::{Duration, Instant};

use testbed::{Client, Envoy, Request, Response, Signer};

/// A key whose plan `shared` admits `limit` requests per second on `host`.
fn document(host: &str, limit: u64) -> String {
    serde_json::json!({
        "services": [{"id": "service-orders", "domains": [host], "environments": ["release"]}],
        "keys": [{"secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
        "usage_plans": [{
            "id": "shared", "max_requests_per_second": limit, "keys": ["AKIDacme0001"],
            "environments": [{"service": "service-orders", "environment": "release"}],
        }],
    })
    .to_string()
}

const HOST: &str = "orders.example.com";

/// A call of that key.
fn call() -> Request {
    Signer::new("AKIDacme0001", "acme-secret-key-0001").sign(Request::get(HOST, "/release/x"))
}

/// The answer on a listener of `envoy`.
fn send_to(envoy: &Envoy, listener: usize, request: &Request) -> Response {
    Client::new(envoy.listeners()[listener]).send(request).expect("an answer")
}

/// The status and what is left of the plan, as `remaining/limit`.
fn told(response: &Response) -> (u16, String) {
    (response.status, response.header("x-usageplan-ratelimit").unwrap_or_default())
}

/// What `attempt` finds when it is over within a second of the moment that it tells, before the first call that it
/// depends on: a counter is only known to hold what was spent less than a second ago. On a machine too busy for that
/// it is done again.
fn within_a_second<T>(mut attempt: impl FnMut() -> (Instant, T)) -> T {
    for _ in 0..20 {
        let (start, found) = attempt();
        if start.elapsed() < Duration::from_millis(990) {
            return found;
        }
    }
    panic!("twenty attempts took over a second each");
}

/// Calls until the answer is `expected`, so that nothing else is spent; tells a moment before that call was made.
fn spend(mut send: impl FnMut() -> (u16, String), expected: &str) -> Instant {
    let call = || (Instant::now(), send());
    let (start, (status, left)) = until(call, |(_, (status, left))| *status == 200 && left == expected);
    assert_eq!((status, left.as_str()), (200, expected));
    start
}

/// Asks until the answer is what it must become: a worker takes a configuration up a moment after Envoy says so.
fn until<T>(mut ask: impl FnMut() -> T, is_there: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let answer = ask();
        if is_there(&answer) || Instant::now() > deadline {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
