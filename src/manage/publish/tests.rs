//! Publishing without an Envoy, or with one that is not there.

use std::fs;
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{EnvoyAnswer, Error, Publisher, ValidDocument};
use crate::admin::{Admin, Reason};
use crate::render::FilterOptions;

const DOCUMENT: &[u8] = br#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET"}]}"#;

fn publisher<'a>(directory: &'a std::path::Path, admins: &'a [Admin], stop: &'a AtomicBool) -> Publisher<'a> {
    let timeout = Duration::from_secs(5);
    Publisher {
        directory,
        mode: 0o600,
        resolve: false,
        options: FilterOptions::default(),
        admins,
        timeout,
        stop,
    }
}

#[test]
fn publishing_twice_replaces_the_file_once_and_a_different_mode_replaces_it_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let (stop, document) = (AtomicBool::new(false), ValidDocument::parse(DOCUMENT).expect("valid"));
    let mut publisher = publisher(directory.path(), &[], &stop);
    let first = publisher.publish(&document).expect("published");
    let second = publisher.publish(&document).expect("published");
    publisher.mode = 0o640;
    let third = publisher.publish(&document).expect("published");
    assert_eq!([first.changed, second.changed, third.changed], [true, false, true]);
    assert_eq!((&first.version, &first.version), (&second.version, &third.version));
    let text = fs::read_to_string(&first.path).expect("published");
    assert!(text.contains(&first.version) && text.contains("ACME_SECRET"), "{text}");
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let (missing, stop) = (directory.path().join("missing"), AtomicBool::new(false));
    let document = ValidDocument::parse(DOCUMENT).expect("valid");
    match publisher(&missing, &[], &stop).publish(&document) {
        Err(Error::Directory { path, .. }) => assert_eq!(path, missing),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_envoy_that_does_not_answer_is_silent_and_the_file_is_published() {
    // The port was free a moment ago, and nothing listens on it.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let admin: Admin = listener.local_addr().expect("bound").to_string().parse().expect("an address");
    drop(listener);
    let directory = tempfile::tempdir().expect("a directory");
    let (stop, admins) = (AtomicBool::new(false), [admin]);
    let document = ValidDocument::parse(DOCUMENT).expect("valid");
    let published = publisher(directory.path(), &admins, &stop).publish(&document).expect("published");
    assert!(published.changed && published.path.exists());
    match &published.envoys[..] {
        [(_, EnvoyAnswer::Silent(error))] => {
            assert!(matches!(error.reason, Reason::NoAnswer(_)), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_that_breaks_a_rule_is_not_one_to_publish() {
    let errors = ValidDocument::parse(br#"{"keys": [{"secret_id": "AKIDacme0001"}]}"#).err();
    assert_eq!(errors.expect("invalid").count(), 1);
}
