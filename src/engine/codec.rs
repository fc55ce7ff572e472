//! Calls and answers in gRPC's frames.

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use crate::message::{RateLimitRequest, RateLimitResponse};

/// Reads requests and writes responses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Messages;

impl Codec for Messages {
    type Encode = RateLimitResponse;
    type Decode = RateLimitRequest;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Messages {
    type Item = RateLimitResponse;
    type Error = Status;

    fn encode(&mut self, response: RateLimitResponse, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        response.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Messages {
    type Item = RateLimitRequest;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<RateLimitRequest>, Status> {
        let request = RateLimitRequest::decode(buffer);
        request
            .map(Some)
            .map_err(|error| Status::invalid_argument(format!("it is no RateLimitRequest: {error}")))
    }
}
