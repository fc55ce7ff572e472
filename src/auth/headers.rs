//! The header map of a request, as it was received.

/// Header fields in the order received, names in lower case, values any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(&'a [(String, Vec<u8>)]);

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
    pub fn new(fields: &'a [(String, Vec<u8>)]) -> Self {
        Self(fields)
    }

    /// The header `name`, given in lower case, less the white space around its value.
    pub fn occurrence(self, name: &str) -> Occurrence<'a> {
        let mut values = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Occurrence::Absent,
            (Some(value), None) => Occurrence::Once(trim(value)),
            (Some(_), Some(_)) => Occurrence::Repeated,
        }
    }

    /// The value of a header that a codec lets through once at most, such as `:path`; empty when absent.
    pub fn first(self, name: &str) -> &'a [u8] {
        let field = self.0.iter().find(|(field, _)| field == name);
        field.map_or(&[], |(_, value)| value.as_slice())
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
        let fields = [("a", " x\t"), ("b", "1"), ("b", "2"), ("c", " \t ")]
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        let headers = Headers::new(&fields);
        assert_eq!(headers.occurrence("a"), Occurrence::Once(b"x"));
        assert_eq!(headers.occurrence("b"), Occurrence::Repeated);
        assert_eq!(headers.occurrence("c"), Occurrence::Once(b""));
        assert_eq!(headers.occurrence("d"), Occurrence::Absent);
        assert_eq!((headers.first("b"), headers.first("d")), (&b"1"[..], &b""[..]));
    }
}
