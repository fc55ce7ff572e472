//! What an engine answers the filter.

use envoy_usage_plan::fleet::message::{Response, response};
use prost::Message;
use usage_plan_engine::message::{Code, RateLimitResponse};

/// Reads an answer. Where another reader of the same messages understands it, it is the same; where that one
/// sees no decision, there is none.
pub fn answer(input: &[u8]) {
    let read = response(input);
    let Ok(other) = RateLimitResponse::decode(input) else { return };
    let expected = match other.statuses.as_slice() {
        [status] if status.code == Code::Ok as i32 && status.current_limit.is_some() => {
            Some(Response::Ok { remaining: status.limit_remaining })
        }
        [status] if status.code == Code::OverLimit as i32 => {
            Some(Response::OverLimit { remaining: status.limit_remaining })
        }
        _ => None,
    };
    // Groups, which the messages do not have, are no message to the filter.
    assert!(read == expected || read.is_none(), "{read:?}, {expected:?}");
}
