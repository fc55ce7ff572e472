//! The Rate Limit Service over gRPC: one method.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Status};

use crate::call::{Reason, Refusal};
use crate::codec::Messages;
use crate::engine::Engine;
use crate::message::{RateLimitRequest, RateLimitResponse, SHOULD_RATE_LIMIT};

/// How long a call may take when the caller sets no limit.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many bytes a message may have: some times what a name may have.
const MAX_MESSAGE: usize = 16 << 10;

/// Answers one call.
pub(crate) async fn answer(
    engine: Arc<Engine>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if request.uri().path() != SHOULD_RATE_LIMIT {
        let message = format!("there is no {}: this engine has {SHOULD_RATE_LIMIT}", request.uri().path());
        return Ok(Status::unimplemented(message).into_http());
    }
    let timeout = timeout(request.headers()).unwrap_or(TIMEOUT).min(TIMEOUT);
    let mut grpc = Grpc::new(Messages).max_decoding_message_size(MAX_MESSAGE);
    let answer = grpc.unary(ShouldRateLimit(Arc::clone(&engine)), request);
    // Who has stopped waiting would not use what it is granted: a call that is dropped before its turn counts
    // nothing.
    Ok(tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| {
        engine.metrics.timed_out();
        Status::deadline_exceeded("the call was not decided in its time").into_http()
    }))
}

struct ShouldRateLimit(Arc<Engine>);

impl UnaryService<RateLimitRequest> for ShouldRateLimit {
    type Response = RateLimitResponse;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<RateLimitResponse>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<RateLimitRequest>) -> Self::Future {
        let engine = Arc::clone(&self.0);
        Box::pin(async move {
            engine.decide(request.into_inner()).await.map(tonic::Response::new).map_err(Into::into)
        })
    }
}

impl From<Refusal> for Status {
    fn from(Refusal { reason, message }: Refusal) -> Self {
        let code = match reason {
            Reason::Invalid => Code::InvalidArgument,
            Reason::UnknownDomain => Code::NotFound,
            Reason::PeriodForgotten => Code::OutOfRange,
            Reason::TooMuch => Code::ResourceExhausted,
            Reason::StoreFailed => Code::Unavailable,
        };
        Self::new(code, message)
    }
}

/// The time that the caller waits: `grpc-timeout`, a number of at most eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u32 = number.parse().ok().filter(|_| number.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(3600).saturating_mul(number),
        "M" => Duration::from_secs(60).saturating_mul(number),
        "S" => Duration::from_secs(number.into()),
        "m" => Duration::from_millis(number.into()),
        "u" => Duration::from_micros(number.into()),
        "n" => Duration::from_nanos(number.into()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderValue;

    use super::*;

    #[test]
    fn the_time_that_a_caller_waits_is_read_in_every_unit() {
        for (text, expected) in [
            ("50m", Some(Duration::from_millis(50))),
            ("1S", Some(Duration::from_secs(1))),
            ("2M", Some(Duration::from_secs(120))),
            ("1H", Some(Duration::from_secs(3600))),
            ("99999999H", Some(Duration::from_secs(3600 * 99_999_999))),
            ("5u", Some(Duration::from_micros(5))),
            ("7n", Some(Duration::from_nanos(7))),
            ("", None),
            ("5", None),
            ("5s", None),
            ("-5S", None),
            ("123456789n", None),
            ("5é", None),
        ] {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("a value");
            assert_eq!(
                timeout(&HeaderMap::from_iter([("grpc-timeout".parse().expect("a name"), value)])),
                expected,
                "{text}"
            );
        }
        assert_eq!(timeout(&HeaderMap::new()), None);
    }
}
