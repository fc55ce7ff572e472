//! `README.zh-CN.md` is kept in step with `README.md`: the same sections, and the same blocks of code.

use crate::Fault;
use crate::markdown::{Heading, code_blocks, headings};
use crate::tree::Tree;

const ORIGINAL: &str = "README.md";
const TRANSLATION: &str = "README.zh-CN.md";

/// Reports the first section and the first block of code in which the two differ.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    let (Some(original), Some(translation)) = (tree.file(ORIGINAL), tree.file(TRANSLATION)) else {
        let what = format!("{ORIGINAL} or {TRANSLATION} is missing");
        return vec![Fault::new(ORIGINAL, 1, what, "write both")];
    };
    let mut faults = Vec::new();
    let (ours, theirs) = (headings(&original.text), headings(&translation.text));
    if let Some((line, number)) =
        first_difference(&ours, &theirs, |a, b| a.level == b.level, |h: &Heading| h.line)
    {
        let count = format!("{} of {ORIGINAL}, {} here", ours.len(), theirs.len());
        let what = format!("heading {number} differs in its level, or is missing ({count})");
        faults.push(Fault::new(TRANSLATION, line, what, "give both the same sections"));
    }
    let (ours, theirs) = (code_blocks(&original.text), code_blocks(&translation.text));
    if let Some((line, number)) = first_difference(&ours, &theirs, |a, b| a.1 == b.1, |block| block.0) {
        let there = ours.get(number - 1).map_or(0, |(line, _)| *line);
        let what = format!("block of code {number} differs from the one in {ORIGINAL}:{there}");
        faults.push(Fault::new(TRANSLATION, line, what, "copy the block from the one to the other"));
    }
    faults
}

/// The line and the number, from 1, of the first that differs; the last line when the translation ends first.
fn first_difference<T>(
    ours: &[T],
    theirs: &[T],
    same: impl Fn(&T, &T) -> bool,
    line: impl Fn(&T) -> usize,
) -> Option<(usize, usize)> {
    let common = ours.len().min(theirs.len());
    let differs = (0..common).find(|index| !same(&ours[*index], &theirs[*index]));
    let index = differs.or((ours.len() != theirs.len()).then_some(common))?;
    Some((theirs.get(index).or(theirs.last()).map_or(1, line), index + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    fn found(original: &str, translation: &str) -> Vec<String> {
        printed(&check(&Tree::of(&[(ORIGINAL, original), (TRANSLATION, translation)])))
    }

    #[test]
    fn a_section_that_is_not_translated_is_found() {
        let wanted = "README.zh-CN.md:2: heading 3 differs in its level, or is missing \
            (3 of README.md, 2 here); give both the same sections";
        assert_eq!(found("# A\n## B\n## C\n", "# 一\n## 二\n"), [wanted]);
        assert_eq!(found("# A\n## B\n", "# 一\n# 二\n").len(), 1);
        assert_eq!(found("# A\n## B\n", "# 一\n\n## 二\n"), [""; 0]);
    }

    #[test]
    fn a_block_of_code_that_differs_is_found() {
        let wanted = "README.zh-CN.md:3: block of code 1 differs from the one in README.md:2; \
            copy the block from the one to the other";
        assert_eq!(found("# A\n```sh\na\n```\n", "# 一\n\n```sh\nb\n```\n"), [wanted]);
        assert_eq!(found("# A\n```sh\na\n```\n", "# 一\n").len(), 1);
        assert_eq!(found("# A\n", "").len(), 1);
    }
}
