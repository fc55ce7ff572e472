//! The blocks of code in a page of the docs.

/// A block of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'p> {
    /// The last heading before it.
    pub heading: &'p str,
    /// What follows the fence: `sh`, `json`; empty for what a command prints.
    pub language: &'p str,
    /// Its lines.
    pub text: &'p str,
}

/// The blocks of a page, in their order.
pub fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut heading = "";
    for (index, part) in page.split("\n```").enumerate() {
        if index % 2 == 0 {
            let mut titles = part.lines().filter(|line| line.starts_with('#'));
            heading = titles.next_back().map_or(heading, |title| title.trim_start_matches('#').trim());
        } else if let Some((language, text)) = part.split_once('\n') {
            blocks.push(Block { heading, language, text });
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_its_heading_its_language_and_its_text() {
        let page = "# A\n\n```sh\nb c\n```\n\n```\nd\n```\n\n## E\n\n```json\n{}\n```\n";
        let block = |heading, language, text| Block { heading, language, text };
        assert_eq!(blocks(page), [block("A", "sh", "b c"), block("A", "", "d"), block("E", "json", "{}")]);
    }
}
