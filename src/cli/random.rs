//! Text from the system's random source, for ids and secrets.

use super::error::{Error, Result};

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// `length` of `A-Z a-z 0-9`: 5.95 bits each.
pub(super) fn alphanumeric(length: usize) -> Result<String> {
    of(ALPHANUMERIC, length)
}

/// `length` of `a-z 0-9`, for ids that people read aloud.
pub(super) fn lowercase(length: usize) -> Result<String> {
    of(LOWERCASE, length)
}

fn of(alphabet: &[u8], length: usize) -> Result<String> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|error| Error::unreachable("the random source", error))?;
        // What lies outside the alphabet is dropped: taking it modulo would make some characters likelier.
        let drawn = bytes.iter().filter_map(|byte| alphabet.get(usize::from(byte & 63)));
        text.extend(drawn.map(|byte| char::from(*byte)).take(length.saturating_sub(text.len())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn lengths_are_exact_and_texts_differ() {
        assert_eq!(alphanumeric(0).expect("a random source"), "");
        let [a, b] = [(); 2].map(|()| alphanumeric(40).expect("a random source"));
        assert_eq!((a.len(), b.len()), (40, 40));
        assert_ne!(a, b);
    }
}
