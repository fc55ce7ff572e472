//! A small HTTP/1.1 client that sends exactly the bytes it is given, over one kept-alive connection.
//!
//! Header values and the target may be any bytes, and names may repeat. Nothing is checked or normalised, and
//! only what frames a body is added.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::error::{Context, Error, Result};
use crate::head::{Body, Head};

/// How long a connection may take to open, and a response to arrive completely.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A request, which is sent as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The request target.
    pub target: Vec<u8>,
    /// Names and values, in the order in which they are sent.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body. If it is not empty, `content-length` is sent with it, unless there are trailers.
    pub body: Vec<u8>,
    /// The fields that follow the body. If there are any, HTTP/1.1 sends the body in one chunk.
    pub trailers: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Request {
    /// A request with no header at all, not even `host`.
    pub fn bare(method: &str, target: impl AsRef<[u8]>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.as_ref().to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            trailers: Vec::new(),
        }
    }

    /// `GET target` of `host`.
    pub fn get(host: &str, target: impl AsRef<[u8]>) -> Self {
        Self::bare("GET", target).header("host", host)
    }

    /// The same request with one more header. A name that is there already is sent twice.
    #[must_use]
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The same request with that method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// The same request with that body.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        body.as_ref().clone_into(&mut self.body);
        self
    }

    /// The same request with one more trailer.
    #[must_use]
    pub fn trailer(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.trailers.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The value of the first header of that name, in any case.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        found.next().map(|(_, value)| value.as_slice())
    }

    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        let line = |(name, value): &(Vec<u8>, Vec<u8>)| [name, b": ".as_slice(), value, b"\r\n"].concat();
        let mut out = [self.method.as_bytes(), b" ", &self.target, b" HTTP/1.1\r\n"].concat();
        out.extend(self.headers.iter().flat_map(line));
        let length = self.body.len();
        if !self.trailers.is_empty() {
            out.extend(b"transfer-encoding: chunked\r\n\r\n");
            if length > 0 {
                out.extend([format!("{length:x}\r\n").as_bytes(), &self.body, b"\r\n"].concat());
            }
            out.extend(b"0\r\n");
            out.extend(self.trailers.iter().flat_map(line));
            out.extend(b"\r\n");
            return out;
        }
        if length > 0 {
            out.extend(format!("content-length: {length}\r\n").as_bytes());
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        out
    }
}

/// A complete response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, values as received, in the order received.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, without its framing.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of the first header of that name in lower case. Bytes that are not UTF-8 show as `�`.
    pub fn header(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// The values of all headers of that name in lower case.
    pub fn all(&self, name: &str) -> Vec<String> {
        let named = self.headers.iter().filter(|(n, _)| n == name);
        named.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }

    /// The body as a string. Bytes that are not UTF-8 show as `�`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One connection, which is opened at the first request and again after a failure or a `connection: close`.
///
/// A request is sent once: a failure is returned, not retried.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// The bytes that are received and not consumed.
    buffer: Vec<u8>,
}

impl Client {
    /// A client of `address`; it connects at the first request.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::new() }
    }

    /// Sends `request` and reads its response, which has no body after `HEAD`.
    ///
    /// # Errors
    /// The connection fails, the response takes too long, or it is not HTTP/1.1.
    pub fn send(&mut self, request: &Request) -> Result<Response> {
        let received = self.write(&request.bytes()).and_then(|()| self.read(request.method == "HEAD"));
        if received.is_err() {
            self.close();
        }
        received
    }

    /// Sends `request`, and does not wait for its response, which is [awaited](Self::finish) later.
    ///
    /// # Errors
    /// The connection fails.
    pub fn begin(&mut self, request: &Request) -> Result<()> {
        self.write(&request.bytes())
    }

    /// Reads the response to what was [begun](Self::begin), and was no `HEAD`.
    ///
    /// # Errors
    /// The connection fails, the response takes too long, or it is not HTTP/1.1.
    pub fn finish(&mut self) -> Result<Response> {
        self.read(false)
    }

    /// Connects if there is no connection, and writes `bytes`.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.open()?.write_all(bytes).context(format_args!("sending the request (at most {TIMEOUT:?})"))
    }

    /// Reads the response to what was written.
    fn read(&mut self, head: bool) -> Result<Response> {
        let received = self.receive(head)?;
        let response = Response {
            status: received.head.status,
            headers: Head::headers(&self.buffer[..received.head.length])?,
            body: received.body,
        };
        self.consume(&received.head, received.framed);
        Ok(response)
    }

    /// Reads the response to what was written, and returns only its status.
    pub(crate) fn read_status(&mut self) -> Result<u16> {
        let received = self.receive(false)?;
        self.consume(&received.head, received.framed);
        Ok(received.head.status)
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self) {
        self.stream = None;
        self.buffer.clear();
    }

    /// The connection, opened if it is not.
    pub(crate) fn open(&mut self) -> Result<&mut TcpStream> {
        if self.stream.is_none() {
            let open = || -> std::io::Result<TcpStream> {
                let stream = TcpStream::connect_timeout(&self.address, TIMEOUT)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(TIMEOUT))?;
                stream.set_write_timeout(Some(TIMEOUT))?;
                Ok(stream)
            };
            self.buffer.clear();
            self.stream = Some(open().context(format_args!("connecting to {}", self.address))?);
        }
        self.stream.as_mut().ok_or_else(|| Error::new("no connection"))
    }

    /// Reads until the head and the body are complete. Both stay in the buffer.
    fn receive(&mut self, to_head: bool) -> Result<Received> {
        let deadline = Instant::now() + TIMEOUT;
        let head = loop {
            match Head::parse(&self.buffer, to_head)? {
                Some(interim) if interim.is_interim() => drop(self.buffer.drain(..interim.length)),
                Some(head) => break head,
                None if self.fill(deadline, "the response's head")? => {}
                None => return Err(Error::new("the connection was closed without a response")),
            }
        };
        loop {
            let rest = &self.buffer[head.length..];
            if let Some((body, framed)) = head.body.read(rest)? {
                return Ok(Received { head, body, framed });
            }
            let closed = !self.fill(deadline, "the response's body")?;
            if closed && head.body == Body::UntilClose {
                let body = self.buffer[head.length..].to_vec();
                let framed = body.len();
                return Ok(Received { head, body, framed });
            }
            if closed {
                return Err(Error::new("the connection was closed within a response"));
            }
        }
    }

    /// Drops the response from the buffer, and the connection if the response ends it.
    fn consume(&mut self, head: &Head, framed: usize) {
        self.buffer.drain(..head.length + framed);
        if head.close {
            self.close();
        }
    }

    /// Reads the next bytes. False at the end of the stream.
    fn fill(&mut self, deadline: Instant, what: &str) -> Result<bool> {
        if Instant::now() >= deadline {
            return Err(Error::new(format!("{what} took over {TIMEOUT:?}")));
        }
        let mut chunk = [0; 16 * 1024];
        let read = self.open()?.read(&mut chunk);
        let read = read.context(format_args!("reading {what} (at most {TIMEOUT:?})"))?;
        self.buffer.extend(&chunk[..read]);
        Ok(read > 0)
    }
}

/// A response in the buffer.
struct Received {
    head: Head,
    body: Vec<u8>,
    /// How many bytes the body and its framing take.
    framed: usize,
}
