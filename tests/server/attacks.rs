//! The attacks in `tests/vectors/management/`: each must get the code that it says, leave the document as it
//! is, and leave the server alive.

mod case;

use std::collections::BTreeMap;
use std::{fs, thread};

use serde_json::Value;
use testbed::{Client, Request, Response, repository};

use self::case::{Case, Expected, File, Step};
use crate::fixture::{Place, Server};

/// The classes of attacks, in the order of their files.
fn classes() -> BTreeMap<String, Vec<Case>> {
    let folder = repository().join("tests/vectors/management");
    let files = fs::read_dir(folder).expect("the corpus is in the repository");
    let paths = files.map(|file| file.expect("an entry").path());
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).expect("the file can be read");
        let file: Result<File, _> = serde_json::from_str(&text);
        file.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths
        .filter(|path| !path.ends_with("document.json") && !path.ends_with("actions.json"))
        .map(read)
        .map(|file| (file.class, file.cases))
        .collect()
}

/// The document that is attacked.
pub(crate) fn document() -> Value {
    let path = repository().join("tests/vectors/management/document.json");
    serde_json::from_slice(&fs::read(path).expect("the document")).expect("JSON")
}

#[test]
fn every_attack_gets_its_answer_and_changes_nothing_that_it_may_not() {
    let faults = thread::scope(|scope| {
        let classes = classes().into_iter().map(|(class, cases)| scope.spawn(move || attack(&class, &cases)));
        let running: Vec<_> = classes.collect();
        let faults = running.into_iter().flat_map(|class| class.join().expect("it runs to its end"));
        faults.collect::<Vec<_>>()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Tries a class of attacks; what is wrong. Those that may edit have a server of their own, and the rest of
/// the class share one.
fn attack(class: &str, cases: &[Case]) -> Vec<String> {
    let start = || {
        let place = Place::new(&document());
        let server = place.serve(&[]);
        (place, server)
    };
    let shared = start();
    let run = |case: &Case| {
        let faults = if case.edits {
            let (place, server) = start();
            [run(&place, &server, case), invalid(&place)].concat()
        } else {
            run(&shared.0, &shared.1, case)
        };
        let told = |fault| format!("{class}: {}: {fault}\n  it stands for: {}", case.name, case.stands_for);
        faults.into_iter().map(told).collect::<Vec<_>>()
    };
    assert!(!cases.is_empty(), "{class}");
    cases.iter().flat_map(run).collect()
}

/// What is wrong with the document.
fn invalid(place: &Place) -> Vec<String> {
    let ran = place.try_run("check");
    (ran.status != 0).then(|| format!("the document is not valid: {}", ran.stderr)).into_iter().collect()
}

/// Sends the steps of a case; what is wrong.
fn run(place: &Place, server: &Server, case: &Case) -> Vec<String> {
    let before = place.document();
    let mut faults = Vec::new();
    let mut last: Option<Request> = None;
    for (number, step) in case.steps.iter().enumerate() {
        let request = step.request(server.address, last.as_ref());
        let response = Client::new(server.address).send(&request);
        let fault = match response {
            Ok(response) => fault(step, &response),
            Err(_) if step.expect.closed() => None,
            Err(error) => Some(error.to_string()),
        };
        faults.extend(fault.map(|fault| format!("step {}: {fault}", number + 1)));
        last = Some(request);
    }
    if !case.edits && place.document() != before {
        faults.push(format!("the document is now {}", place.document()));
    }
    server.assert_alive();
    faults
}

fn fault(step: &Step, response: &Response) -> Option<String> {
    let text = response.text();
    let shown = || format!("{} {}", response.status, text.chars().take(400).collect::<String>());
    if let Expected::Status { status } = &step.expect {
        return (!status.contains(&response.status)).then(|| format!("expected {status:?}: {}", shown()));
    }
    let envelope: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let answer = &envelope["Response"];
    let identified = answer["RequestId"].as_str().is_some_and(|id| id.len() == 36);
    let plain = response.header("content-type").as_deref() == Some("application/json");
    if response.status != 200 || !identified || !plain {
        return Some(format!("this is not the envelope of an answer: {}", shown()));
    }
    let code = answer["Error"]["Code"].as_str().unwrap_or("ok");
    let holds = match &step.expect {
        Expected::Code(expected) => code == expected,
        Expected::OneOf(codes) => codes.iter().any(|expected| code == expected),
        Expected::Status { .. } => true,
    };
    (!holds).then(|| format!("expected {:?}: {}", step.expect, shown()))
}
