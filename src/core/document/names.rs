//! The characters and lengths that names may have.

use super::rules;
use crate::sentence::Phrase;

/// A rule for a name: its characters and its length.
pub struct NameRule {
    /// Whether a name may contain this byte. Only ASCII bytes are allowed.
    pub allowed: fn(u8) -> bool,
    /// Whether a name may begin with this byte, which must also be allowed.
    pub first: fn(u8) -> bool,
    /// The smallest length in bytes.
    pub min: usize,
    /// The largest length in bytes.
    pub max: usize,
    /// The message about a name that breaks the rule.
    text: Phrase,
}

/// `keys[].name` and `services[].name`.
pub const KEY_NAME: NameRule =
    NameRule { allowed: word_or_dash, first: any, min: 0, max: 50, text: rules::KEY_NAME };

/// `keys[].secret_id`.
pub const SECRET_ID: NameRule =
    NameRule { allowed: word_or_dash, first: any, min: 5, max: 50, text: rules::SECRET_ID };

/// `keys[].secret_key`.
pub const SECRET_KEY: NameRule =
    NameRule { allowed: word_or_dash, first: any, min: 10, max: 50, text: rules::SECRET_KEY };

/// `usage_plans[].name`.
pub const PLAN_NAME: NameRule =
    NameRule { allowed: word, first: any, min: 0, max: 50, text: rules::PLAN_NAME };

/// `usage_plans[].id` and `services[].id`, which become parts of header values and metric names.
pub const ID: NameRule = NameRule { allowed: word_or_dash, first: any, min: 1, max: 64, text: rules::ID };

/// `services[].environments[]`.
pub const ENVIRONMENT: NameRule = NameRule {
    allowed: |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'),
    first: |byte| byte.is_ascii_lowercase(),
    min: 1,
    max: 50,
    text: rules::ENVIRONMENT,
};

/// `services[].required_signed_headers[]`: a header's name in lower case (RFC 9110 section 5.1).
pub const HEADER_NAME: NameRule = NameRule {
    allowed: |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(&byte),
    first: any,
    min: 1,
    max: 64,
    text: rules::HEADER_NAME,
};

/// `usage_plans[].apis[].methods[]`.
pub const METHOD: NameRule = NameRule {
    allowed: |byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'),
    first: any,
    min: 1,
    max: 32,
    text: rules::METHOD,
};

// === impl NameRule ===

impl NameRule {
    /// The message about a name that breaks the rule.
    pub fn text(&self) -> &'static str {
        self.text.0
    }

    /// The same, for whoever says it in another language.
    pub fn phrase(&self) -> Phrase {
        self.text
    }

    /// Whether `name` follows the rule.
    pub fn accepts(&self, name: &str) -> bool {
        (self.min..=self.max).contains(&name.len())
            && name.bytes().all(self.allowed)
            && name.bytes().next().is_none_or(self.first)
    }
}

/// Whether an environment can have a variable of that name (`keys[].secret_key_env`).
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Whether a file can have that path (`keys[].secret_key_file`).
pub fn is_path(path: &str) -> bool {
    !path.is_empty() && !path.contains('\0')
}

fn any(_: u8) -> bool {
    true
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_or_dash(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_inclusive() {
        assert!(!SECRET_ID.accepts("AKID"));
        assert!(SECRET_ID.accepts("AKID0"));
        assert!(SECRET_KEY.accepts(&"k".repeat(50)));
        assert!(!SECRET_KEY.accepts(&"k".repeat(51)));
        assert!(KEY_NAME.accepts(""));
        assert!(!ID.accepts(""));
    }

    #[test]
    fn characters_outside_the_set_are_refused() {
        assert!(KEY_NAME.accepts("key-name_1"));
        assert!(!PLAN_NAME.accepts("plan-name"));
        assert!(!KEY_NAME.accepts("schlüssel"));
        assert!(!ENVIRONMENT.accepts("Release"));
        assert!(ENVIRONMENT.accepts("v1") && !ENVIRONMENT.accepts("1v"));
        assert!(!ID.accepts("a.b"));
    }
}
