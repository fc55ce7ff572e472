//! A captured request: what `curl -v` prints, or the head of an HTTP/1.1 request.

use std::fmt;

use httparse::Status;
use usage_plan_core::sentence::Sentence;

use super::phrases;

/// A request as its client sent it.
#[derive(Debug, Default)]
pub struct Captured {
    pub(super) method: String,
    pub(super) authority: Vec<u8>,
    /// The path with its query; `CONNECT` has none.
    pub(super) path: Option<Vec<u8>>,
    /// The headers in their order, without `Host`.
    pub(super) headers: Vec<SentHeader>,
    /// What of the capture was ignored.
    pub ignored: Vec<Ignored>,
}

/// A header as it was sent.
#[derive(Clone, Debug)]
pub(super) struct SentHeader {
    pub(super) name: String,
    /// The value without the white space around it.
    pub(super) value: Vec<u8>,
    /// The value with the white space around it.
    pub(super) untrimmed: Vec<u8>,
}

/// A part of a capture that is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The capture has this many requests; only the last one counts.
    EarlierRequests {
        /// How many requests the capture has.
        count: usize,
    },
    /// The request has more than one `Host`; only the first one counts.
    LaterHost,
}

/// Why a text is not a captured request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureError {
    /// The text has no request in it.
    Empty,
    /// The text is not the head of an HTTP/1.1 request; the parser's reason.
    NotHttp(String),
}

type Lines<'a> = Vec<&'a [u8]>;

// === impl Captured ===

impl Captured {
    /// Finds the request in a capture.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn parse(text: &[u8]) -> Result<Self, CaptureError> {
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines: Lines<'_> = lines.collect();
        let sent = lines.iter().filter_map(|line| line.strip_prefix(b">")).map(strip_one_space);
        let heads = groups(sent, is_request_line);
        let http2 = groups(lines.iter().filter_map(|line| http2_field(line)), is_method_field);
        let (mut captured, count) = match (heads.last(), http2.last()) {
            (Some(head), _) => (Self::from_head(head)?, heads.len()),
            (None, Some(fields)) => (Self::from_http2_fields(fields), http2.len()),
            (None, None) => {
                let head = lines.into_iter().skip_while(|line| line.is_empty());
                let head: Lines<'_> = head.take_while(|line| !line.is_empty()).collect();
                (Self::from_head(&head)?, 1)
            }
        };
        if count > 1 {
            captured.ignored.push(Ignored::EarlierRequests { count });
        }
        Ok(captured)
    }

    /// Reads a request line and header lines.
    fn from_head(lines: &Lines<'_>) -> Result<Self, CaptureError> {
        let Some((first, rest)) = lines.split_first() else { return Err(CaptureError::Empty) };
        let mut head = as_http1(first);
        for line in rest {
            head.extend_from_slice(b"\r\n");
            head.extend_from_slice(line);
        }
        head.extend_from_slice(b"\r\n\r\n");
        let mut fields = vec![httparse::EMPTY_HEADER; rest.len()];
        let mut request = httparse::Request::new(&mut fields);
        let parsed = request.parse(&head);
        let (Ok(Status::Complete(_)), Some(method), Some(target)) = (&parsed, request.method, request.path)
        else {
            let reason = parsed.err().map(|error| error.to_string()).unwrap_or_default();
            return Err(CaptureError::NotHttp(reason));
        };
        let mut captured = Self { method: method.to_owned(), ..Self::default() };
        for (field, line) in request.headers.iter().zip(rest) {
            captured.add_header(field.name, field.value, raw_value(line));
        }
        captured.set_request_target(target);
        Ok(captured)
    }

    /// Reads the fields that curl shows of a request over HTTP/2 or HTTP/3.
    fn from_http2_fields(fields: &Lines<'_>) -> Self {
        let mut captured = Self::default();
        for field in fields {
            let name_and_value = field.strip_prefix(b":").unwrap_or(field);
            let Some(colon) = name_and_value.windows(2).position(|pair| pair == b": ") else { continue };
            let (name, value) = name_and_value.split_at(colon);
            let (name, value) = (String::from_utf8_lossy(name), value.get(2..).unwrap_or_default());
            match (field.starts_with(b":"), &*name) {
                (true, "method") => captured.method = String::from_utf8_lossy(value).into_owned(),
                (true, "authority") => captured.authority = value.to_vec(),
                (true, "path") => captured.path = Some(value.to_vec()),
                (true, _) => {}
                (false, name) => captured.add_header(name, value.trim_ascii(), value),
            }
        }
        captured
    }

    fn add_header(&mut self, name: &str, value: &[u8], untrimmed: &[u8]) {
        if !name.eq_ignore_ascii_case("host") {
            let (value, untrimmed) = (value.to_vec(), untrimmed.to_vec());
            self.headers.push(SentHeader { name: name.to_owned(), value, untrimmed });
        } else if self.authority.is_empty() {
            self.authority = value.to_vec();
        } else {
            self.ignored.push(Ignored::LaterHost);
        }
    }

    /// Sets the authority and the path from a request target
    /// ([RFC 9112 section 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)).
    fn set_request_target(&mut self, target: &str) {
        let absolute = ["http://", "https://"].iter().find_map(|scheme| target.strip_prefix(scheme));
        match absolute {
            _ if self.method == "CONNECT" => self.authority = target.as_bytes().to_vec(),
            Some(rest) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
                let slash = if path.starts_with('/') { "" } else { "/" };
                self.authority = authority.as_bytes().to_vec();
                self.path = Some(format!("{slash}{path}").into_bytes());
            }
            None => self.path = Some(target.as_bytes().to_vec()),
        }
    }
}

