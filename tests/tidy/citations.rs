//! No citation without a target: links of the docs, and anchors of the docs that the code names.

use crate::Fault;
use crate::markdown::{anchors, links};
use crate::tree::{File, Tree};

/// The word for a document that readers of this repository do not have, in two parts so that it is not here.
const UNKNOWN_BOOK: &str = concat!("SP", "EC");

/// Reports every link and every cited anchor that leads nowhere.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    // This file plants faults.
    for file in tree.files().iter().filter(|file| !file.path.ends_with("tidy/citations.rs")) {
        if file.is_markdown() {
            faults.extend(
                links(&file.text).iter().filter_map(|(line, link)| link_fault(tree, file, *line, link)),
            );
        } else {
            faults
                .extend(cited_pages(file).filter_map(|(line, cited)| target_fault(tree, file, line, &cited)));
        }
        faults.extend(unknown_book(file));
    }
    faults
}

fn link_fault(tree: &Tree, file: &File, line: usize, link: &str) -> Option<Fault> {
    let outside = link.contains("://") || link.starts_with("mailto:");
    if outside {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { file.path.clone() } else { joined(&file.path, path) };
    let cited = anchor.map_or_else(|| path.clone(), |anchor| format!("{path}#{anchor}"));
    target_fault(tree, file, line, &cited)
}

/// A relative path, seen from the top of the repository.
fn joined(page: &str, path: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Every `docs/x.md` and `README.md` in a file that is no page, with the anchor behind it.
fn cited_pages(file: &File) -> impl Iterator<Item = (usize, String)> {
    let in_word = |mark: char| mark.is_alphanumeric() || "/._-#".contains(mark);
    file.lines().flat_map(move |(number, line)| {
        let words = line.split(move |mark| !in_word(mark));
        let pages = words.filter(|word| word.starts_with("docs/") && word.contains(".md"));
        pages.map(move |word| (number, word.trim_end_matches(['.', '#']).to_owned()))
    })
}

fn target_fault(tree: &Tree, file: &File, line: usize, cited: &str) -> Option<Fault> {
    let (path, anchor) = cited.split_once('#').map_or((cited, None), |(path, anchor)| (path, Some(anchor)));
    if !tree.has(path) {
        let what = format!("`{cited}` leads to no file");
        return Some(Fault::new(&file.path, line, what, "cite a file of this repository, or nothing"));
    }
    let (anchor, page) = (anchor?, tree.file(path)?);
    let known = anchors(&page.text);
    if !page.is_markdown() || known.iter().any(|known| known == anchor) {
        return None;
    }
    let what = format!("`{cited}` leads to no heading");
    let remedy = format!("name one of {}", known.join(", "));
    Some(Fault::new(&file.path, line, what, remedy))
}

fn unknown_book(file: &File) -> impl Iterator<Item = Fault> {
    let in_word = |mark: char| mark.is_alphanumeric() || mark == '_';
    let cites = move |line: &str| line.split(|mark| !in_word(mark)).any(|word| word == UNKNOWN_BOOK);
    file.lines().filter(move |(_, line)| cites(line)).map(|(number, _)| {
        let what = format!("`{UNKNOWN_BOOK}` is not in this repository");
        Fault::new(&file.path, number, what, "cite docs/rules.md#anchor, or say the rule here")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    fn found(path: &str, text: &str) -> Vec<String> {
        let rules = ("docs/rules.md", "# The rules\n\n## Limit headers\n\n<a id=\"own\"></a>\n");
        printed(&check(&Tree::of(&[rules, ("src/lib.rs", ""), (path, text)])))
    }

    #[test]
    fn code_that_cites_a_missing_page_or_anchor_is_found() {
        let text = "//! `docs/rules.md#limit-headers`, docs/rules.md#own, docs/rules.md.\n\
            //! docs/rules.md#gone\n// see docs/lost.md#x.\n";
        let wanted = [
            "a.rs:2: `docs/rules.md#gone` leads to no heading; name one of the-rules, limit-headers, own",
            "a.rs:3: `docs/lost.md#x` leads to no file; cite a file of this repository, or nothing",
        ];
        assert_eq!(found("a.rs", text), wanted);
    }

    #[test]
    fn links_are_followed_from_the_page_they_stand_in() {
        let text = "# A\n[ok](rules.md#own) [up](../src/lib.rs) [folder](../src) [here](#a) [web](https://x.y/z)\n\
            [bad](rules.md#gone)\n[bad](../lost)\n[bad](#b)\n";
        let found = found("docs/a.md", text);
        let places: Vec<&str> =
            found.iter().map(|fault| fault.split("; ").next().unwrap_or_default()).collect();
        let wanted = [
            "docs/a.md:3: `docs/rules.md#gone` leads to no heading",
            "docs/a.md:4: `lost` leads to no file",
            "docs/a.md:5: `docs/a.md#b` leads to no heading",
        ];
        assert_eq!(places, wanted);
    }

    #[test]
    fn the_book_that_is_not_here_is_found_as_a_word() {
        let text = format!("# A\n{UNKNOWN_BOOK} section 7\nUN{UNKNOWN_BOOK}IFIED\n");
        assert_eq!(found("docs/a.md", &text).len(), 1);
        assert_eq!(found("a.py", &text).len(), 1);
    }
}
