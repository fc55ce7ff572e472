//! The corpus of attacks in `tests/vectors/attacks/`: requests that try to get past the filter or to bring it
//! down, what each must get, and what may reach the upstream. One loop runs it in the emulator, another on a
//! real Envoy.
//!
//! A file is a class. `documents.json` has the documents. In a text of a request `\xff` is a byte, and `\\` a
//! backslash; `{"repeat": ["a.", 25000]}` is a long text, and an array is its parts, one after the other.

mod case;
mod judge;
mod request;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use self::case::{Case, Expected, Request as Sent, Target, Upstream};
pub use self::judge::{Observed, faults};
pub use self::text::Text;
use serde_json::Value;

/// All cases, and the documents that they name.
pub struct Corpus {
    /// The cases, with their class.
    pub cases: Vec<(String, Case)>,
    /// The documents by name.
    pub documents: BTreeMap<String, Value>,
}

// === impl Corpus ===

impl Corpus {
    /// Reads the corpus.
    ///
    /// # Panics
    /// A file cannot be read, or has another form.
    pub fn read() -> Self {
        let folder = crate::repository().join("tests/vectors/attacks");
        let entries = std::fs::read_dir(&folder).expect("the corpus is in the repository");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        let mut corpus = Self { cases: Vec::new(), documents: BTreeMap::new() };
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            if path.ends_with("documents.json") {
                corpus.documents = documents(&serde_json::from_str(&text).expect("JSON"));
            } else {
                let file: Result<case::File, _> = serde_json::from_str(&text);
                let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                corpus.cases.extend(file.cases.into_iter().map(|case| (file.class.clone(), case)));
            }
        }
        corpus
    }

    /// The cases of each document, in the order of the files.
    pub fn by_document(&self) -> BTreeMap<&str, Vec<&Case>> {
        let mut cases: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        for (_, case) in &self.cases {
            assert!(self.documents.contains_key(&case.document), "{}: no such document", case.name);
            cases.entry(&case.document).or_default().push(case);
        }
        cases
    }
}

/// The document `main`, and for each name under `options` the same document with these options.
fn documents(file: &Value) -> BTreeMap<String, Value> {
    let main = file["main"].clone();
    let options = file["options"].as_object().expect("an object").iter();
    let variants = options.map(|(name, options)| {
        let mut document = main.clone();
        document["options"] = options.clone();
        (name.clone(), document)
    });
    let variants: BTreeMap<_, _> = variants.collect();
    variants.into_iter().chain([("main".to_owned(), main)]).collect()
}
