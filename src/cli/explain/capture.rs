//! A request as it was captured: what `curl -v` prints, or the head of an HTTP/1.1 request.

use crate::error::{Error, Result};

/// A request, as it was sent.
#[derive(Debug, Default)]
pub(super) struct Captured {
    pub(super) method: String,
    pub(super) authority: Vec<u8>,
    /// With its query; `CONNECT` has none.
    pub(super) path: Option<Vec<u8>>,
    pub(super) headers: Vec<Sent>,
    /// What of the capture was left aside.
    pub(super) warnings: Vec<String>,
}

/// A header as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) name: String,
    /// Less the white space around it.
    pub(super) value: Vec<u8>,
    /// With the white space around it.
    pub(super) untrimmed: Vec<u8>,
}

type Lines<'a> = Vec<&'a [u8]>;

// === impl Captured ===

impl Captured {
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines: Lines<'_> = lines.collect();
        let sent =
            groups(lines.iter().filter_map(|line| line.strip_prefix(b">")).map(unspaced), is_request_line);
        let fields = groups(lines.iter().filter_map(|line| http2_field(line)), is_method_field);
        let count = if sent.is_empty() { fields.len() } else { sent.len() };
        let mut captured = match (sent.last(), fields.last()) {
            (Some(head), _) => Self::of_head(head)?,
            (None, Some(fields)) => Self::of_fields(fields),
            (None, None) => {
                let head = lines.into_iter().skip_while(|line| line.is_empty());
                Self::of_head(&head.take_while(|line| !line.is_empty()).collect())?
            }
        };
        if count > 1 {
            captured.warnings.push(format!("the capture has {count} requests: this is about the last"));
        }
        Ok(captured)
    }

    /// The request line and the header lines.
    fn of_head(lines: &Lines<'_>) -> Result<Self> {
        let Some((first, rest)) = lines.split_first() else {
            return Err(Error::refused(
                "there is no request: give what curl -v prints, or the head of a request",
            ));
        };
        let mut head = as_http1(first);
        for line in rest {
            head.extend_from_slice(b"\r\n");
            head.extend_from_slice(line);
        }
        head.extend_from_slice(b"\r\n\r\n");
        let mut fields = vec![httparse::EMPTY_HEADER; rest.len()];
        let mut request = httparse::Request::new(&mut fields);
        let parsed = request.parse(&head);
        let (Ok(httparse::Status::Complete(_)), Some(method), Some(target)) =
            (&parsed, request.method, request.path)
        else {
            let why = parsed.err().map(|error| error.to_string()).unwrap_or_default();
            return Err(Error::refused(format!(
                "this is no request as HTTP/1.1 writes it ({why}): give what curl -v prints, or the head of a request"
            )));
        };
        let mut captured = Self { method: method.to_owned(), ..Self::default() };
        for (field, line) in request.headers.iter().zip(rest) {
            captured.add(field.name, field.value, raw_value(line));
        }
        captured.aim(target);
        Ok(captured)
    }

    /// The fields that curl shows of a request over HTTP/2.
    fn of_fields(fields: &Lines<'_>) -> Self {
        let mut captured = Self::default();
        for field in fields {
            let pseudo = field.strip_prefix(b":").unwrap_or(field);
            let Some(colon) = pseudo.windows(2).position(|pair| pair == b": ") else { continue };
            let (name, value) = pseudo.split_at(colon);
            let (name, value) = (String::from_utf8_lossy(name), value.get(2..).unwrap_or_default());
            match (field.starts_with(b":"), &*name) {
                (true, "method") => captured.method = String::from_utf8_lossy(value).into_owned(),
                (true, "authority") => captured.authority = value.to_vec(),
                (true, "path") => captured.path = Some(value.to_vec()),
                (true, _) => {}
                (false, name) => captured.add(name, value.trim_ascii(), value),
            }
        }
        captured
    }

    fn add(&mut self, name: &str, value: &[u8], untrimmed: &[u8]) {
        if !name.eq_ignore_ascii_case("host") {
            let (value, untrimmed) = (value.to_vec(), untrimmed.to_vec());
            self.headers.push(Sent { name: name.to_owned(), value, untrimmed });
        } else if self.authority.is_empty() {
            self.authority = value.to_vec();
        } else {
            self.warnings.push("the request has more than one Host: this is about the first".to_owned());
        }
    }

    /// Takes the request's target apart (RFC 9112 section 3.2).
    fn aim(&mut self, target: &str) {
        let absolute = ["http://", "https://"].iter().find_map(|scheme| target.strip_prefix(scheme));
        match absolute {
            _ if self.method == "CONNECT" => self.authority = target.as_bytes().to_vec(),
            Some(rest) => {
                let at = rest.find(['/', '?']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
                let slash = if path.starts_with('/') { "" } else { "/" };
                self.authority = authority.as_bytes().to_vec();
                self.path = Some(format!("{slash}{path}").into_bytes());
            }
            None => self.path = Some(target.as_bytes().to_vec()),
        }
    }
}

