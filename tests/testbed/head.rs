//! The head of a response, and how its body is framed.

use crate::error::{Context, Error, Result};

/// The largest number of response headers.
const MAX_HEADERS: usize = 64;

/// What the client needs to know of a response's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Bytes of the head, the empty line included.
    pub(crate) length: usize,
    pub(crate) body: Body,
    /// Whether the connection ends with this response.
    pub(crate) close: bool,
}

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Head {
    /// The head at the start of `bytes`, if it is complete. `to_head`: the response to a `HEAD`.
    pub(crate) fn parse(bytes: &[u8], to_head: bool) -> Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes).context("parsing the response's head")?;
        let httparse::Status::Complete(length) = parsed else {
            return Ok(None);
        };
        let status = response.code.unwrap_or_default();
        let says = |name: &str, token: &str| {
            let mut named = response.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name));
            named.any(|h| h.value.eq_ignore_ascii_case(token.as_bytes()))
        };
        let content_length = response.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
        let body = if to_head || status < 200 || matches!(status, 204 | 304) {
            Body::Length(0)
        } else if says("transfer-encoding", "chunked") {
            Body::Chunked
        } else if let Some(header) = content_length {
            let text = std::str::from_utf8(header.value).context("content-length")?;
            Body::Length(text.parse().context("content-length")?)
        } else {
            Body::UntilClose
        };
        let close = says("connection", "close") || body == Body::UntilClose;
        Ok(Some(Self { status, length, body, close }))
    }

    /// Whether another head follows: for 1xx except 101, after which the connection is no longer HTTP.
    pub(crate) fn is_interim(&self) -> bool {
        self.status < 200 && self.status != 101
    }

    /// All headers of the whole head `bytes`, names in lower case.
    pub(crate) fn headers(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        response.parse(bytes).context("parsing the response's head")?;
        let pairs = response.headers.iter();
        Ok(pairs.map(|h| (h.name.to_ascii_lowercase(), h.value.to_vec())).collect())
    }
}

impl Body {
    /// The body at the start of `bytes` and the number of bytes that it takes, if it is complete.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>> {
        match self {
            Self::Length(length) => Ok(bytes.get(..length).map(|body| (body.to_vec(), length))),
            Self::Chunked => chunked(bytes),
            Self::UntilClose => Ok(None),
        }
    }
}

/// The body of all chunks at the start of `bytes` and the number of bytes that they take, if the last chunk
/// is there. Trailers are not supported.
fn chunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let size = httparse::parse_chunk_size(&bytes[at..]);
        let size = size.map_err(|_| Error::new("the response's chunk size is invalid"))?;
        let httparse::Status::Complete((line, size)) = size else {
            return Ok(None);
        };
        let size = usize::try_from(size).context("the response's chunk size")?;
        let start = at + line;
        let Some(chunk) = bytes.get(start..start + size + 2) else {
            return Ok(None);
        };
        body.extend(&chunk[..size]);
        at = start + size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head::parse(text.as_bytes(), false).expect("valid").expect("whole")
    }

    #[test]
    fn an_incomplete_head_is_waited_for() {
        assert_eq!(Head::parse(b"HTTP/1.1 200 OK\r\ncontent-le", false), Ok(None));
    }

    #[test]
    fn the_body_ends_where_the_head_says() {
        assert_eq!(head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").body, Body::Length(5));
        assert_eq!(head("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n").body, Body::Chunked);
        assert_eq!(head("HTTP/1.1 204 No Content\r\n\r\n").body, Body::Length(0));
        assert_eq!(head("HTTP/1.1 200 OK\r\n\r\n").body, Body::UntilClose);
    }

    #[test]
    fn the_head_says_whether_the_connection_ends() {
        assert!(head("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").close);
        assert!(!head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").close);
        assert!(head("HTTP/1.1 200 OK\r\n\r\n").close);
    }

    #[test]
    fn chunks_are_joined_once_the_last_is_there() {
        let whole = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\nHTTP/1.1";
        for end in 0..whole.len() - 8 {
            assert_eq!(Body::Chunked.read(&whole[..end]), Ok(None), "{end} bytes");
        }
        let read = Body::Chunked.read(whole).expect("valid");
        assert_eq!(read, Some((b"abcde".to_vec(), whole.len() - 8)));
    }

    #[test]
    fn headers_keep_their_bytes_and_their_number() {
        let headers = Head::headers(b"HTTP/1.1 200 OK\r\nX-A: \xff\r\nx-a: 2\r\n\r\n").expect("valid");
        assert_eq!(headers, [("x-a".to_owned(), vec![0xff]), ("x-a".to_owned(), b"2".to_vec())]);
    }
}
