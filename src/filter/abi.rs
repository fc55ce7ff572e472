//! Two hostcalls without the SDK's copies.
//!
//! Its `get_map_bytes` makes a `String` and a `Vec` of every header, its `set_property` two of every path:
//! together more than verifying a signature costs (9 k of the instructions that `make bench` counts). This is
//! the one place of the library that needs `unsafe`.
#![allow(unsafe_code)]

use std::ptr::null_mut;

use proxy_wasm::types::{MapType, Status};

use usage_plan_core::request::Field;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> Status;

    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> Status;
}

/// Sets the filter state `wasm.<name>` of the request under way, for access logs.
pub(super) fn set_filter_state(name: &str, value: &str) {
    // SAFETY: both are valid for reads of their lengths; the host copies them and keeps neither.
    let status = unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
    if status != Status::Ok {
        log::error!("cannot set the filter state wasm.{name}: {status:?}");
    }
}

/// A serialised header map (proxy-wasm ABI 0.2.1): the number of fields; the lengths of each one's name and
/// value; then each name and value, a zero byte after either. Numbers are u32, little-endian.
pub(super) struct HeaderMap(Vec<u8>);

// === impl HeaderMap ===

impl HeaderMap {
    /// The header map of the request under way; empty when there is none.
    pub(super) fn of_request() -> Self {
        let (mut data, mut size) = (null_mut(), 0);
        // SAFETY: the host writes a pointer and a length to these two and keeps neither.
        let status = unsafe { proxy_get_header_map_pairs(MapType::HttpRequestHeaders, &mut data, &mut size) };
        if status != Status::Ok || data.is_null() {
            return Self(Vec::new());
        }
        // SAFETY: the host made `data` with the module's `proxy_on_memory_allocate`, which gives a `Vec<u8>`
        // of exactly this capacity away; the host filled it and hands it over.
        Self(unsafe { Vec::from_raw_parts(data, size, size) })
    }

    /// The fields in their order.
    pub(super) fn fields(&self) -> Vec<Field<'_>> {
        fields(&self.0)
    }
}

/// The fields of a serialised map; none when it is not one.
fn fields(map: &[u8]) -> Vec<Field<'_>> {
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

/// The bytes of that length, and what follows the zero byte after them.
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
        fn what_is_serialised_is_read(
            pairs in prop::collection::vec(any::<(Vec<u8>, Vec<u8>)>(), 0..20)
        ) {
            let map = serialised(&pairs);
            let owned = |(name, value): &Field<'_>| (name.to_vec(), value.to_vec());
            let read: Vec<_> = fields(&map).iter().map(owned).collect();
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn no_bytes_panic(map in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = fields(&map);
        }

        #[test]
        fn a_map_that_is_cut_short_has_no_fields(cut in 0usize..22) {
            let map = serialised(&[(b"host".to_vec(), b"a".to_vec()), (b"x".to_vec(), Vec::new())]);
            prop_assert!(fields(&map[..cut.min(map.len() - 1)]).is_empty());
        }
    }
}
