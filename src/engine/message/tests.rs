//! The messages are those of Envoy's own definitions: `tests/vectors/ratelimit/messages.py` wrote them.

use prost::Message;
use serde_json::Value;

use super::*;

/// The bytes of a message.
fn golden(name: &str) -> Vec<u8> {
    let messages = include_str!("../../../tests/vectors/ratelimit/messages.json");
    let messages: Value = serde_json::from_str(messages).expect("JSON");
    let digits = messages[name].as_str().expect(name).as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("hex");
    digits.chunks(2).map(byte).collect()
}

fn descriptor(entries: &[(&str, &str)], limit: (u32, i32), hits_addend: Option<u64>) -> RateLimitDescriptor {
    let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
    RateLimitDescriptor {
        entries: entries.iter().map(entry).collect(),
        limit: Some(RateLimitOverride { requests_per_unit: limit.0, unit: limit.1 }),
        hits_addend,
        is_negative_hits: false,
    }
}

fn request(domain: &str, descriptors: Vec<RateLimitDescriptor>, hits_addend: u32) -> RateLimitRequest {
    RateLimitRequest { domain: domain.to_owned(), descriptors, hits_addend }
}

#[track_caller]
fn assert_is<M: Message + Default + PartialEq + std::fmt::Debug>(message: &M, name: &str) {
    let bytes = golden(name);
    assert_eq!(M::decode(bytes.as_slice()).expect(name), *message, "{name} is read");
    assert_eq!(message.encode_to_vec(), bytes, "{name} is written");
}

#[test]
fn a_request_is_read_and_written_as_envoy_does() {
    let rate = || descriptor(&[("plan", "usagePlan-gold"), ("w", "second")], (400, 1), None);
    assert_is(&request("usage-plans", vec![rate()], 25), "rate");
    let entries =
        [("plan", "usagePlan-gold"), ("part", "key/AKIDacme0001"), ("w", "day"), ("p", "2026-11-24+0800")];
    let quota = descriptor(&entries, (u32::MAX, 4), Some(250));
    assert_is(&request("usage-plans", vec![quota], 0), "quota");
    let peek = descriptor(&[("plan", "é")], (0, 6), Some(0));
    assert_is(&request("usage-plans", vec![peek], 7), "peek");
    assert_is(&request("d", vec![rate(), RateLimitDescriptor::default()], 0), "two");
    assert_is(&RateLimitRequest::default(), "empty");
}

#[test]
fn a_response_is_read_and_written_as_envoy_does() {
    let response = |code: Code, current_limit, limit_remaining, duration_until_reset| {
        let code = i32::from(code);
        let status = DescriptorStatus { code, current_limit, limit_remaining, duration_until_reset };
        RateLimitResponse { overall_code: code, statuses: vec![status] }
    };
    let limit = |requests_per_unit, unit| Some(RateLimit { requests_per_unit, unit });
    let quarter = std::time::Duration::from_millis(250);
    assert_is(&response(Code::Ok, limit(400, 1), 375, Some(quarter.into())), "granted");
    assert_is(&response(Code::OverLimit, limit(10, 6), 0, None), "over");
}

#[test]
fn hits_that_are_given_back_are_seen() {
    // Field 4 of the descriptor: the definitions that wrote the other bytes do not have it yet.
    let descriptor = RateLimitDescriptor::decode(&[0x20, 0x01][..]).expect("a descriptor");
    assert!(descriptor.is_negative_hits);
}
