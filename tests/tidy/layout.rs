//! How a Rust file is laid out: docs first, not long, narrow lines, and no `mod.rs`.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::Fault;
use crate::tree::{File, Tree};

/// Lines in a file, at most. No file is excepted.
const MAX_LINES: usize = 300;

/// What may follow a string literal that ends at the last column, such as `);`.
const MAX_CLOSING: usize = 3;

/// Columns in a line, at most; rustfmt.toml says the same, and rustfmt leaves comments and strings alone.
const MAX_COLUMNS: usize = 110;

/// Reports every Rust file that breaks one of the rules.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Fault> {
    tree.rust()
        .flat_map(|file| [begins_with_docs(file), length(file), name(file), width(file)].concat())
        .collect()
}

fn begins_with_docs(file: &File) -> Vec<Fault> {
    if file.text.starts_with("//!") {
        return Vec::new();
    }
    vec![Fault::new(
        &file.path,
        1,
        "the file does not begin with its docs",
        "let the first line be `//!` and what the module is for",
    )]
}

fn length(file: &File) -> Vec<Fault> {
    let lines = file.text.lines().count();
    if lines <= MAX_LINES {
        return Vec::new();
    }
    let remedy = format!("split it: {MAX_LINES} are enough, and tests may go to a file of their own");
    vec![Fault::new(&file.path, MAX_LINES + 1, format!("the file has {lines} lines"), remedy)]
}

fn name(file: &File) -> Vec<Fault> {
    match file.path.strip_suffix("mod.rs") {
        Some(folder) if folder.ends_with('/') => {
            let remedy = format!("name it {}.rs", folder.trim_end_matches('/'));
            vec![Fault::new(&file.path, 1, "the file is named mod.rs", remedy)]
        }
        _ => Vec::new(),
    }
}

/// A line may be wider where a string literal reaches the last column, because a text that people search for
/// stays in one piece. So may a comment that is one word, such as an address.
fn width(file: &File) -> Vec<Fault> {
    let wide: Vec<(usize, &str)> =
        file.lines().filter(|(_, line)| line.chars().count() > MAX_COLUMNS).collect();
    if wide.is_empty() {
        return Vec::new();
    }
    let mut strings = BTreeSet::new();
    if let Ok(tokens) = file.text.parse() {
        crossing_strings(tokens, &mut strings);
    }
    let fault = |(number, line): (usize, &str)| {
        let comment =
            line.trim_start().strip_prefix("//").map(|text| text.trim_start_matches(['/', '!', ' ']));
        let excepted = match comment {
            Some(text) => !text.contains(' '),
            None => strings.contains(&number),
        };
        let what = format!("the line has {} columns", line.chars().count());
        let remedy = format!("break it before column {MAX_COLUMNS}");
        (!excepted).then(|| Fault::new(&file.path, number, what, remedy))
    };
    wide.into_iter().filter_map(fault).collect()
}

/// Adds the lines in which a string literal, with what closes it, crosses the last column.
fn crossing_strings(tokens: TokenStream, lines: &mut BTreeSet<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => crossing_strings(group.stream(), lines),
            TokenTree::Literal(literal) if literal.to_string().contains('"') => {
                let (start, end) = (literal.span().start(), literal.span().end());
                for line in start.line..=end.line {
                    let begins = if line == start.line { start.column } else { 0 };
                    let crosses = line < end.line || end.column + MAX_CLOSING > MAX_COLUMNS;
                    if begins < MAX_COLUMNS && crosses {
                        lines.insert(line);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    fn found(path: &str, text: &str) -> Vec<String> {
        printed(&check(&Tree::of(&[(path, text)])))
    }

    #[test]
    fn a_file_without_docs_is_found() {
        let wanted = "a.rs:1: the file does not begin with its docs; \
            let the first line be `//!` and what the module is for";
        assert_eq!(found("a.rs", "use std::fmt;\n//! Late.\n"), [wanted]);
        assert_eq!(found("a.rs", "//! Docs.\n"), [""; 0]);
    }

    #[test]
    fn a_long_file_is_found() {
        let text = |lines: usize| format!("//! Docs.\n{}", "\n".repeat(lines - 1));
        let wanted = "a.rs:301: the file has 301 lines; \
            split it: 300 are enough, and tests may go to a file of their own";
        assert_eq!(found("a.rs", &text(301)), [wanted]);
        assert_eq!(found("a.rs", &text(300)), [""; 0]);
    }

    #[test]
    fn a_file_named_mod_is_found() {
        assert_eq!(
            found("src/a/mod.rs", "//! D\n"),
            ["src/a/mod.rs:1: the file is named mod.rs; name it src/a.rs"]
        );
    }

    #[test]
    fn wide_comments_and_wide_code_are_found() {
        let words = "word ".repeat(22);
        let text = format!("//! D\n// {words}\nfn f() {{ g({}); }}\n", "1, ".repeat(40));
        let wanted = [
            "a.rs:2: the line has 113 columns; break it before column 110",
            "a.rs:3: the line has 135 columns; break it before column 110",
        ];
        assert_eq!(found("a.rs", &text), wanted);
    }

    #[test]
    fn a_string_that_crosses_the_last_column_is_excepted_and_one_before_it_is_not() {
        let text = "t".repeat(80);
        let crossing = format!("//! D\nfn f() {{ g({}\"{text}\"); }}\n", "1, ".repeat(10));
        assert_eq!(found("a.rs", &crossing), [""; 0]);
        let ending = format!("//! D\nfn f() {{ g({}\"{}\"); }}\n", "1, ".repeat(10), "t".repeat(65));
        assert_eq!(found("a.rs", &ending), [""; 0]);
        let before = format!("//! D\nfn f() {{ g(\"{text}\"{}); }}\n", ", 1".repeat(10));
        assert_eq!(found("a.rs", &before).len(), 1);
        let address = format!("//! D\n// https://example.com/{text}{text}\n");
        assert_eq!(found("a.rs", &address), [""; 0]);
    }
}
