//! Ids and secrets from the system's random source.

use usage_plan_core::document::Secret;

use crate::draft::{Collection, KEYS, SERVICES};
use crate::error::{Error, Result};

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The length of a secret, as the cloud product has it: 238 random bits.
pub(crate) const SECRET_LENGTH: usize = 40;

/// The length of the id of an entry of the log: 41 random bits, which a person can type.
const ENTRY_LENGTH: usize = 8;

/// A new id in the form that the cloud product's ids have: a prefix and random characters.
pub fn id(collection: Collection) -> Result<String> {
    let (prefix, random) = match collection {
        KEYS => ("AKID", alphanumeric(36)?),
        SERVICES => ("service-", lowercase(8)?),
        _ => ("usagePlan-", lowercase(8)?),
    };
    Ok(format!("{prefix}{random}"))
}

/// A new id of an entry of the log.
pub(crate) fn entry_id() -> Result<String> {
    lowercase(ENTRY_LENGTH)
}

/// A new secret.
pub fn secret() -> Result<Secret> {
    alphanumeric(SECRET_LENGTH).map(Secret::new)
}

/// `length` characters of `A-Z a-z 0-9`, with 5.95 random bits each.
fn alphanumeric(length: usize) -> Result<String> {
    draw(ALPHANUMERIC, length)
}

/// `length` characters of `a-z 0-9`, for ids that people read aloud.
fn lowercase(length: usize) -> Result<String> {
    draw(LOWERCASE, length)
}

fn draw(alphabet: &[u8], length: usize) -> Result<String> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|error| Error::unreachable("the random source", error))?;
        // Bytes outside the alphabet are dropped: taking them modulo its length would make some characters
        // likelier.
        let drawn = bytes.iter().filter_map(|byte| alphabet.get(usize::from(byte & 63)));
        text.extend(drawn.map(|byte| char::from(*byte)).take(length - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::USAGE_PLANS;

    #[test]
    fn every_character_comes_about_as_often_as_any_other() {
        for (alphabet, draw) in [(ALPHANUMERIC, alphanumeric as fn(_) -> _), (LOWERCASE, lowercase)] {
            let drawn: String = draw(alphabet.len() * 1000).expect("a random source");
            for byte in alphabet {
                // 1000 expected, with a standard deviation of 32.
                let times = drawn.bytes().filter(|drawn| drawn == byte).count();
                assert!((700..1300).contains(&times), "{}: {times}", char::from(*byte));
            }
        }
    }

    #[test]
    fn lengths_are_exact_and_two_drawn_strings_differ() {
        assert_eq!(alphanumeric(0).expect("a random source"), "");
        let [a, b] = [(); 2].map(|()| alphanumeric(40).expect("a random source"));
        assert_eq!((a.len(), b.len()), (40, 40));
        assert_ne!(a, b);
    }

    #[test]
    fn ids_have_the_form_of_the_cloud_products() {
        for (collection, prefix, length) in
            [(KEYS, "AKID", 40), (SERVICES, "service-", 16), (USAGE_PLANS, "usagePlan-", 18)]
        {
            let id = id(collection).expect("a random source");
            assert!(id.starts_with(prefix) && id.len() == length, "{id}");
        }
    }
}
