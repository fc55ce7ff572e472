//! What is no call is answered with its reason, and harms nobody.

use std::io::{Read, Write};
use std::net::TcpStream;

use prost::Message;
use usage_plan_engine::message::SHOULD_RATE_LIMIT;

use crate::client::{Caller, Failure, request};
use crate::fixture::{Place, runtime};

/// The numbers of gRPC's statuses.
const INVALID_ARGUMENT: i32 = 3;
const NOT_FOUND: i32 = 5;
const OUT_OF_RANGE: i32 = 11;
const UNIMPLEMENTED: i32 = 12;

#[test]
fn every_wrong_call_gets_a_status_with_the_reason_and_the_next_call_is_answered() {
    let place = Place::new();
    let engine = place.start();
    runtime().block_on(async {
        let mut caller = Caller::of(&engine).await;
        let rate = |unit| request(&[("plan", "gold"), ("w", "second")], (10, unit), 1);
        let day = |id: &str| request(&[("plan", "gold"), ("w", "day"), ("p", id)], (10, 4), 1);
        let mut unknown = rate(1);
        unknown.domain = "other".to_owned();
        let mut two = rate(1);
        two.descriptors.push(two.descriptors[0].clone());
        let mut negative = rate(1);
        negative.descriptors[0].is_negative_hits = true;
        let mut unlimited = rate(1);
        unlimited.descriptors[0].limit = None;
        for (request, code, wanted) in [
            (rate(0), INVALID_ARGUMENT, "there is no unit 0"),
            (rate(9), INVALID_ARGUMENT, "there is no unit 9"),
            (rate(-1), INVALID_ARGUMENT, "there is no unit -1"),
            (rate(2), INVALID_ARGUMENT, "is not limit.unit"),
            (unknown, NOT_FOUND, "there is no domain"),
            (two, INVALID_ARGUMENT, "one descriptor"),
            (negative, INVALID_ARGUMENT, "cannot be given back"),
            (unlimited, INVALID_ARGUMENT, "no limit"),
            (day("today"), INVALID_ARGUMENT, "no day has the id"),
            (day("2020-01-01+0000"), OUT_OF_RANGE, "ended at 2020-01-02"),
        ] {
            match caller.decide(&request).await {
                Err(Failure::Status(found, message)) => {
                    assert!(found == code && message.contains(wanted), "{wanted}: {found} {message}");
                }
                other => panic!("{wanted}: {other:?}"),
            }
        }
        for (path, body, code) in [
            ("/envoy.service.ratelimit.v3.RateLimitService/Other", Vec::new(), UNIMPLEMENTED),
            ("/", Vec::new(), UNIMPLEMENTED),
            (SHOULD_RATE_LIMIT, vec![0, 0, 0, 0, 3, 0xff, 0xff, 0xff], INVALID_ARGUMENT),
            (SHOULD_RATE_LIMIT, vec![0, 0, 1, 0, 0], OUT_OF_RANGE),
            (SHOULD_RATE_LIMIT, vec![1, 0, 0, 0, 0], 13),
        ] {
            match caller.send_framed(path, body.clone()).await {
                Err(Failure::Status(found, message)) => assert_eq!(found, code, "{path} {body:?}: {message}"),
                other => panic!("{path} {body:?}: {other:?}"),
            }
        }
        let long = "x".repeat(20_000);
        let too_long = request(&[("plan", &long)], (10, 1), 1).encode_to_vec();
        assert!(matches!(caller.send(SHOULD_RATE_LIMIT, &too_long).await, Err(Failure::Status(..))));
        let cut = caller.send_framed(SHOULD_RATE_LIMIT, vec![0, 0, 0, 0, 9, 1]).await;
        assert!(cut.is_err(), "{cut:?}");
        assert_eq!(caller.ask("gold", 10, 4).await, Ok((true, 6)));
        assert_eq!(caller.ask("gold", 10, 7).await, Ok((false, 6)));
        assert_eq!(caller.ask("gold", 10, 0).await, Ok((true, 6)));
    });
    assert!(engine.get("/metrics").contains("refused_calls_total{reason=\"invalid\"} 8\n"));
}

#[test]
fn bytes_that_are_no_http_close_their_connection_and_no_other() {
    let place = Place::new();
    let engine = place.start();
    for bytes in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 100], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff"]
    {
        for address in [engine.listen, engine.admin] {
            let mut stream = TcpStream::connect(address).expect("it listens");
            stream.write_all(bytes).expect("it reads");
            let mut answer = Vec::new();
            // It may be reset before its end is sent, or before all is read.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut answer);
        }
    }
    runtime().block_on(async {
        assert_eq!(Caller::of(&engine).await.ask("gold", 10, 1).await, Ok((true, 9)));
    });
    assert_eq!(engine.get("/healthz"), "ok\n");
}
