//! The service that Envoy calls, written by hand: it has one method.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower_service::Service;

use crate::credential::verifies;
use crate::messages::{self, CHECK, CheckRequest, CheckResponse, DeniedHttpResponse, HttpStatus};
use crate::window::Window;

/// gRPC's code for a refusal.
const PERMISSION_DENIED: i32 = 7;

/// Judges requests; all clones count together.
#[derive(Clone, Debug)]
pub struct Authority {
    window: Arc<Mutex<Window>>,
}

impl Authority {
    /// Admits `limit` requests in any `period`.
    pub fn new(limit: usize, period: Duration) -> Self {
        Self { window: Arc::new(Mutex::new(Window::new(limit, period))) }
    }

    fn check(&self, request: CheckRequest) -> CheckResponse {
        let http = request.attributes.and_then(|attributes| attributes.request?.http).unwrap_or_default();
        if !verifies(&http.headers) {
            return refusal(401);
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.admits(Instant::now()) { answer(0, None) } else { refusal(429) }
    }
}

fn refusal(status: i32) -> CheckResponse {
    answer(PERMISSION_DENIED, Some(DeniedHttpResponse { status: Some(HttpStatus { code: status }) }))
}

fn answer(code: i32, denied: Option<DeniedHttpResponse>) -> CheckResponse {
    CheckResponse { status: Some(messages::Status { code }), denied }
}

impl UnaryService<CheckRequest> for Authority {
    type Response = CheckResponse;
    type Future = Ready<Result<Response<CheckResponse>, Status>>;

    fn call(&mut self, request: Request<CheckRequest>) -> Self::Future {
        ready(Ok(Response::new(self.check(request.into_inner()))))
    }
}

impl Service<http::Request<Body>> for Authority {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let authority = self.clone();
        Box::pin(async move {
            if request.uri().path() != CHECK {
                return Ok(Status::unimplemented("only Check is").into_http());
            }
            Ok(Grpc::new(ProstCodec::default()).unary(authority, request).await)
        })
    }
}
