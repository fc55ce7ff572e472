//! Clients that send slowly, or nothing: they are ended, and hold nobody up.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::json;
use testbed::Operator;
use testbed::operator::{now, unsigned};

use crate::attacks::document;
use crate::fixture::{ADMIN, Place, admin};

/// More than the server waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many connections of each kind are opened.
const CONNECTIONS: usize = 32;

#[test]
fn a_slow_request_is_ended_and_holds_nobody_up() {
    let place = Place::new(&document());
    let server = place.serve(&[]);
    let address = server.address;
    let signed = admin().sign(unsigned(&address.to_string(), "DescribeApiKeysStatus", &json!({})), now());
    let mut body_missing = signed.bytes();
    body_missing.pop();
    let kinds: [&[u8]; 4] = [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: a\r\n", &body_missing];
    thread::scope(|scope| {
        for sent in kinds.into_iter().cycle().take(kinds.len() * CONNECTIONS) {
            scope.spawn(move || assert!(is_ended(address, sent), "{}", sent.escape_ascii()));
        }
        let operator = Operator::new(ADMIN[0], ADMIN[1]);
        let answer = operator.ask(address, "DescribeApiKeysStatus", &json!({"Limit": 1}));
        assert_eq!(answer.expect("an answer")["Result"]["TotalCount"], 2, "others are answered meanwhile");
    });
    server.assert_alive();
}

/// Whether the server ends a connection on which nothing follows what was sent.
fn is_ended(address: SocketAddr, sent: &[u8]) -> bool {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.write_all(sent).expect("the server reads");
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}
