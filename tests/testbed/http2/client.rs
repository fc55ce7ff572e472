//! A client of HTTP/2 with prior knowledge, which keeps its connection.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::connection::{Connection, DATA, END_STREAM, Event, Fields, MAX_PAYLOAD, block, frame};
use crate::error::{Context, Error, Result};
use crate::http::{Request, Response};

/// How long a connection may take to open, and the next frame to arrive.
const TIMEOUT: Duration = Duration::from_secs(60);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One connection, which is opened at the first request, and again after the peer has ended it.
pub struct Http2Client {
    address: SocketAddr,
    connection: Option<Connection>,
    /// The id of the next stream.
    next: u32,
}

// === impl Http2Client ===

impl Http2Client {
    /// A client of `address`; it connects at the first request.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None, next: 1 }
    }

    /// Sends `request` and reads its response. Names are sent as they are: HTTP/2 has them in lower case. The
    /// first `host` becomes `:authority`. A `CONNECT` has neither a path nor a scheme.
    ///
    /// Returns `None` when the peer ends the stream or the connection without an answer, as it does with a
    /// malformed request.
    ///
    /// # Errors
    /// The connection cannot be opened, a frame takes too long, or it is no HTTP/2.
    pub fn send(&mut self, request: &Request) -> Result<Option<Response>> {
        let received = self.open().and_then(|mut connection| {
            let stream = self.next;
            self.next += 2;
            // A peer that has ended the connection may refuse to read the rest.
            let sent = connection.write(&bytes(request, stream));
            let response = connection.response_on(stream);
            if sent.is_ok() && matches!(response, Ok((_, true))) {
                self.connection = Some(connection);
            }
            response
        });
        received.map(|(response, _)| response)
    }

    /// The connection, opened if there is none.
    fn open(&mut self) -> Result<Connection> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let stream = TcpStream::connect_timeout(&self.address, TIMEOUT);
        let stream = stream.context(format_args!("connecting to {}", self.address))?;
        let mut connection = Connection::new(stream, TIMEOUT)?;
        connection.greet(PREFACE)?;
        self.next = 1;
        Ok(connection)
    }
}

impl Connection {
    /// The response on that stream, and whether the connection goes on.
    fn response_on(&mut self, stream: u32) -> Result<(Option<Response>, bool)> {
        let mut response: Option<Response> = None;
        loop {
            let end = match self.next()? {
                None | Some(Event::GoAway) => return Ok((response, false)),
                Some(Event::Reset { stream: other }) if other == stream => return Ok((response, true)),
                Some(Event::Fields { stream: other, fields, end }) if other == stream => {
                    // Trailers of a response follow its head; nothing here reads them.
                    if response.is_none() {
                        response = Some(head(fields)?).filter(|head| end || head.status >= 200);
                    }
                    end
                }
                Some(Event::Data { stream: other, bytes, end }) if other == stream => {
                    response.as_mut().ok_or_else(|| Error::new("a body before its head"))?.body.extend(bytes);
                    end
                }
                Some(_) => false,
            };
            if end {
                return Ok((response, true));
            }
        }
    }
}

/// The frames of a request.
fn bytes(request: &Request, stream: u32) -> Vec<u8> {
    let mut fields: Fields = vec![(b":method".to_vec(), request.method.clone().into_bytes())];
    let is_connect = request.method == "CONNECT";
    if !is_connect {
        fields.push((b":scheme".to_vec(), b"http".to_vec()));
    }
    let host = request.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case(b"host"));
    if let Some(index) = host {
        fields.push((b":authority".to_vec(), request.headers[index].1.clone()));
    }
    if !is_connect {
        fields.push((b":path".to_vec(), request.target.clone()));
    }
    let others = request.headers.iter().enumerate().filter(|(i, _)| Some(*i) != host);
    fields.extend(others.map(|(_, field)| field.clone()));
    let has_trailers = !request.trailers.is_empty();
    let mut frames = block(stream, &fields, request.body.is_empty() && !has_trailers);
    let mut parts = request.body.chunks(MAX_PAYLOAD).peekable();
    while let Some(part) = parts.next() {
        let end = parts.peek().is_none() && !has_trailers;
        frames.extend(frame(DATA, u8::from(end) * END_STREAM, stream, part));
    }
    if has_trailers {
        frames.extend(block(stream, &request.trailers, true));
    }
    frames
}

/// The head of a response.
fn head(fields: Fields) -> Result<Response> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut headers: Vec<_> = fields.into_iter().map(|(name, value)| (text(name), value)).collect();
    let status = headers.iter().position(|(name, _)| name == ":status");
    let status = status.map(|index| headers.remove(index).1).map(text);
    let status = status.and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| Error::new("a response without a status"))?;
    Ok(Response { status, headers, body: Vec::new() })
}
