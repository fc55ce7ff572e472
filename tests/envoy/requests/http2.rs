//! Requests over HTTP/2: by curl, and frame by frame where curl would change them.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;
use std::time::Duration;

use testbed::{Envoy, Request, Response};

/// The answer to `request`, sent by curl.
pub(super) fn send(envoy: &Envoy, request: &Request) -> Response {
    try_send(envoy, request).unwrap_or_else(|complaint| panic!("{complaint}"))
}

/// The answer to `request`, or curl's error message.
pub(super) fn try_send(envoy: &Envoy, request: &Request) -> Result<Response, String> {
    let url = [b"http://".as_slice(), envoy.ingress().to_string().as_bytes(), &request.target].concat();
    let mut curl = Command::new("curl");
    curl.args(["--http2-prior-knowledge", "--silent", "--show-error", "--include", "--path-as-is"]);
    curl.args(["--max-time", "60", "--request", &request.method]);
    for (name, value) in &request.headers {
        curl.arg("--header").arg(OsString::from_vec([name, b": ".as_slice(), value].concat()));
    }
    let output = curl.arg(OsString::from_vec(url)).output();
    let output = output.expect("these tests speak HTTP/2 through curl: install it");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(parse(&output.stdout).expect("curl prints a response of HTTP/2"))
}

/// What `curl --include` prints.
fn parse(printed: &[u8]) -> Option<Response> {
    let end = printed.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&printed[..end]).ok()?;
    let (status, fields) = head.split_once("\r\n")?;
    let field = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_owned(), value.as_bytes().to_vec()))
    };
    Some(Response {
        status: status.strip_prefix("HTTP/2 ")?.trim().parse().ok()?,
        headers: fields.split("\r\n").map(field).collect::<Option<_>>()?,
        body: printed[end + 4..].to_vec(),
    })
}

/// The body of the answer to `request`. Its field values are sent exactly as they are, which curl does not
/// do.
pub(super) fn send_verbatim(envoy: &Envoy, request: &Request) -> String {
    let mut fields = Vec::new();
    let authority = request.value("host").expect("a host");
    for (name, value) in [
        (b":method".as_slice(), request.method.as_bytes()),
        (b":scheme", b"http"),
        (b":authority", authority),
        (b":path", &request.target),
    ] {
        literal(name, value, &mut fields);
    }
    for (name, value) in request.headers.iter().filter(|(name, _)| name != b"host") {
        literal(name, value, &mut fields);
    }
    let mut stream = TcpStream::connect(envoy.ingress()).expect("Envoy listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    let opening = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, &[])];
    let bytes = [&opening.concat()[..], &frame(HEADERS, END_STREAM | END_HEADERS, 1, &fields)].concat();
    stream.write_all(&bytes).expect("sent");
    let mut body = Vec::new();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).expect("a frame");
        let [a, b, c, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        stream.read_exact(&mut payload).expect("the frame's payload");
        match kind {
            DATA => body.extend(payload),
            RST_STREAM | GOAWAY => panic!("Envoy refuses the request: {payload:?}"),
            _ => {}
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            return String::from_utf8(body).expect("text");
        }
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113 section 4.1.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [length.as_slice(), &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A field that is neither indexed nor compressed (RFC 7541 section 6.2.2).
fn literal(name: &[u8], value: &[u8], fields: &mut Vec<u8>) {
    fields.push(0);
    for text in [name, value] {
        // RFC 7541 section 5.1: seven bits, or all ones and seven more bits each.
        match text.len().checked_sub(0x7f) {
            None => fields.push(text.len() as u8),
            Some(mut rest) => {
                fields.push(0x7f);
                while rest >= 0x80 {
                    fields.push((rest % 0x80) as u8 | 0x80);
                    rest /= 0x80;
                }
                fields.push(rest as u8);
            }
        }
        fields.extend(text);
    }
}
