//! A text of a request: any bytes, and long ones.

use serde::Deserialize;

/// A text of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// A text with escapes.
    Plain(String),
    /// A text, that many times.
    Repeat {
        /// The text and the number.
        repeat: (Box<Text>, usize),
    },
    /// Texts, one after the other.
    Parts(Vec<Text>),
}

// === impl Text ===

impl Text {
    /// Doubles the number of its repetitions; false when it has none.
    pub(super) fn double(&mut self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Repeat { repeat: (_, times) } => {
                *times *= 2;
                true
            }
            Self::Parts(parts) => parts.iter_mut().filter_map(|part| part.double().then_some(())).count() > 0,
        }
    }

    /// The bytes.
    ///
    /// # Panics
    /// An escape is neither `\\` nor `\x` and two digits.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Plain(text) => unescaped(text),
            Self::Repeat { repeat: (text, times) } => text.bytes().repeat(*times),
            Self::Parts(parts) => parts.iter().flat_map(Self::bytes).collect(),
        }
    }

    /// The bytes as text; those that are not UTF-8 show as `�`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.as_bytes());
        let escape = after.strip_prefix('x').and_then(|digits| digits.get(..2));
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match (byte, after.strip_prefix('\\')) {
            (Some(byte), _) => {
                bytes.push(byte);
                &after[3..]
            }
            (None, Some(after)) => {
                bytes.push(b'\\');
                after
            }
            _ => panic!("an escape in {text:?} is neither \\\\ nor \\x and two digits"),
        };
    }
    bytes.extend(rest.as_bytes());
    bytes
}
