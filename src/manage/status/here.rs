//! The document that an Envoy is compared with.

use serde_json::{Map, Value};
use usage_plan_core::document::Digest;

use crate::draft::KEYS;
use crate::publish::ValidDocument;
use crate::render::configuration;

/// The members of a key that say where its secret is, without what they begin with.
const REFERENCES: [&str; 2] = ["secret_key_env", "secret_key_file"];

/// What a previous secret's members begin with, and what the present one's do.
const SECRETS: [&str; 2] = ["", "previous_"];

/// The document that an Envoy is compared with. Has no `Debug`: it holds secrets.
pub struct Here {
    digests: [Digest; 2],
    tree: Map<String, Value>,
}

// === impl Here ===

impl Here {
    /// The document as it would be published.
    pub fn of(document: &ValidDocument) -> Self {
        let digests = document.spellings().map(|text| Digest::of(configuration(&text).as_bytes()));
        Self { digests, tree: read(document.text()).unwrap_or_default() }
    }

    /// The digest that an Envoy shows which has it in force.
    pub fn digest(&self) -> Digest {
        self.digests[0]
    }

    /// Whether an Envoy shows one of its digests.
    pub(super) fn has(&self, digest: Digest) -> bool {
        self.digests.contains(&digest)
    }

    /// Whether `text` is the same document, also if it is written in another way, or holds secrets that this
    /// one keeps in variables or files.
    pub fn is_equal_to(&self, text: &str) -> bool {
        let Some(mut other) = read(text) else { return false };
        let mut tree = self.tree.clone();
        for (here, there) in keys(&mut tree).zip(keys(&mut other)) {
            for begin in SECRETS {
                let secret = format!("{begin}secret_key");
                for reference in REFERENCES.map(|reference| format!("{begin}{reference}")) {
                    if here.contains_key(&reference) && there.contains_key(&secret) {
                        here.remove(&reference);
                        there.remove(&secret);
                    }
                }
            }
        }
        tree == other
    }
}

fn read(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

fn keys(tree: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let keys = tree.get_mut(KEYS.list).and_then(Value::as_array_mut);
    keys.into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"keys": [{"secret_id": "AKIDa", "secret_key_env": "A"},
        {"secret_id": "AKIDb", "secret_key": "secret-key-0001"}]}"#;

    fn here() -> Here {
        Here::of(&ValidDocument::parse(DOCUMENT.as_bytes()).expect("valid"))
    }

    #[test]
    fn a_document_is_known_by_the_digest_of_both_texts_that_are_published() {
        let here = here();
        for text in [format!("{DOCUMENT}\n"), format!("{}\n", DOCUMENT.replacen('{', "{\n", 1))] {
            assert!(here.has(Digest::of(text.as_bytes())), "{text}");
        }
        assert!(!here.has(Digest::of(b"{}\n")));
    }

    #[test]
    fn the_same_document_is_equal_however_it_is_written_and_with_its_secrets_filled_in() {
        let filled_in = DOCUMENT.replace(r#""secret_key_env": "A""#, r#""secret_key": "secret-key-of-a""#);
        for text in [DOCUMENT, &DOCUMENT.replace(' ', ""), &filled_in] {
            assert!(here().is_equal_to(text), "{text}");
        }
        for text in ["", "{}", &DOCUMENT.replace("0001", "0002"), &DOCUMENT.replace("\"A\"", "\"B\"")] {
            assert!(!here().is_equal_to(text), "{text}");
        }
    }
}
