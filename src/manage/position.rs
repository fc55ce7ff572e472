//! Where in the text of a document a value is: the line and the column of a path such as
//! `usage_plans[2].keys[0]`.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// A place in a text. Both numbers begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// The text of a document, in which places are looked up.
pub struct Positions<'t> {
    text: &'t str,
    /// The document, or where it stops to be JSON.
    tree: Result<Value<'t>, Position>,
}

// === impl Positions ===

impl<'t> Positions<'t> {
    /// The places in `text`; `None` when it is not text.
    pub fn of(text: &'t [u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        // serde_json limits how deep values are nested, and is as strict as the filter, which reads with it.
        if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
            let line = text.lines().nth(error.line().checked_sub(1)?).unwrap_or_default();
            let before = line.get(..error.column().saturating_sub(1)).unwrap_or(line);
            let position = Position { line: error.line(), column: before.chars().count() + 1 };
            return Some(Self { text, tree: Err(position) });
        }
        let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
        Some(Self { text, tree: Ok(parsed.value?) })
    }

    /// Where the value at `path` begins. A value that is not there is where the object is that lacks it.
    pub fn get(&self, path: &str) -> Position {
        match &self.tree {
            Err(position) => *position,
            Ok(tree) => self.position(start(tree, path)),
        }
    }

    fn position(&self, start: usize) -> Position {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Position { line, column }
    }
}

/// The index of the first byte of the value at `path`, or of the innermost value above it that is there.
fn start(value: &Value<'_>, path: &str) -> usize {
    let next = match value {
        Value::Object(object) => {
            let path = path.strip_prefix('.').unwrap_or(path);
            let rest = |name: &str| path.strip_prefix(name).filter(|rest| is_end_of_name(rest));
            // An unknown member may have a dot in its name. Of a repeated one, the last is superfluous.
            let members = object.properties.iter().filter(|_| !path.is_empty());
            let found = members.filter_map(|member| Some((&member.value, rest(member.name.as_str())?)));
            found.min_by_key(|(value, rest)| (rest.len(), std::cmp::Reverse(value.range().start)))
        }
        Value::Array(array) => path.strip_prefix('[').and_then(|path| {
            let (index, rest) = path.split_once(']')?;
            Some((array.elements.get(index.parse::<usize>().ok()?)?, rest))
        }),
        _ => None,
    };
    match next {
        Some((value, rest)) => start(value, rest),
        None => value.range().start,
    }
}

fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['.', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "keys": [
    { "secret_id": "AKIDa", "remark": "Köln", "status": "off" },
    7
  ],
  "a.b": 1, "keys.x": { "y": [] },
  "twice": 1, "twice": 2
}"#;

    fn at(path: &str) -> (usize, usize) {
        let Position { line, column } = Positions::of(TEXT.as_bytes()).expect("text").get(path);
        (line, column)
    }

    #[test]
    fn a_value_is_found_by_its_path() {
        assert_eq!(at(""), (1, 1));
        assert_eq!(at("keys"), (2, 11));
        assert_eq!(at("keys[0].status"), (3, 57));
        assert_eq!(at("keys[1]"), (4, 5));
    }

    #[test]
    fn what_is_not_there_is_where_it_is_missing() {
        assert_eq!(at("keys[0].secret_key"), (3, 5));
        assert_eq!(at("keys[0].previous.x[1]"), (3, 5));
        assert_eq!(at("usage_plans"), (1, 1));
    }

    #[test]
    fn a_name_with_a_dot_and_a_repeated_member_are_found() {
        assert_eq!(at("a.b"), (6, 10));
        assert_eq!(at("keys.x.y"), (6, 30));
        assert_eq!(at("twice"), (7, 24));
    }

    #[test]
    fn text_that_is_not_json_has_the_place_where_it_stops_to_be_it() {
        for (text, expected) in [
            ("{\n  \"ä\": x\n}", (2, 8)),
            ("", (1, 1)),
            ("{} {}", (1, 4)),
            ("{\"a\": 1,}", (1, 9)),
            ("// no\n{}", (1, 1)),
        ] {
            let Position { line, column } = Positions::of(text.as_bytes()).expect("text").get("");
            assert_eq!((line, column), expected, "{text}");
        }
        assert!(Positions::of(b"\xff").is_none());
        assert!(Positions::of("[".repeat(100_000).as_bytes()).is_some());
    }
}
