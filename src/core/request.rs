//! A request as the filter received it.

/// A header field: its name in lower case, and its value, which can be any bytes.
pub type Field<'a> = (&'a [u8], &'a [u8]);

/// A request: the host, the method and the path that it calls, and its whole header map.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The host, with or without a port: `:authority`.
    pub authority: &'a [u8],
    /// The method: `:method`.
    pub method: &'a [u8],
    /// The path with its query: `:path`. A request without one, such as `CONNECT`, has an empty path.
    pub path: &'a [u8],
    /// Every header field, pseudo-headers included.
    pub headers: Headers<'a>,
}

/// Header fields in the order received.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(&'a [Field<'a>]);

/// How often a header is present. A signature covers one value, so a repeated header is never verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence<'a> {
    /// The header is absent.
    Absent,
    /// The header is present once, with this value.
    Once(&'a [u8]),
    /// The header is present more than once.
    Repeated,
}

// === impl Request ===

impl<'a> Request<'a> {
    /// The request with these header fields. An absent pseudo-header counts as empty. Envoy's codecs refuse a
    /// request with a repeated pseudo-header.
    pub fn new(fields: &'a [Field<'a>]) -> Self {
        let [mut authority, mut method, mut path]: [Option<&[u8]>; 3] = [None; 3];
        for (name, value) in fields.iter().filter(|(name, _)| name.first() == Some(&b':')) {
            let slot = match *name {
                b":authority" => &mut authority,
                b":method" => &mut method,
                b":path" => &mut path,
                _ => continue,
            };
            slot.get_or_insert(value);
        }
        Self {
            authority: authority.unwrap_or_default(),
            method: method.unwrap_or_default(),
            path: path.unwrap_or_default(),
            headers: Headers::new(fields),
        }
    }
}

// === impl Headers ===

impl<'a> Headers<'a> {
    /// Wraps the fields of a header map.
    pub fn new(fields: &'a [Field<'a>]) -> Self {
        Self(fields)
    }

    /// The name of each field, in order; a repeated header's name is repeated.
    pub fn names(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Looks up the header `name`, which is in lower case. The value is returned without the white space
    /// around it.
    pub fn occurrence(self, name: &[u8]) -> Occurrence<'a> {
        let mut found = Occurrence::Absent;
        // Most names differ in length.
        let is_named = |(field, _): &&Field<'_>| field.len() == name.len() && is_same(field, name);
        for (_, value) in self.0.iter().filter(is_named) {
            match found {
                Occurrence::Absent => found = Occurrence::Once(value),
                Occurrence::Once(_) | Occurrence::Repeated => return Occurrence::Repeated,
            }
        }
        match found {
            Occurrence::Once(value) => Occurrence::Once(trim(value)),
            Occurrence::Absent | Occurrence::Repeated => found,
        }
    }

    /// Looks up several headers in one pass. `index_of` is the index in `found` of the header with that name,
    /// if it is looked up. The values are without the white space around them.
    pub fn find(self, found: &mut [Occurrence<'a>], index_of: impl Fn(&[u8]) -> Option<usize>) {
        for (name, value) in self.0 {
            if let Some(occurrence) = index_of(name).and_then(|index| found.get_mut(index)) {
                *occurrence = match occurrence {
                    Occurrence::Absent => Occurrence::Once(trim(value)),
                    Occurrence::Once(_) | Occurrence::Repeated => Occurrence::Repeated,
                };
            }
        }
    }
}

/// `value` without the optional white space around it: spaces and tabs (RFC 9110 section 5.6.3).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last.saturating_add(1));
    value.get(start..end).unwrap_or_default()
}

/// Whether two texts are equal, eight bytes at a time. What the compiled module otherwise calls for this
/// takes one at a time.
#[inline]
pub(crate) fn is_same(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let is_word = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    a.len() == b.len()
        && a_words.iter().zip(b_words).all(is_word)
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

/// `bytes` of a request as text, with bytes that are not UTF-8 replaced.
pub(crate) fn lossy_text(bytes: &[u8]) -> String {
    // Bytes that are UTF-8 are the usual case. Replacing costs some 200 of the interpreter's fuel a byte.
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_only_if_no_byte_differs() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..text.len() {
            assert!(is_same(&text[..length], &text[..length]));
            assert!(!is_same(&text[..length], &text[..length + 1]));
            for byte in 0..length {
                let mut other = text[..length].to_vec();
                other[byte] ^= 1;
                assert!(!is_same(&text[..length], &other), "byte {byte} of {length}");
            }
        }
    }

    #[test]
    fn a_header_is_absent_once_or_repeated() {
        let fields: [Field<'_>; 4] = [(b"a", b" x\t"), (b"b", b"1"), (b"b", b"2"), (b"c", b" \t ")];
        let headers = Headers::new(&fields);
        assert_eq!(headers.occurrence(b"a"), Occurrence::Once(b"x"));
        assert_eq!(headers.occurrence(b"b"), Occurrence::Repeated);
        assert_eq!(headers.occurrence(b"c"), Occurrence::Once(b""));
        assert_eq!(headers.occurrence(b"d"), Occurrence::Absent);
    }

    #[test]
    fn the_first_of_repeated_pseudo_headers_counts_and_an_absent_one_is_empty() {
        let fields: [Field<'_>; 4] =
            [(b"x", b"1"), (b":path", b"/a"), (b":path", b"/b"), (b":authority", b"h")];
        let request = Request::new(&fields);
        assert_eq!((request.authority, request.method, request.path), (&b"h"[..], &b""[..], &b"/a"[..]));
        assert_eq!(request.headers.names().count(), 4);
    }
}
