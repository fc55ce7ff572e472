//! The messages of Envoy's discovery services, as far as the server reads and writes them.
//!
//! Their fields are those of Envoy's API; a field that is not here is skipped when it is read. They are
//! written by hand, because a compiler of protocol files would be needed to build them otherwise.

use prost::bytes::Bytes;

/// What is discovered: `envoy.config.core.v3.TypedExtensionConfig`.
pub const EXTENSION_CONFIG: &str = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

/// The name under which Envoys ask for the filter.
pub const RESOURCE: &str = "usage_plan";

/// `envoy.service.discovery.v3.DiscoveryRequest`
#[derive(Clone, PartialEq, prost::Message)]
pub struct DiscoveryRequest {
    /// The version that is in force.
    #[prost(string, tag = "1")]
    pub version_info: String,
    /// Who asks; only the first request of a stream has to say it.
    #[prost(message, optional, tag = "2")]
    pub node: Option<Node>,
    /// What is asked for.
    #[prost(string, repeated, tag = "3")]
    pub resource_names: Vec<String>,
    /// The type of what is asked for.
    #[prost(string, tag = "4")]
    pub type_url: String,
    /// The response that this is an answer to.
    #[prost(string, tag = "5")]
    pub response_nonce: String,
    /// Why that response is refused.
    #[prost(message, optional, tag = "6")]
    pub error_detail: Option<Status>,
}

/// `envoy.service.discovery.v3.DiscoveryResponse`
#[derive(Clone, PartialEq, prost::Message)]
pub struct DiscoveryResponse {
    /// The version of the resources.
    #[prost(string, tag = "1")]
    pub version_info: String,
    /// The resources.
    #[prost(message, repeated, tag = "2")]
    pub resources: Vec<Any>,
    /// Their type.
    #[prost(string, tag = "4")]
    pub type_url: String,
    /// By which an answer names this response.
    #[prost(string, tag = "5")]
    pub nonce: String,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, prost::Message)]
pub struct Any {
    /// The message's type.
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message.
    #[prost(bytes = "bytes", tag = "2")]
    pub value: Bytes,
}

/// `google.rpc.Status`
#[derive(Clone, PartialEq, prost::Message)]
pub struct Status {
    /// A code of gRPC.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// For people.
    #[prost(string, tag = "2")]
    pub message: String,
}

/// `envoy.config.core.v3.Node`
#[derive(Clone, PartialEq, prost::Message)]
pub struct Node {
    /// The Envoy, as its operator calls it.
    #[prost(string, tag = "1")]
    pub id: String,
    /// The Envoys that it belongs to.
    #[prost(string, tag = "2")]
    pub cluster: String,
}
