//! The header map as the host serialises it.

use envoy_usage_plan::header_map::fields;
use usage_plan_core::request::{Field, Occurrence, Request};

/// Reads `data` as a serialised map, and as the text of headers that are serialised first.
pub fn header_map(data: &[u8]) {
    let read = fields(data);
    let size: usize = read.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(read.len() * 8 + size <= data.len(), "the fields are longer than the map");
    is_read_back(&read);
    let lines = data.split(|byte| *byte == b'\n');
    let written: Vec<Field<'_>> = lines.map(|line| line.split_at(line.len() / 2)).collect();
    is_read_back(&written);
    agrees_with_its_fields(&read);
    agrees_with_its_fields(&written);
}

fn is_read_back(written: &[Field<'_>]) {
    let map = serialised(written);
    assert_eq!(fields(&map), written);
    let (_, cut) = map.split_last().expect("a map begins with the number of its fields");
    assert!(written.is_empty() || fields(cut).is_empty(), "a map that is cut short is no map");
}

/// What a request says of its headers is what its fields are.
fn agrees_with_its_fields(fields: &[Field<'_>]) {
    let request = Request::new(fields);
    let first = |name: &[u8]| fields.iter().find(|field| field.0 == name).map_or(&b""[..], |field| field.1);
    assert_eq!(
        (request.authority, request.method, request.path),
        (first(b":authority"), first(b":method"), first(b":path"))
    );
    // Each name is looked for among all fields.
    for (name, _) in fields.iter().take(16) {
        let times = fields.iter().filter(|(other, _)| other == name).count();
        let occurrence = request.headers.occurrence(name);
        assert_eq!(times == 1, matches!(occurrence, Occurrence::Once(_)));
        assert_eq!(times > 1, occurrence == Occurrence::Repeated);
    }
}

fn serialised(fields: &[Field<'_>]) -> Vec<u8> {
    let number = |length: usize| u32::try_from(length).expect("a short map").to_le_bytes();
    let mut map = number(fields.len()).to_vec();
    for (name, value) in fields {
        map.extend([number(name.len()), number(value.len())].concat());
    }
    for (name, value) in fields {
        map.extend([name, &b"\0"[..], value, b"\0"].concat());
    }
    map
}
