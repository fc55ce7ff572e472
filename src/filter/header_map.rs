//! A serialised header map (proxy-wasm ABI 0.2.1): the number of fields, then the lengths of each field's
//! name and value, then each name and value, both followed by a zero byte. The numbers are u32,
//! little-endian.
//!
//! It is public so that any bytes can be given to it, which no host does.

use usage_plan_core::reply::Header;
use usage_plan_core::request::Field;

/// The fields of a serialised map, in their order; empty when the bytes are not one.
pub fn fields(map: &[u8]) -> Vec<Field<'_>> {
    let read = || {
        let (count, rest) = map.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let (lengths, mut rest) = rest.split_at_checked(count.checked_mul(8)?)?;
        let mut fields = Vec::with_capacity(count);
        let (lengths, _) = lengths.as_chunks::<8>();
        for [a, b, c, d, e, f, g, h] in lengths {
            let (name, after) = text(rest, [*a, *b, *c, *d])?;
            let (value, after) = text(after, [*e, *f, *g, *h])?;
            fields.push((name, value));
            rest = after;
        }
        Some(fields)
    };
    read().unwrap_or_default()
}

/// Splits off the bytes of that length and the zero byte after them; returns the bytes and the rest.
fn text(rest: &[u8], length: [u8; 4]) -> Option<(&[u8], &[u8])> {
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(length)).ok()?)?;
    Some((text, rest.get(1..)?))
}

/// The serialised map of these headers.
pub(super) fn serialised(headers: &[Header]) -> Vec<u8> {
    let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    let size = |(name, value): &Header| name.len().saturating_add(value.len()).saturating_add(10);
    let mut map = Vec::with_capacity(headers.iter().map(size).fold(4, usize::saturating_add));
    map.extend(u32::try_from(headers.len()).unwrap_or(u32::MAX).to_le_bytes());
    for (name, value) in headers {
        map.extend(length(name));
        map.extend(length(value));
    }
    for text in headers.iter().flat_map(|(name, value)| [*name, value]) {
        map.extend_from_slice(text.as_bytes());
        map.push(0);
    }
    map
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_headers_are_serialised_as_the_abi_says() {
        let map = serialised(&[("a", "xyz".to_owned()), ("bc", String::new())]);
        let lengths = [1, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(map, [&[2, 0, 0, 0], &lengths[..], b"a\0xyz\0bc\0\0"].concat());
    }

    proptest! {
        #[test]
        fn a_serialised_map_is_read_back(values in prop::collection::vec(any::<String>(), 0..20)) {
            let name = |value: &String| if value.len().is_multiple_of(2) { "even" } else { "" };
            let headers: Vec<Header> = values.iter().map(|value| (name(value), value.clone())).collect();
            let map = serialised(&headers);
            let expected: Vec<Field<'_>> =
                headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
            prop_assert_eq!(fields(&map), expected);
        }

        #[test]
        fn reading_any_bytes_does_not_panic(map in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = fields(&map);
        }

        #[test]
        fn a_map_that_is_cut_short_has_no_fields(cut in 0usize..22) {
            let map = serialised(&[("host", "a".to_owned()), ("x", String::new())]);
            prop_assert!(fields(&map[..cut.min(map.len() - 1)]).is_empty());
        }
    }
}
