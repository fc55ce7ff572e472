//! The header map of a request, as it was received.

/// A header field: its name, in lower case, and its value, any bytes.
pub type Field<'a> = (&'a [u8], &'a [u8]);

/// Header fields in the order received.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(&'a [Field<'a>]);

/// How often a header is there. A signature covers one value, so more than one is never picked from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence<'a> {
    /// Not at all.
    Absent,
    /// Once, with this value.
    Once(&'a [u8]),
    /// More than once.
    Repeated,
}

// === impl Headers ===

impl<'a> Headers<'a> {
    /// Views the fields of a header map.
    pub fn new(fields: &'a [Field<'a>]) -> Self {
        Self(fields)
    }

    /// The header `name`, given in lower case, less the white space around its value.
    pub fn occurrence(self, name: &[u8]) -> Occurrence<'a> {
        let named = |(field, _): &&Field<'_>| *field == name;
        let mut values = self.0.iter().filter(named).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Occurrence::Absent,
            (Some(value), None) => Occurrence::Once(trim(value)),
            (Some(_), Some(_)) => Occurrence::Repeated,
        }
    }

    /// The value of a header that a codec lets through once at most, such as `:path`; empty when absent.
    pub fn first(self, name: &str) -> &'a [u8] {
        let field = self.0.iter().find(|(field, _)| *field == name.as_bytes());
        field.map_or(&[], |(_, value)| value)
    }
}

/// `value` less its optional white space: spaces and tabs (RFC 9110 section 5.6.3).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last.saturating_add(1));
    value.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_absent_once_or_repeated() {
        let fields: [Field<'_>; 4] = [(b"a", b" x\t"), (b"b", b"1"), (b"b", b"2"), (b"c", b" \t ")];
        let headers = Headers::new(&fields);
        assert_eq!(headers.occurrence(b"a"), Occurrence::Once(b"x"));
        assert_eq!(headers.occurrence(b"b"), Occurrence::Repeated);
        assert_eq!(headers.occurrence(b"c"), Occurrence::Once(b""));
        assert_eq!(headers.occurrence(b"d"), Occurrence::Absent);
        assert_eq!((headers.first("b"), headers.first("d")), (&b"1"[..], &b""[..]));
    }
}
