//! A shipped file in which some passages are replaced.
//!
//! Every passage must occur exactly as often as expected. When somebody changes a shipped file without this
//! code, rendering fails, and a test finds it; no wrong configuration is rendered.

use super::error::{Error, Result};

/// A YAML file with comments. What is not replaced stays as it is.
pub(super) struct Template {
    file: &'static str,
    text: String,
}

// === impl Template ===

impl Template {
    pub(super) fn new(file: &'static str, text: &str) -> Self {
        Self { file, text: text.to_owned() }
    }

    /// Replaces the comment that the file begins with.
    pub(super) fn set_heading(&mut self, heading: &str) -> Result<()> {
        let body = self.text.split_inclusive('\n').skip_while(|line| line.starts_with('#'));
        let body: String = body.collect();
        if body.len() == self.text.len() {
            return Err(self.changed("a comment at its top"));
        }
        self.text = format!("{heading}{body}");
        Ok(())
    }

    /// Puts a comment above the one that the file begins with.
    pub(super) fn prepend(&mut self, heading: &str) {
        self.text.insert_str(0, heading);
    }

    /// Replaces each `from` by `to`. There must be exactly `times` of them.
    pub(super) fn replace(&mut self, from: &str, times: usize, to: &str) -> Result<()> {
        if self.text.matches(from).count() != times {
            return Err(self.changed(from));
        }
        self.text = self.text.replace(from, to);
        Ok(())
    }

    /// Replaces the only line that begins with `first`, blanks aside, and all lines below it that are
    /// indented deeper.
    ///
    /// The lines of `with` get the indentation of the first line. When `with` is empty, a blank line before
    /// the section is removed too.
    pub(super) fn replace_section(&mut self, first: &str, with: &str) -> Result<()> {
        let (indent, [mut start, _, end]) = self.section(first)?;
        if with.is_empty() && self.text.get(..start).is_some_and(|before| before.ends_with("\n\n")) {
            start -= 1;
        }
        self.splice(start, end, &indented(with, indent));
        Ok(())
    }

    /// Like [`replace_section`](Self::replace_section), but keeps the first line; `with` is indented by two
    /// more.
    pub(super) fn replace_body(&mut self, first: &str, with: &str) -> Result<()> {
        let (indent, [_, body, end]) = self.section(first)?;
        self.splice(body, end, &indented(with, indent + 2));
        Ok(())
    }

    /// Adds `with` to the end of a section, as the last lines of its body. They are indented as they would be
    /// under a first line that is not.
    pub(super) fn append(&mut self, first: &str, with: &str) -> Result<()> {
        let (indent, [.., end]) = self.section(first)?;
        self.splice(end, end, &indented(with, indent));
        Ok(())
    }

    /// Moves a section, with the comment right above it, out of the object that it ends: its lines are
    /// indented by two less. It must be the last member of that object.
    pub(super) fn outdent_section(&mut self, first: &str) -> Result<()> {
        let (indent, [section, _, end]) = self.section(first)?;
        let before = self.text.get(..section).unwrap_or_default();
        let is_comment = |line: &&str| line.trim_start_matches(' ').starts_with('#');
        let comment: usize = before.split_inclusive('\n').rev().take_while(is_comment).map(str::len).sum();
        let start = section - comment;
        let moved = self.text.get(start..end).unwrap_or_default();
        let next = self.text.get(end..).unwrap_or_default().lines().find(|line| !line.trim().is_empty());
        let next_indent = next.map_or(0, depth);
        if indent < 2 || next_indent >= indent {
            return Err(self.changed(first));
        }
        let outdented: String =
            moved.split_inclusive('\n').map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        self.splice(start, end, &outdented);
        Ok(())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The section's indentation, and three offsets: of its start, of its second line, of its end.
    fn section(&self, first: &str) -> Result<(usize, [usize; 3])> {
        let mut found: Option<(usize, [usize; 3])> = None;
        let (mut offset, mut open) = (0_usize, false);
        for line in self.text.split_inclusive('\n') {
            let next = offset + line.len();
            let is_blank = line.trim().is_empty();
            if line.trim_start().starts_with(first) {
                if found.is_some() {
                    return Err(self.changed(first));
                }
                found = Some((depth(line), [offset, next, next]));
                open = true;
            } else if let Some((indent, [.., end])) = &mut found
                && open
            {
                open = is_blank || depth(line) > *indent;
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

    fn changed(&self, passage: &str) -> Error {
        Error::Template { file: self.file, passage: passage.to_owned() }
    }
}

/// How far a line is indented.
fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
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
        let appended = edited(|template| template.append("b:", "  x: 1\n"));
        assert_eq!(appended, Some(TEXT.replace("    d: 2\n", "    d: 2\n    x: 1\n")));
    }

    #[test]
    fn the_heading_is_the_comment_at_the_top() {
        let expected = TEXT.replace("# one\n# two\n", "# three\n");
        assert_eq!(edited(|template| template.set_heading("# three\n")), Some(expected));
        assert!(Template::new("file", "a: 1\n# one\n").set_heading("# three\n").is_err());
    }

    #[test]
    fn a_passage_that_is_missing_or_occurs_too_often_is_an_error() {
        assert!(edited(|template| template.replace_section("x:", "")).is_none());
        assert!(edited(|template| template.replace_section("", "")).is_none());
        assert!(edited(|template| template.replace_body("x:", "")).is_none());
        assert!(edited(|template| template.replace(": 1", 1, ": 3")).is_none());
        assert_eq!(edited(|template| template.replace(": 1", 2, ": 3")), Some(TEXT.replace(": 1", ": 3")));
    }
}
