//! A shipped file whose places are filled.
//!
//! Every place must be there as often as it is expected: a shipped file that was changed under the substitution is an error,
//! which tests find, and never another configuration than was asked for.

use crate::error::{Error, Result};

/// A YAML file with comments. What is not replaced stays as it is.
pub(super) struct Template {
    name: &'static str,
    text: String,
}

// === impl Template ===

impl Template {
    pub(super) fn new(name: &'static str, text: &str) -> Self {
        Self { name, text: text.to_owned() }
    }

    /// Replaces the comment that the file begins with.
    pub(super) fn set_heading(&mut self, heading: &str) -> Result<()> {
        let body = self.text.split_inclusive('\n').skip_while(|line| line.starts_with('#'));
        let body: String = body.collect();
        match body.len() == self.text.len() {
            true => Err(self.changed("a comment at its top")),
            false => {
                self.text = format!("{heading}{body}");
                Ok(())
            }
        }
    }

    /// Puts a comment above the one that the file begins with.
    pub(super) fn prepend(&mut self, heading: &str) {
        self.text.insert_str(0, heading);
    }

    /// Replaces `from`, which is there so many times.
    pub(super) fn replace(&mut self, from: &str, times: usize, to: &str) -> Result<()> {
        if self.text.matches(from).count() != times {
            return Err(self.changed(from));
        }
        self.text = self.text.replace(from, to);
        Ok(())
    }

    /// Replaces the one line that begins with `first`, blanks aside, and all lines below it that are indented deeper. The
    /// lines of `with` are indented as it was; when there are none, a blank line before goes too.
    pub(super) fn replace_section(&mut self, first: &str, with: &str) -> Result<()> {
        let (indent, [mut start, _, end]) = self.section(first)?;
        if with.is_empty() && self.text.get(..start).is_some_and(|before| before.ends_with("\n\n")) {
            start = start.saturating_sub(1);
        }
        self.splice(start, end, &indented(with, indent));
        Ok(())
    }

    /// As [`replace_section`](Self::replace_section), but for the first line, which stays; `with` is indented by two more.
    pub(super) fn replace_body(&mut self, first: &str, with: &str) -> Result<()> {
        let (indent, [_, body, end]) = self.section(first)?;
        self.splice(body, end, &indented(with, indent.saturating_add(2)));
        Ok(())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// How far the section is indented; where it starts, its second line does, and it ends.
    fn section(&self, first: &str) -> Result<(usize, [usize; 3])> {
        let mut found: Option<(usize, [usize; 3])> = None;
        let (mut offset, mut open) = (0_usize, false);
        for line in self.text.split_inclusive('\n') {
            let next = offset.saturating_add(line.len());
            let depth = line.len().saturating_sub(line.trim_start_matches(' ').len());
            let is_blank = line.trim().is_empty();
            if line.trim_start().starts_with(first) {
                if found.is_some() {
                    return Err(self.changed(first));
                }
                found = Some((depth, [offset, next, next]));
                open = true;
            } else if let Some((indent, [.., end])) = &mut found
                && open
            {
                open = is_blank || depth > *indent;
                if open && !is_blank {
                    *end = next;
                }
            }
            offset = next;
        }
        found.ok_or_else(|| self.changed(first))
    }

    fn splice(&mut self, start: usize, end: usize, with: &str) {
        let before = self.text.get(..start).unwrap_or_default();
        let after = self.text.get(end..).unwrap_or_default();
        self.text = format!("{before}{with}{after}");
    }

    fn changed(&self, place: &str) -> Error {
        Error::refused(format!(
            "{}, which this program was built with, does not have {place:?} as often as it should: nothing is rendered",
            self.name
        ))
    }
}

fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        line => format!("{indent}{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# one\n# two\n\na:\n  b: # of b\n    c: 1\n\n    d: 2\n\n  - e\n    f: 3\ng: 1\n";

    fn edited(edit: impl FnOnce(&mut Template) -> Result<()>) -> Option<String> {
        let mut template = Template::new("file", TEXT);
        edit(&mut template).ok().map(|()| template.into_text())
    }

    #[test]
    fn a_section_ends_with_what_is_indented_deeper() {
        let section = |first, with| edited(|template| template.replace_section(first, with));
        let expected = TEXT.replace("  b: # of b\n    c: 1\n\n    d: 2\n", "  x:\n    y\n");
        assert_eq!(section("b: #", "x:\n  y"), Some(expected));
        assert_eq!(section("- e", ""), Some(TEXT.replace("\n  - e\n    f: 3\n", "")));
        assert_eq!(section("g:", "h: 2\n"), Some(TEXT.replace("g: 1", "h: 2")));
        let body = edited(|template| template.replace_body("b:", "{\n\n}\n"));
        assert_eq!(body, Some(TEXT.replace("    c: 1\n\n    d: 2\n", "    {\n\n    }\n")));
    }

    #[test]
    fn the_heading_is_the_comment_at_the_top() {
        let expected = TEXT.replace("# one\n# two\n", "# three\n");
        assert_eq!(edited(|template| template.set_heading("# three\n")), Some(expected));
        assert!(Template::new("file", "a: 1\n# one\n").set_heading("# three\n").is_err());
    }

    #[test]
    fn a_place_that_is_missing_or_there_too_often_is_an_error() {
        assert!(edited(|template| template.replace_section("x:", "")).is_none());
        assert!(edited(|template| template.replace_section("", "")).is_none());
        assert!(edited(|template| template.replace_body("x:", "")).is_none());
        assert!(edited(|template| template.replace(": 1", 1, ": 3")).is_none());
        assert_eq!(edited(|template| template.replace(": 1", 2, ": 3")), Some(TEXT.replace(": 1", ": 3")));
    }
}
