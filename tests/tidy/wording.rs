//! Phrases that a reader has to decode, and what to write instead: in comments, help, messages and docs.

use crate::Fault;
use crate::tree::{File, Tree};

/// Each phrase, in lower case, with what to write instead. It is found as whole words, across line breaks.
const PHRASES: [(&str, &str); 28] = [
    ("of one's own", "your own, or custom"),
    ("no more to", "no longer"),
    ("any more to", "any longer"),
    ("verifies no more", "no longer verifies"),
    ("is no more", "is no longer"),
    ("are no more", "are no longer"),
    ("bound no more", "no longer bound"),
    ("verifies yet", "still verifies"),
    ("verify yet", "still verify"),
    ("mend it", "fix it, or say how"),
    ("mend that", "fix that, or say how"),
    ("mend the", "fix the"),
    ("is told", "is reported, or is shown"),
    ("are told", "are reported, or are shown"),
    ("be told", "be reported, or be shown"),
    ("told at once", "reported at once"),
    ("told apart", "distinguished"),
    ("told from", "distinguished from"),
    ("there is to say", "the result, the warnings, …: name it"),
    ("is to be said", "the result, the warnings, …: name it"),
    ("what comes of", "the result of"),
    ("what became of", "the result of"),
    ("comes to nothing", "has no result, or changes nothing"),
    ("what a command comes to", "the result of a command"),
    ("is another than", "differs from"),
    ("are another than", "differ from"),
    ("as good as absent", "counts as absent"),
    ("so long as", "while, or as long as"),
];

/// The folders whose text is not ours: recorded answers of other products.
const FOREIGN: [&str; 1] = ["tests/vectors/"];

/// Reports each of the phrases.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    let ours = |file: &&File| {
        let named = ["Makefile", "rs", "md", "toml", "yaml", "sh", "py"];
        named.contains(&file.path.rsplit(['.', '/']).next().unwrap_or_default())
            && !FOREIGN.iter().any(|folder| file.path.starts_with(folder))
            // This file has to hold the phrases.
            && !file.path.ends_with("tidy/wording.rs")
    };
    tree.files().iter().filter(ours).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Fault> {
    let (text, starts) = flat(file);
    let mut faults = Vec::new();
    for (phrase, instead) in PHRASES {
        for (at, _) in text.match_indices(phrase) {
            let before = text[..at].chars().next_back();
            let after = text[at + phrase.len()..].chars().next();
            if ![before, after].iter().flatten().any(|mark| mark.is_alphanumeric()) {
                let line = starts.partition_point(|start| *start <= at);
                let remedy = format!("write: {instead}");
                faults.push(Fault::new(&file.path, line, format!("\"{phrase}\""), remedy));
            }
        }
    }
    faults.sort();
    faults
}

/// The file as one line in lower case, without the marks of comments, and where each of its lines begins.
fn flat(file: &File) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in file.text.lines() {
        starts.push(text.len());
        let words = line.trim().trim_start_matches(['/', '!', '#', '>', '|', '*', '-', '\\']);
        let words = words.trim().trim_end_matches('\\').trim_end();
        text.push_str(&words.to_lowercase());
        text.push(' ');
    }
    (text, starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    #[test]
    fn each_phrase_is_found() {
        for (phrase, instead) in PHRASES {
            let text = format!("//! Docs.\n//! It {phrase} something.\n");
            let found = printed(&check(&Tree::of(&[("a.rs", &text)])));
            assert_eq!(found, [format!("a.rs:2: \"{phrase}\"; write: {instead}")]);
        }
    }

    #[test]
    fn a_phrase_is_found_across_lines_in_comments_strings_and_pages() {
        let comment = ("a.rs", "//! A.\n\n/// The key verifies\n    /// yet.\n");
        let string = ("b.rs", "//! B.\nconst B: &str = \"Bound No \\\n    more\";\n");
        let page = ("c.md", "The error is\ntold.\n");
        let foreign = ("tests/vectors/d.md", "is told");
        let found = printed(&check(&Tree::of(&[comment, string, page, foreign])));
        let wanted = [
            "a.rs:3: \"verifies yet\"; write: still verifies",
            "b.rs:2: \"bound no more\"; write: no longer bound",
            "c.md:1: \"is told\"; write: is reported, or is shown",
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_part_of_a_word_is_no_phrase() {
        assert_eq!(printed(&check(&Tree::of(&[("a.md", "This told.\nmend items\n")]))), [""; 0]);
    }
}
