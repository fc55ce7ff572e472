//! Every action, as its contract has it: it is done, and its answer has the members that clients read. Then
//! every parameter of every action with values that nobody expects.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use testbed::operator::{now, unsigned};
use testbed::{Client, repository};

use crate::attacks::document;
use crate::fixture::{Place, admin};

/// How many connections send requests at once.
const CONNECTIONS: usize = 8;
/// How many of the unexpected values each parameter gets.
const VALUES: usize = 10;

/// An action, with parameters that it takes in the order of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    action: String,
    parameters: Map<String, Value>,
    /// What the answer has to have.
    #[serde(default)]
    has: Vec<String>,
}

fn actions() -> Vec<Action> {
    let path = repository().join("tests/vectors/management/actions.json");
    serde_json::from_slice(&fs::read(path).expect("the actions")).expect("JSON")
}

#[test]
fn every_action_is_done_and_its_answer_has_what_clients_read() {
    let place = Place::new(&document());
    let server = place.serve(&[]);
    for Action { action, parameters, has } in actions() {
        let answer = ask(&mut Client::new(server.address), server.address, &action, &parameters.into());
        assert!(answer["Error"].is_null(), "{action}: {answer}");
        for member in has {
            assert!(answer.pointer(&member).is_some(), "{action} has no {member}: {answer}");
        }
    }
    place.run("check");
}

#[test]
fn no_value_of_a_parameter_ends_the_server_or_makes_a_document_that_is_not_valid() {
    let place = Place::new(&document());
    let server = place.serve(&[]);
    let (address, requests) = (server.address, Mutex::new(requests()));
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| send_all(address, &requests));
        }
    });
    place.run("check");
    server.assert_alive();
}

/// Sends all requests, and asserts what holds of every answer.
fn send_all(server: SocketAddr, requests: &Mutex<VecDeque<(String, Value)>>) {
    let mut client = Client::new(server);
    loop {
        let next = requests.lock().expect("no panic holds it").pop_front();
        let Some((action, parameters)) = next else { return };
        let answer = ask(&mut client, server, &action, &parameters);
        let code = answer["Error"]["Code"].as_str().unwrap_or("ok");
        assert_ne!(code, "InternalError", "{action} {parameters}: {answer}");
        assert!(!code.starts_with("AuthFailure"), "{action} {parameters}: {answer}");
        assert_eq!(answer["RequestId"].as_str().map(str::len), Some(36), "{action} {parameters}: {answer}");
    }
}

/// What is answered to a request that was signed a second ago, with a number of its own: the server holds no
/// answer to such a one back, and no two have the same signature.
fn ask(client: &mut Client, server: SocketAddr, action: &str, parameters: &Value) -> Value {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
    let mut operator = admin();
    operator.headers.push("x-tc-traceid".to_owned());
    let request = unsigned(&server.to_string(), action, parameters).header("X-TC-TraceId", number);
    let request = operator.sign(request, now() - 1);
    let response = client.send(&request).unwrap_or_else(|error| panic!("{action} {parameters}: {error}"));
    assert_eq!(response.status, 200, "{action} {parameters}: {}", response.text());
    let mut answer: Value = serde_json::from_slice(&response.body).expect("an answer is JSON");
    answer["Response"].take()
}

/// Every action, each time with one parameter that is another one, or is not there.
fn requests() -> VecDeque<(String, Value)> {
    let unexpected = unexpected();
    let mut chosen = 0;
    let mut requests = VecDeque::new();
    for Action { action, parameters, .. } in actions() {
        for name in parameters.keys() {
            let mut without = parameters.clone();
            without.remove(name);
            requests.push_back((action.clone(), without.into()));
            for _ in 0..VALUES {
                let mut changed = parameters.clone();
                // A step that has no divisor in common with their number: in the end, each comes as often.
                chosen = (chosen + 7) % unexpected.len();
                changed.insert(name.clone(), unexpected[chosen].clone());
                requests.push_back((action.clone(), changed.into()));
            }
        }
        let mut more = parameters.clone();
        more.insert("Nonsense".to_owned(), json!(1));
        requests.push_back((action, more.into()));
    }
    requests
}

fn unexpected() -> Vec<Value> {
    let ids: Vec<String> = (0..101).map(|number| format!("AKID{number}")).collect();
    let values = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(2001),
        json!(100_000_000),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(1.5),
        json!(""),
        json!(" "),
        json!("a"),
        json!("release"),
        json!("*"),
        json!("*.example.com"),
        json!("x".repeat(5000)),
        json!("\0"),
        json!("a\u{1b}[31mb\r\n"),
        json!("../../etc/passwd"),
        json!("{\"a\": 1}"),
        json!("\u{1d54f}\u{202e}\u{0301}"),
        json!([]),
        json!([[]]),
        json!([null]),
        json!(["a"]),
        json!(["AKIDacme0001", "AKIDacme0001"]),
        json!(ids),
        json!({}),
        json!({"Key": "a"}),
        json!([{"Name": "SecretName", "Values": "acme"}]),
        json!([{"Name": 1, "Values": [1]}]),
        json!([{"Name": "KeyWord", "Values": [""]}, {"Name": "KeyWord", "Values": ["a"]}]),
        json!([{"Key": "", "Value": "\n"}]),
        json!([{"Key": "k".repeat(300), "Value": "v"}]),
        json!([{"Path": "/", "Environment": "release"}, {"Path": "/", "Environment": "test"}]),
        json!("usagePlan-gold"),
    ];
    assert!(!values.len().is_multiple_of(7), "the step of `requests` reaches all of them");
    values
}
