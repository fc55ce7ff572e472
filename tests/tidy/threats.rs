//! The threat model names the tests that hold it, and each of them exists.

use std::collections::BTreeSet;

use crate::Fault;
use crate::tree::Tree;

/// The page with the threat model.
const PAGE: &str = "SECURITY.md";

/// The name of a test is a sentence, so it has more of these than a field of the document or a metric has.
const WORDS_OF_A_TEST: usize = 5;

/// Reports every test that the threat model names and that is not in the sources.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    let Some(page) = tree.file(PAGE) else {
        return vec![Fault::new(PAGE, 1, "there is no threat model", "write it")];
    };
    let functions: BTreeSet<&str> = tree.rust().flat_map(|file| functions(&file.text)).collect();
    let named = page.lines().flat_map(|(number, line)| tests(line).map(move |test| (number, test)));
    let missing = named.filter(|(_, test)| !functions.contains(test));
    let fault = |(number, test): (usize, &str)| {
        let what = format!("there is no test `{test}`");
        Fault::new(PAGE, number, what, "name the test that holds this")
    };
    missing.map(fault).collect()
}

/// The names of the tests in a line: words in code that are a sentence.
fn tests(line: &str) -> impl Iterator<Item = &str> {
    let is_name =
        |code: &&str| code.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte));
    let is_sentence = |code: &&str| code.split('_').count() >= WORDS_OF_A_TEST;
    line.split('`').skip(1).step_by(2).filter(is_name).filter(is_sentence)
}

/// The names of the functions of a source.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.split("fn ").skip(1).filter_map(|after| after.split(['(', '<']).next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    #[test]
    fn a_test_that_does_not_exist_is_found_and_other_code_is_not_taken_for_one() {
        let source =
            ("a.rs", "#[test]\nfn a_test_that_is_really_there() {}\nfn on_each_of_the_bindings<W>() {}\n");
        let page = "# Security\n`a_test_that_is_really_there`, `on_each_of_the_bindings`, `secret_key_env`\n\
            `a_test_that_is_not_there`\n";
        let found = printed(&check(&Tree::of(&[source, (PAGE, page)])));
        let expected =
            ["SECURITY.md:3: there is no test `a_test_that_is_not_there`; name the test that holds this"];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_missing_page_is_found() {
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
