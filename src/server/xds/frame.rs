//! A response as gRPC sends it: its head, then the document, which all subscribers share.
//!
//! A document of ten thousand keys has more than a mebibyte. Copies of it for each subscriber would be most
//! of the server's memory, and would stay: an encoder that makes a message in a buffer keeps the buffer.

use std::convert::Infallible;

use http_body_util::StreamBody;
use hyper::HeaderMap;
use hyper::body::Frame;
use hyper::header::HeaderValue;
use prost::bytes::{BufMut, Bytes};
use prost::{Message, encode_length_delimiter, length_delimiter_len};
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{StreamExt, once};
use tonic::Status;
use tonic::body::Body;

use super::message::{Any, DiscoveryResponse};

/// How a field with a length begins that is the second one of its message, as the resources of a response and
/// the value of an `Any` are.
const SECOND_FIELD: u8 = 2 << 3 | 2;

/// The body of an answer: what comes from `pieces`, and then that all went well.
pub(super) fn body(pieces: Receiver<Bytes>) -> Body {
    let end = HeaderMap::from_iter([(Status::GRPC_STATUS, HeaderValue::from_static("0"))]);
    let frames = ReceiverStream::new(pieces).map(Frame::data).chain(once(Frame::trailers(end)));
    Body::new(StreamBody::new(frames.map(Ok::<_, Infallible>)))
}

/// The bytes of `response`, one after the other. The documents in it are not copied.
///
/// `None` if the message is longer than gRPC can say.
pub(super) fn pieces(response: DiscoveryResponse) -> Option<Vec<Bytes>> {
    let DiscoveryResponse { resources, .. } = response;
    // The fields of a message may come in any order.
    let mut message = vec![DiscoveryResponse { resources: Vec::new(), ..response }.encode_to_vec().into()];
    for Any { type_url, value } in resources {
        let start = Any { type_url, value: Bytes::new() }.encode_to_vec();
        let before_value = head(value.len())?;
        let length = start.len().checked_add(before_value.len())?.checked_add(value.len())?;
        message.extend([[head(length)?, start, before_value].concat().into(), value]);
    }
    let length = message.iter().map(Bytes::len).sum::<usize>();
    // It is not compressed.
    let mut prefix = vec![0];
    prefix.put_u32(u32::try_from(length).ok()?);
    message.insert(0, prefix.into());
    Some(message)
}

/// What comes before a second field of `length` bytes.
fn head(length: usize) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(length_delimiter_len(length).saturating_add(1));
    head.put_u8(SECOND_FIELD);
    encode_length_delimiter(length, &mut head).ok()?;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_message_and_hold_the_resource_itself() {
        for length in [0, 1, 127, 128, 300_000] {
            let value = Bytes::from(vec![7; length]);
            let resource = Any { type_url: "type".to_owned(), value: value.clone() };
            let response = DiscoveryResponse {
                version_info: "1-2".to_owned(),
                resources: vec![resource; 2],
                type_url: "type".to_owned(),
                nonce: "3".to_owned(),
            };
            let pieces = pieces(response.clone()).expect("a short message");
            assert_eq!(pieces.iter().filter(|piece| piece.as_ptr() == value.as_ptr()).count(), 2);
            let bytes = pieces.concat();
            let (prefix, message) = bytes.split_at(5);
            let message_length = u32::try_from(message.len()).expect("a short message");
            assert_eq!(prefix, [&[0], &message_length.to_be_bytes()[..]].concat());
            assert_eq!(DiscoveryResponse::decode(message).expect("a message"), response);
        }
    }
}
