//! A call of the Rate Limit Service: what the engine makes of it.

use prost::Message;
use usage_plan_core::limit::period_id;
use usage_plan_engine::call::{Ask, Target};
use usage_plan_engine::counter::{PERIOD, QuotaCounter};
use usage_plan_engine::message::RateLimitRequest;

/// Reads a call. What is read is written and read alike; a quota's counter is found again by its key in the
/// store, which is forgotten when its period is long over; and the period has the id that was sent.
pub fn ratelimit(input: &[u8]) {
    let Ok(request) = RateLimitRequest::decode(input) else { return };
    let written = request.encode_to_vec();
    assert_eq!(RateLimitRequest::decode(written.as_slice()).as_ref(), Ok(&request));
    let domain = request.domain.clone();
    match Ask::of(request, &[domain]) {
        Err(refusal) => assert!(!refusal.message.is_empty()),
        Ok(Ask { target: Target::Rate(rate), .. }) => assert_eq!(rate.get(PERIOD), None),
        Ok(Ask { target: Target::Quota(quota), .. }) => {
            assert_eq!(QuotaCounter::of_key(&quota.to_key()).as_ref(), Some(&quota));
            assert!(quota.span.start < quota.span.end && quota.span.end <= quota.forgotten_at());
            let id = quota.counter.get(PERIOD).unwrap_or_default();
            assert_eq!(period_id::read(quota.period, id), Some(quota.span));
        }
    }
}
