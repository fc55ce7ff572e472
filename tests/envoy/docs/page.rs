//! The commands of a page, each block with the answer that the page shows.

use std::fs;

use testbed::markdown::blocks;
use testbed::repository;

/// A block of commands in a page.
pub(super) struct Step {
    /// The heading of its section.
    pub(super) heading: String,
    pub(super) commands: Vec<String>,
    /// What the page says they print: the next block of the section, if it has no language.
    pub(super) answer: Option<String>,
}

/// The blocks of commands of the page at `path` in the repository.
pub(super) fn read(path: &str) -> Vec<Step> {
    let page = fs::read_to_string(repository().join(path)).expect("there is such a page");
    let mut steps: Vec<Step> = Vec::new();
    for block in blocks(&page) {
        match block.language {
            "sh" => {
                let (heading, commands) = (block.heading.to_owned(), commands(block.text));
                steps.push(Step { heading, commands, answer: None });
            }
            "" => {
                let step = steps.last_mut().filter(|step| step.heading == block.heading);
                if let Some(step) = step {
                    step.answer.get_or_insert_with(|| block.text.to_owned());
                }
            }
            _ => {}
        }
    }
    assert!(!steps.is_empty(), "{path} has no commands");
    steps
}

/// The commands of a block; a line that ends with `\` and the next one are one command.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}
