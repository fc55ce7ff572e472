//! The token by which an Envoy shows that it may have the document.

use std::fmt;

use hyper::http::HeaderMap;
use hyper::http::header::AUTHORIZATION;

/// The shortest token that is taken: a shorter one can be guessed.
pub const MIN_LENGTH: usize = 16;

/// A token that is sent as `authorization: Bearer TOKEN`.
pub struct Token(String);

// === impl Token ===

impl Token {
    /// The token `text`; none when it is too short, or cannot stand in a header.
    pub fn new(text: String) -> Option<Self> {
        let is_long = text.len() >= MIN_LENGTH;
        (is_long && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(Self(text))
    }

    /// Whether `headers` have it.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(AUTHORIZATION).map(hyper::http::HeaderValue::as_bytes);
        let given = value.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
        // The time tells the length of the token, and nothing else of it.
        let expected = self.0.as_bytes();
        let differs = expected.iter().zip(given).fold(0, |differs, (one, other)| differs | (one ^ other));
        std::hint::black_box(differs) == 0 && given.len() == expected.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(value: &str) -> bool {
        let token = Token::new("0123456789abcdef".to_owned()).expect("a token");
        token.is_in(&HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a value"))]))
    }

    #[test]
    fn only_the_whole_token_lets_in() {
        assert!(is_let_in("Bearer 0123456789abcdef"));
        for value in
            ["", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789abcdeg"]
        {
            assert!(!is_let_in(value), "{value}");
        }
        assert!(!is_let_in("0123456789abcdef") && !is_let_in("Basic 0123456789abcdef"));
        let token = Token::new("0123456789abcdef".to_owned()).expect("a token");
        assert!(!token.is_in(&HeaderMap::new()));
    }

    #[test]
    fn a_token_that_can_be_guessed_or_cannot_be_sent_is_none() {
        assert!(Token::new("short".to_owned()).is_none());
        assert!(Token::new("0123456789 abcdef".to_owned()).is_none());
    }
}
