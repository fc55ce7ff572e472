//! A serialised header map (proxy-wasm ABI 0.2.1): the number of fields, then the lengths of each field's
//! name and value, then each name and value, both followed by a zero byte. The numbers are u32,
//! little-endian.
//!
//! It is public so that any bytes can be given to it, which no host does.

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn serialised(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let length = |text: &[u8]| (text.len() as u32).to_le_bytes();
        let mut map = (fields.len() as u32).to_le_bytes().to_vec();
        for (name, value) in fields {
            map.extend([length(name), length(value)].concat());
        }
        for (name, value) in fields {
            map.extend([name.as_slice(), b"\0", value, b"\0"].concat());
        }
        map
    }

    proptest! {
        #[test]
        fn a_serialised_map_is_read_back(
            pairs in prop::collection::vec(any::<(Vec<u8>, Vec<u8>)>(), 0..20)
        ) {
            let map = serialised(&pairs);
            let owned = |(name, value): &Field<'_>| (name.to_vec(), value.to_vec());
            let read: Vec<_> = fields(&map).iter().map(owned).collect();
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn reading_any_bytes_does_not_panic(map in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = fields(&map);
        }

        #[test]
        fn a_map_that_is_cut_short_has_no_fields(cut in 0usize..22) {
            let map = serialised(&[(b"host".to_vec(), b"a".to_vec()), (b"x".to_vec(), Vec::new())]);
            prop_assert!(fields(&map[..cut.min(map.len() - 1)]).is_empty());
        }
    }
}