// === impl CaptureError ===

impl CaptureError {
    /// The error, for whoever says it in another language.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Empty => phrases::NO_REQUEST.into(),
            Self::NotHttp(reason) => phrases::NOT_HTTP.put(reason.as_str()),
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for CaptureError {}

/// The lines of each request. A request begins at a line for which `begins` holds, and ends before an empty
/// line.
fn groups<'a>(lines: impl Iterator<Item = &'a [u8]>, begins: fn(&[u8]) -> bool) -> Vec<Lines<'a>> {
    let mut groups: Vec<Lines<'a>> = Vec::new();
    let mut is_open = false;
    for line in lines {
        if begins(line) {
            groups.push(Vec::new());
            is_open = true;
        }
        is_open = is_open && !line.is_empty();
        if is_open && let Some(group) = groups.last_mut() {
            group.push(line);
        }
    }
    groups
}

fn is_request_line(line: &[u8]) -> bool {
    without_version(line).is_some_and(|line| line.contains(&b' '))
}

fn is_method_field(field: &[u8]) -> bool {
    field.starts_with(b":method: ")
}

/// The line without the ` HTTP/…` at its end, if that is there.
fn without_version(line: &[u8]) -> Option<&[u8]> {
    let space = line.iter().rposition(|byte| *byte == b' ')?;
    let (before, version) = line.split_at(space);
    version.starts_with(b" HTTP/").then_some(before)
}

/// The request line as HTTP/1.1 has it: curl shows one for HTTP/2 too.
fn as_http1(line: &[u8]) -> Vec<u8> {
    match without_version(line) {
        Some(line) => [line, b" HTTP/1.1"].concat(),
        None => line.to_vec(),
    }
}

/// `:method: GET` of `* [HTTP/2] [1] [:method: GET]`. Older versions of curl print `* h2h3 [:method: GET]`.
fn http2_field(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_prefix(b"* ")?.strip_suffix(b"]")?;
    if let Some(field) = line.strip_prefix(b"h2h3 [").or_else(|| line.strip_prefix(b"h2 [")) {
        return Some(field);
    }
    let rest = line.strip_prefix(b"[HTTP/2] [").or_else(|| line.strip_prefix(b"[HTTP/3] ["))?;
    let end_of_stream_id = rest.windows(3).position(|window| window == b"] [")?;
    rest.get(end_of_stream_id + 3..)
}

fn strip_one_space(line: &[u8]) -> &[u8] {
    line.strip_prefix(b" ").unwrap_or(line)
}

/// What follows the colon and the one space that clients write after it.
fn raw_value(line: &[u8]) -> &[u8] {
    let colon = line.iter().position(|byte| *byte == b':');
    strip_one_space(colon.and_then(|colon| line.get(colon + 1..)).unwrap_or_default())
}
