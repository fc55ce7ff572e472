//! Frames over TCP, and blocks of fields (RFC 9113, RFC 7541).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::error::{Context, Error, Result};

/// Names and values, in the order in which they are sent or received.
pub(super) type Fields = Vec<(Vec<u8>, Vec<u8>)>;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
/// Of `SETTINGS` and `PING`.
const ACK: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// The length of a frame's payload that every peer accepts.
pub(super) const MAX_PAYLOAD: usize = 16_384;

/// How much a peer may send on a connection beyond the 65,535 bytes of the protocol: as much as there can be.
const WINDOW: u32 = 0x7fff_ffff - 65_535;

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// A connection: frames over TCP, with the state of the decoder.
pub(super) struct Connection {
    stream: TcpStream,
    decoder: loona_hpack::Decoder<'static>,
    /// The start of a block of fields whose end has not arrived: its stream, whether the stream ends with it,
    /// and its bytes.
    partial: Option<(u32, bool, Vec<u8>)>,
}

/// What a peer sends on a stream.
pub(super) enum Event {
    Fields { stream: u32, fields: Fields, end: bool },
    Data { stream: u32, bytes: Vec<u8>, end: bool },
    Reset { stream: u32 },
    GoAway,
}

// === impl Connection ===

impl Connection {
    pub(super) fn new(stream: TcpStream, patience: Duration) -> Result<Self> {
        stream.set_nodelay(true).context("HTTP/2")?;
        stream.set_read_timeout(Some(patience)).context("HTTP/2")?;
        stream.set_write_timeout(Some(patience)).context("HTTP/2")?;
        Ok(Self { stream, decoder: loona_hpack::Decoder::new(), partial: None })
    }

    /// Sends `opening`, then the settings, which are the protocol's own, and a large window.
    pub(super) fn greet(&mut self, opening: &[u8]) -> Result<()> {
        let window = frame(WINDOW_UPDATE, 0, 0, &WINDOW.to_be_bytes());
        self.write(&[opening, &frame(SETTINGS, 0, 0, &[]), &window].concat())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("writing HTTP/2")
    }

    /// The next event on a stream; `None` at the end of the connection. Frames that concern the connection
    /// are answered.
    pub(super) fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let Some(Frame { kind, flags, stream, payload }) = self.read()? else { return Ok(None) };
            let end = flags & END_STREAM != 0;
            match kind {
                DATA => return Ok(Some(Event::Data { stream, bytes: payload, end })),
                HEADERS => self.partial = Some((stream, end, payload)),
                CONTINUATION => {
                    let (_, _, block) =
                        self.partial.as_mut().ok_or_else(|| Error::new("no block is open"))?;
                    block.extend(payload);
                }
                RST_STREAM => return Ok(Some(Event::Reset { stream })),
                GOAWAY => return Ok(Some(Event::GoAway)),
                SETTINGS | PING if flags & ACK == 0 => {
                    let echo = if kind == PING { payload } else { Vec::new() };
                    self.write(&frame(kind, ACK, 0, &echo))?;
                }
                _ => {}
            }
            if matches!(kind, HEADERS | CONTINUATION)
                && flags & END_HEADERS != 0
                && let Some((stream, end, block)) = self.partial.take()
            {
                let fields = self.decoder.decode(&block);
                let fields = fields.map_err(|error| Error::new(format!("decoding fields: {error:?}")))?;
                return Ok(Some(Event::Fields { stream, fields, end }));
            }
        }
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let mut head = [0; 9];
        match self.stream.read_exact(&mut head) {
            Err(error) if is_end(&error) => return Ok(None),
            read => read.context("reading a frame")?,
        }
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.stream.read_exact(&mut payload).context("reading a frame's payload")?;
        Ok(Some(Frame { kind, flags, stream: u32::from_be_bytes(stream) & 0x7fff_ffff, payload }))
    }
}

/// Whether the peer has ended the connection.
fn is_end(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

/// RFC 9113 section 4.1.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    [&length, [kind, flags].as_slice(), &stream.to_be_bytes(), payload].concat()
}

/// A block of fields as frames.
pub(super) fn block(stream: u32, fields: &Fields, end: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    fields.iter().for_each(|(name, value)| literal(name, value, &mut bytes));
    let last = bytes.len().div_ceil(MAX_PAYLOAD).saturating_sub(1);
    let mut frames = Vec::new();
    for (i, part) in bytes.chunks(MAX_PAYLOAD).enumerate() {
        let (kind, end_stream) =
            if i == 0 { (HEADERS, u8::from(end) * END_STREAM) } else { (CONTINUATION, 0) };
        let end_headers = u8::from(i == last) * END_HEADERS;
        frames.extend(frame(kind, end_stream | end_headers, stream, part));
    }
    frames
}

/// A field that is neither indexed nor compressed (RFC 7541 section 6.2.2).
fn literal(name: &[u8], value: &[u8], block: &mut Vec<u8>) {
    block.push(0);
    for text in [name, value] {
        // RFC 7541 section 5.1: seven bits, or all ones and seven more bits each.
        match text.len().checked_sub(0x7f) {
            None => block.push(text.len() as u8),
            Some(mut rest) => {
                block.push(0x7f);
                while rest >= 0x80 {
                    block.push((rest % 0x80) as u8 | 0x80);
                    rest /= 0x80;
                }
                block.push(rest as u8);
            }
        }
        block.extend(text);
    }
}
