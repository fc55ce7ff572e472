//! The messages are those of Envoy's own definitions: `tests/vectors/ratelimit/messages.py` wrote them.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The bytes of a message.
fn golden(name: &str) -> Vec<u8> {
    let messages = include_str!("../../../../tests/vectors/ratelimit/messages.json");
    let messages: Value = serde_json::from_str(messages).expect("JSON");
    let digits = messages[name].as_str().expect(name).as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("hex");
    digits.chunks(2).map(byte).collect()
}

#[test]
fn a_request_is_written_as_envoy_does() {
    let rate =
        Descriptor { entries: &[("plan", "usagePlan-gold"), ("w", "second")], limit: 400, unit: 1, hits: 25 };
    assert_eq!(request("usage-plans", rate), golden("rate"));
    let look = Descriptor {
        entries: &[("plan", "usagePlan-gold"), ("w", "total"), ("p", "total")],
        limit: 20,
        unit: 6,
        hits: 0,
    };
    assert_eq!(request("usage-plans", look), golden("look"));
}

#[test]
fn a_response_says_what_is_granted_and_what_is_left() {
    assert_eq!(response(&golden("granted")), Some(Response::Ok { remaining: 375 }));
    assert_eq!(response(&golden("over")), Some(Response::OverLimit { remaining: 0 }));
    let refused = [0x08, 2, 0x12, 4, 0x08, 2, 0x18, 7];
    assert_eq!(response(&refused), Some(Response::OverLimit { remaining: 7 }));
}

#[test]
fn a_response_of_an_engine_without_statuses_is_read_by_its_overall_code() {
    for (bytes, expected) in [
        (&[0x08, 1][..], Some(Response::Ok { remaining: 0 })),
        (&[0x08, 2], Some(Response::OverLimit { remaining: 0 })),
        (&[0x08, 0], None),
        (&[], None),
        (&[0x0a, 0], None),
        (&[0x08], None),
    ] {
        assert_eq!(overall(bytes), expected, "{bytes:?}");
        assert_eq!(response(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_response_that_decides_nothing_is_none() {
    let granted = golden("granted");
    for (bytes, what) in [
        (golden("unknown domain"), "an unknown domain"),
        (Vec::new(), "an empty message"),
        (vec![0x08, 1], "no status"),
        ([&granted[2..], &granted[2..]].concat(), "two statuses"),
        (vec![0x12, 4, 0x08, 0, 0x12, 0], "the code UNKNOWN"),
        (vec![0x12, 4, 0x08, 9, 0x12, 0], "a code that there is not"),
        (vec![0x10, 1], "a status that is a number"),
        (vec![0x12, 4, 0x08, 1, 0x10, 1], "a limit that is a number"),
        (b"HTTP/1.1 200 OK".to_vec(), "another protocol"),
        ([&granted[..], &[0x0b]].concat(), "a group"),
        (vec![0xff; 11], "a number of more than 64 bits"),
    ] {
        assert_eq!(response(&bytes), None, "{what}");
    }
    for cut in 3..granted.len() {
        assert_eq!(response(&granted[..cut]), None, "cut after {cut} bytes");
    }
}

#[test]
fn fields_that_are_not_known_are_skipped() {
    let unknown =
        [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xa5, 0x06, 1, 2, 3, 4, 0xaa, 0x06, 1, 0xff, 0xa8, 0x06, 1];
    let bytes = [&unknown[..], &golden("granted")].concat();
    assert_eq!(response(&bytes), Some(Response::Ok { remaining: 375 }));
}

#[test]
fn a_cluster_is_named_by_a_message_and_a_name_that_is_too_long_by_none() {
    assert_eq!(grpc_service("usage-plan-engine").expect("it is short").as_bytes(), golden("cluster"));
    let longest = "e".repeat(125);
    assert_eq!(grpc_service(&longest).expect("it is short enough").as_bytes(), golden("longest cluster"));
    assert_eq!(grpc_service(&"e".repeat(126)), None);
    assert_eq!(grpc_service(&"é".repeat(63)), None, "bytes count, and not characters");
    assert_eq!(grpc_service("p1").as_deref(), Some("\n\u{4}\n\u{2}p1"));
}

proptest! {
    #[test]
    fn reading_any_bytes_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = response(&bytes);
    }
}