/// The lines of each request: each group begins with a line that `begins` says, and ends before an empty one.
fn groups<'a>(lines: impl Iterator<Item = &'a [u8]>, begins: fn(&[u8]) -> bool) -> Vec<Lines<'a>> {
    let mut groups: Vec<Lines<'a>> = Vec::new();
    let mut open = false;
    for line in lines {
        if begins(line) {
            groups.push(Vec::new());
            open = true;
        }
        open = open && !line.is_empty();
        if let Some(group) = groups.last_mut().filter(|_| open) {
            group.push(line);
        }
    }
    groups
}

fn is_request_line(line: &[u8]) -> bool {
    version(line).is_some_and(|at| line.get(..at).is_some_and(|line| line.contains(&b' ')))
}

fn is_method_field(field: &[u8]) -> bool {
    field.starts_with(b":method: ")
}

/// Where ` HTTP/…` begins at the end of a line.
fn version(line: &[u8]) -> Option<usize> {
    let at = line.iter().rposition(|byte| *byte == b' ')?;
    line.get(at..).filter(|version| version.starts_with(b" HTTP/")).map(|_| at)
}

/// A request line as HTTP/1.1 has it: curl shows one for HTTP/2 too.
fn as_http1(line: &[u8]) -> Vec<u8> {
    match version(line).and_then(|at| line.get(..at)) {
        Some(line) => [line, b" HTTP/1.1"].concat(),
        None => line.to_vec(),
    }
}

/// `:method: GET` of `* [HTTP/2] [1] [:method: GET]`, which older ones have as `* h2h3 [:method: GET]`.
fn http2_field(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_prefix(b"* ")?.strip_suffix(b"]")?;
    let after = |text: &'static [u8]| {
        let at = line.windows(text.len()).position(|window| window == text)?;
        line.get(at.checked_add(text.len())?..)
    };
    let is_new = line.starts_with(b"[HTTP/2] [") || line.starts_with(b"[HTTP/3] [");
    match line.strip_prefix(b"h2h3 [").or_else(|| line.strip_prefix(b"h2 [")) {
        Some(field) => Some(field),
        None if is_new => after(b"] [").and_then(|rest| {
            let at = rest.windows(3).position(|window| window == b"] [")?;
            rest.get(at.checked_add(3)?..)
        }),
        None => None,
    }
}

fn unspaced(line: &[u8]) -> &[u8] {
    line.strip_prefix(b" ").unwrap_or(line)
}

/// What follows the colon and the one space that everybody writes.
fn raw_value(line: &[u8]) -> &[u8] {
    let colon = line.iter().position(|byte| *byte == b':').and_then(|at| line.get(at.checked_add(1)?..));
    unspaced(colon.unwrap_or_default())
}
