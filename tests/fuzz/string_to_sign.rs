//! The string to sign, of a list of names and a header map.

use usage_plan_core::auth::signed_names::SignedNames;
use usage_plan_core::auth::string_to_sign::{self as core, Spelling};
use usage_plan_core::request::{Field, Headers};

use crate::{lines, reference};

/// The first line of `data` is the list of names, and the others are headers.
pub fn string_to_sign(data: &[u8]) {
    if data.contains(&0) {
        // As in `credential`.
        return;
    }
    let (list, fields) = lines::read(data);
    let owned: Vec<reference::Field> = fields.iter().map(|(name, value)| field(name, value)).collect();
    let fields: Vec<Field<'_>> =
        owned.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
    let (names, expected_names) = (SignedNames::parse(list).ok(), reference::signed_names(list));
    assert_eq!(names.as_ref().map(|names| names.iter().collect::<Vec<_>>()), expected_names);
    let (Some(names), Some(expected_names)) = (names, expected_names) else { return };
    for (spelling, in_lower_case) in [(Spelling::LowerCase, true), (Spelling::AsWritten, false)] {
        let message = core::string_to_sign(&names, Headers::new(&fields), spelling).ok();
        assert_eq!(message, reference::message(&expected_names, &owned, in_lower_case));
    }
}

/// The field as a filter gets it: its name in lower case, and `host` as `:authority`.
fn field(name: &[u8], value: &[u8]) -> reference::Field {
    let name = name.to_ascii_lowercase();
    let name = if name == b"host" { b":authority".to_vec() } else { name };
    (name, value.to_vec())
}
