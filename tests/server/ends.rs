//! SIGTERM while operators edit: each edit is answered or has not happened, and nothing is half done.

use std::collections::BTreeSet;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::{Place, admin};

/// How often a server is ended.
const MOMENTS: u32 = 20;
/// An edit takes some milliseconds: the moments are spread over several of them.
const STEP: Duration = Duration::from_millis(7);
/// How many operators edit at the same time.
const EDITORS: usize = 3;
/// Between two looks at the document.
const POLL: Duration = Duration::from_millis(2);

#[test]
fn ended_at_any_moment_the_server_has_answered_each_edit_that_it_made() {
    let place = Place::new(&json!({"services": []}));
    let mut answered = BTreeSet::new();
    for moment in 0..MOMENTS {
        let server = place.serve(&[]);
        let address = server.address;
        let status = thread::scope(|scope| {
            let editors: Vec<_> =
                (0..EDITORS).map(|editor| scope.spawn(move || edit(address, moment, editor))).collect();
            thread::sleep(STEP * moment);
            let status = server.stop();
            answered.extend(editors.into_iter().flat_map(|editor| editor.join().expect("no panic")));
            status
        });
        assert_eq!(status.code(), Some(0), "{moment}");
        let document = place.document();
        let keys: BTreeSet<String> = texts(&document["keys"], "name").collect();
        assert_eq!(keys, answered, "{moment}: the document has what was answered, and nothing else");
        assert_whole(&place, &document);
    }
    assert!(!answered.is_empty(), "none lived for as long as an edit takes");
}

/// Creates keys until the server answers no more; the names of those that it answered.
fn edit(address: SocketAddr, moment: u32, editor: usize) -> Vec<String> {
    let names = (0..).map(|number| format!("key_{moment}_{editor}_{number}"));
    let create = |name: &String| {
        let answer = admin().ask(address, "CreateApiKey", &json!({"SecretName": name})).ok()?;
        assert_eq!(answer["Error"], Value::Null, "{answer}");
        Some(())
    };
    names.take_while(|name| create(name).is_some()).collect()
}

#[test]
fn an_edit_that_waits_for_an_envoy_is_answered_before_the_server_ends() {
    let place = Place::new(&json!({"services": []}));
    // An Envoy that lets everybody connect and says nothing.
    let envoy = TcpListener::bind("127.0.0.1:0").expect("a port");
    fs::create_dir(place.path("published")).expect("a directory");
    let admin_of_envoy = envoy.local_addr().expect("an address").to_string();
    let server = place.serve(&[
        "--to",
        "published",
        "--admin",
        &admin_of_envoy,
        "--timeout",
        "2s",
        "--xds",
        "127.0.0.1:0",
    ]);
    let address = server.address;
    thread::scope(|scope| {
        let edit = scope.spawn(move || admin().ask(address, "CreateApiKey", &json!({"SecretName": "late"})));
        while texts(&place.document()["keys"], "name").next().is_none() {
            thread::sleep(POLL);
        }
        assert!(!edit.is_finished(), "the edit waits for the Envoy");
        assert_eq!(server.stop().code(), Some(0));
        let answer = edit.join().expect("no panic").expect("an answer");
        let document = place.document();
        assert_eq!(answer["Result"]["AccessKeyId"], document["keys"][0]["secret_id"], "{answer}");
        assert_whole(&place, &document);
    });
}

/// Asserts that the log and the record have exactly what the document has.
#[track_caller]
fn assert_whole(place: &Place, document: &Value) {
    let ids: BTreeSet<String> = texts(&document["keys"], "secret_id").collect();
    let read = |name: &str| fs::read_to_string(place.path(name)).unwrap_or_default();
    let record: Value = serde_json::from_str(&read("usage-plans.json.record.json")).unwrap_or_default();
    let recorded = record["keys"].as_object().into_iter().flatten().map(|(id, _)| id.clone());
    assert_eq!(recorded.collect::<BTreeSet<_>>(), ids, "the record");
    let log = read("usage-plans.json.log");
    let entries = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a whole line"));
    assert_eq!(entries.filter(|entry| entry["kind"] == "edit").count(), ids.len(), "the log");
    // A file that was being written when the server ended would lie beside them.
    let rest = fs::read_dir(place.path("")).expect("a directory").flatten();
    let rest: Vec<_> =
        rest.map(|file| file.file_name()).filter(|name| name.to_string_lossy().contains(".tmp")).collect();
    assert!(rest.is_empty(), "{rest:?}");
}

fn texts(list: &Value, member: &str) -> impl Iterator<Item = String> {
    let objects = list.as_array().into_iter().flatten();
    objects.filter_map(move |object| object[member].as_str().map(str::to_owned))
}
