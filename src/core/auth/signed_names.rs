//! The names of the signed headers: split once, and looked up among the request's headers in one pass.
//!
//! A request can bring tens of kilobytes of names, in its credential and again as header fields. So names are
//! distinguished by a fingerprint, and no name is compared in full more than once: the cost is linear in the
//! bytes received.

use std::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::failure::Failure;
use crate::request::{Headers, Occurrence};

/// The largest number of signed headers. More make the credential malformed.
const MAX_SIGNED_HEADERS: usize = 32;

/// Up to this many headers are searched for one by one.
const FEW: usize = 4;

/// The names of the signed headers, spelled and ordered as the caller wrote them. No name is repeated.
///
/// They are in a `Vec`, because an array for all that there may be would be copied several times on its way.
#[derive(Clone, Debug)]
pub struct SignedNames<'a> {
    names: Vec<Name<'a>>,
    /// A bit for the length of each header's name, which rules out most headers of a request.
    lengths: u64,
    /// A bit for each fingerprint, which rules out most of the other headers.
    filter: u64,
    has_upper_case: bool,
    hash: DefaultHashBuilder,
}

#[derive(Clone, Copy, Debug)]
struct Name<'a> {
    text: &'a [u8],
    /// The fingerprint of the header that the name refers to.
    fingerprint: u64,
}

// === impl SignedNames ===

impl<'a> SignedNames<'a> {
    /// Parses the value of the parameter `headers`.
    ///
    /// # Errors
    ///
    /// [`Failure::Malformed`]: the list is empty or too long, or has a pseudo-header or a repeated name.
    pub fn parse(list: &'a [u8]) -> Result<Self, Failure> {
        let mut names = Self {
            names: Vec::with_capacity(FEW),
            lengths: 0,
            filter: 0,
            has_upper_case: false,
            hash: DefaultHashBuilder::default(),
        };
        let mut rest = skip_space(list);
        while !rest.is_empty() {
            let length = memchr::memchr2(b' ', b'\t', rest).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(length).ok_or(Failure::Malformed)?;
            names.add(name).ok_or(Failure::Malformed)?;
            rest = skip_space(after);
        }
        if names.names.is_empty() { Err(Failure::Malformed) } else { Ok(names) }
    }

    /// Adds a name; `None` when it may not be there.
    fn add(&mut self, name: &'a [u8]) -> Option<()> {
        let header = header_of(name);
        let (fingerprint, has_upper_case) = self.fingerprint(header);
        // Different names with one fingerprint count as the same one. In 64 bits that does not happen by
        // chance, and comparing such names in full would not be linear.
        if name.starts_with(b":")
            || self.names.len() >= MAX_SIGNED_HEADERS
            || self.index_of_fingerprint(fingerprint).is_some()
        {
            return None;
        }
        self.names.push(Name { text: name, fingerprint });
        self.lengths |= length_bit(header);
        self.filter |= filter_bit(fingerprint);
        // The fingerprint of `Host` is that of `:authority`, and does not tell.
        self.has_upper_case |= has_upper_case || name.eq_ignore_ascii_case(b"host") && name != b"host";
        Some(())
    }

    /// The names in the order in which their values are signed.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        self.names.iter().map(|name| name.text)
    }

    /// Whether any of the names has an upper-case letter.
    pub fn has_upper_case(&self) -> bool {
        self.has_upper_case
    }

    /// Whether the header `name` is signed; upper and lower case are equal.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|signed| signed.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The names in their order, each with the header that it refers to: `host` refers to `:authority`.
    pub(super) fn find<'h>(&self, headers: Headers<'h>) -> impl Iterator<Item = (&'a [u8], Occurrence<'h>)> {
        let mut found = Vec::new();
        // Most requests sign one header or two: then a search for each costs less.
        if self.names.len() > FEW || self.has_upper_case {
            found.resize(self.names.len(), Occurrence::Absent);
            headers.find(&mut found, |field| self.index_of(field));
        }
        self.iter().enumerate().map(move |(index, name)| {
            let found = found.get(index).copied();
            (name, found.unwrap_or_else(|| headers.occurrence(header_of(name))))
        })
    }

    /// The index of the name that refers to the header `field`.
    fn index_of(&self, field: &[u8]) -> Option<usize> {
        if self.lengths & length_bit(field) == 0 {
            return None;
        }
        let (fingerprint, _) = self.fingerprint(field);
        let index = self.index_of_fingerprint(fingerprint)?;
        is_name_of(header_of(self.names.get(index)?.text), field).then_some(index)
    }

    /// A number that two different names have only by chance, upper and lower case being equal; and whether
    /// the name has an upper-case letter.
    fn fingerprint(&self, name: &[u8]) -> (u64, bool) {
        let (words, rest) = name.as_chunks::<8>();
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let mut hasher = self.hash.build_hasher();
        hasher.write_usize(name.len());
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
        let changes = words.fold(0, |changes, word| {
            let lower = to_lower_case(word);
            hasher.write_u64(lower);
            changes | (lower ^ word)
        });
        (hasher.finish(), changes != 0)
    }

    fn index_of_fingerprint(&self, fingerprint: u64) -> Option<usize> {
        if self.filter & filter_bit(fingerprint) == 0 {
            return None;
        }
        self.names.iter().position(|name| name.fingerprint == fingerprint)
    }
}

