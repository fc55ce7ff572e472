//! The messages of `envoy.service.auth.v3.Authorization`, with the fields that are used.
//!
//! Field numbers are those of Envoy's `api/envoy/service/auth/v3/external_auth.proto` and
//! `attribute_context.proto`, and of `google/rpc/status.proto`.

use std::collections::HashMap;

/// The path of the only method.
pub const CHECK: &str = "/envoy.service.auth.v3.Authorization/Check";

/// What Envoy asks.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CheckRequest {
    /// About which request.
    #[prost(message, optional, tag = "1")]
    pub attributes: Option<AttributeContext>,
}

/// What is known of a request.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttributeContext {
    /// The request.
    #[prost(message, optional, tag = "4")]
    pub request: Option<Request>,
}

/// The request.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Request {
    /// Of HTTP.
    #[prost(message, optional, tag = "2")]
    pub http: Option<HttpRequest>,
}

/// What HTTP says of it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HttpRequest {
    /// By name in lower case, pseudo-headers too.
    #[prost(map = "string, string", tag = "3")]
    pub headers: HashMap<String, String>,
}

/// What is answered: the request passes when the status is 0.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CheckResponse {
    /// Whether it passes.
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    /// The response instead.
    #[prost(message, optional, tag = "2")]
    pub denied: Option<DeniedHttpResponse>,
}

/// A status of gRPC.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Status {
    /// 0 for success.
    #[prost(int32, tag = "1")]
    pub code: i32,
}

/// How a request is refused.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DeniedHttpResponse {
    /// Its status.
    #[prost(message, optional, tag = "1")]
    pub status: Option<HttpStatus>,
}

/// A status of HTTP.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HttpStatus {
    /// Such as 429.
    #[prost(int32, tag = "1")]
    pub code: i32,
}