impl PartialEq for SignedNames<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for SignedNames<'_> {}

/// The name of the header that a signed name refers to, in any case.
fn header_of(name: &[u8]) -> &[u8] {
    if name.eq_ignore_ascii_case(b"host") { b":authority" } else { name }
}

/// The bit for the length of a name; the highest one stands for every length from 63 on.
fn length_bit(name: &[u8]) -> u64 {
    1u64.checked_shl(u32::try_from(name.len().min(63)).unwrap_or(63)).unwrap_or_default()
}

/// The bit for a fingerprint: its highest six bits, which depend on all others.
fn filter_bit(fingerprint: u64) -> u64 {
    1u64.checked_shl(u32::try_from(fingerprint >> 58).unwrap_or_default()).unwrap_or_default()
}

/// Whether the header `field`, in lower case, is the one that `name` names in any case.
fn is_name_of(name: &[u8], field: &[u8]) -> bool {
    let ((words, rest), (field_words, field_rest)) = (name.as_chunks::<8>(), field.as_chunks::<8>());
    let is_same = |(word, field): (&[u8; 8], &[u8; 8])| {
        to_lower_case(u64::from_le_bytes(*word)) == u64::from_le_bytes(*field)
    };
    words.len() == field_words.len()
        && words.iter().zip(field_words).all(is_same)
        && rest.eq_ignore_ascii_case(field_rest)
}

/// Eight ASCII characters in lower case. Each byte has its own eight bits, and no sum carries into the next.
fn to_lower_case(word: u64) -> u64 {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    // What makes a byte reach its highest bit from `A` on, and after `Z`.
    const FROM_A: u64 = 0x3f3f_3f3f_3f3f_3f3f;
    const AFTER_Z: u64 = 0x2525_2525_2525_2525;
    let low_bits = word & !HIGH_BITS;
    let from_a = low_bits.wrapping_add(FROM_A);
    let after_z = low_bits.wrapping_add(AFTER_Z);
    let upper_case = from_a & !after_z & !word & HIGH_BITS;
    word | upper_case >> 2
}

/// `text` without the spaces and tabs at its start.
pub(super) fn skip_space(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::Field;

    #[test]
    fn every_byte_has_the_lower_case_of_ascii_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut word = [0xff; 8];
                word[place] = byte;
                let lower = to_lower_case(u64::from_le_bytes(word));
                assert_eq!(lower.to_le_bytes(), word.map(|byte| byte.to_ascii_lowercase()));
            }
        }
    }

    #[test]
    fn names_of_any_length_that_differ_in_one_byte_are_different() {
        for length in 1..40 {
            let name = |i: usize| {
                let mut name = vec![b'a'; length];
                name[i] = b'b';
                name
            };
            let names: Vec<Vec<u8>> = (0..length.min(32)).map(name).collect();
            let list = names.join(&b' ');
            let parsed = SignedNames::parse(&list).expect("no name is repeated");
            assert!(parsed.iter().eq(names.iter()));
            let fields: Vec<Field<'_>> = names.iter().rev().map(|name| (&name[..], &name[..])).collect();
            for (name, occurrence) in parsed.find(Headers::new(&fields)) {
                assert_eq!(occurrence, Occurrence::Once(name));
            }
            let twice = [&list[..], b" ", &names[0].to_ascii_uppercase()].concat();
            assert_eq!(SignedNames::parse(&twice), Err(Failure::Malformed));
        }
    }

    #[test]
    fn names_that_a_weaker_fingerprint_confuses_are_different() {
        for list in [&b"h23 \0\0\0\0h27"[..], b"cdad[at\xe5hocte: cdad[atehoste:"] {
            assert!(SignedNames::parse(list).is_ok(), "{}", list.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_search_for_each_name_finds(
            names in prop::collection::vec("[a-cA-C]{1,2}|host|[a-b]{9}", 1..6),
            fields in prop::collection::vec("[a-c]{1,2}|host|:authority|[a-b]{9}|[a-b]{8}", 0..12)
        ) {
            let list = names.join(" ");
            let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
            let repeated = (1..lower.len()).any(|i| lower[..i].contains(&lower[i]));
            let parsed = SignedNames::parse(list.as_bytes());
            prop_assert_eq!(parsed.is_err(), repeated);
            let fields: Vec<Field<'_>> = fields.iter().map(|name| (name.as_bytes(), &b" 1"[..])).collect();
            let headers = Headers::new(&fields);
            let Ok(parsed) = parsed else { return Ok(()) };
            for (name, occurrence) in parsed.find(headers) {
                let lower = name.to_ascii_lowercase();
                let field = if lower == b"host" { b":authority" } else { &lower[..] };
                prop_assert_eq!(occurrence, headers.occurrence(field));
            }
        }
    }
}
