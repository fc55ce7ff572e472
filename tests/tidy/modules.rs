//! What a Rust source declares and names: its modules, items, imports and paths, read from its tokens.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A module as it is written: a file, or `mod x { … }` inside of one.
#[derive(Debug, Default)]
pub struct Source {
    /// Functions, types, constants and macros that the module defines.
    pub items: BTreeSet<String>,
    /// Those of [`items`](Self::items) that are macros: modules below see them without an import.
    pub macros: BTreeSet<String>,
    /// `mod x;`, and whether it is only there in tests.
    pub files: Vec<(String, bool)>,
    /// `mod x { … }`.
    pub inline: Vec<(String, Source)>,
    /// What `use` brings in.
    pub imports: Vec<Import>,
    /// Other paths with `::`, and calls of macros.
    pub paths: Vec<Named>,
}

/// One name of a `use`.
#[derive(Debug)]
pub struct Import {
    /// The name it has here; `*` for all names.
    pub name: String,
    /// The path to it.
    pub target: Named,
}

/// A path, where it stands in the file.
#[derive(Debug)]
pub struct Named {
    /// The words between `::`.
    pub path: Vec<String>,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether it is only there in tests.
    pub test: bool,
    /// Whether it is the call of a macro.
    pub call: bool,
}

impl Source {
    /// Reads a file.
    ///
    /// # Panics
    ///
    /// When the text is not Rust.
    #[must_use]
    pub fn parse(path: &str, text: &str, test: bool) -> Self {
        let tokens: TokenStream = match text.parse() {
            Ok(tokens) => tokens,
            Err(error) => panic!("{path}: not Rust: {error}"),
        };
        let mut source = Self::default();
        source.read(tokens, Scope { test, module: true });
        source
    }

    fn read(&mut self, tokens: TokenStream, scope: Scope) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // Whether an attribute says that the item that follows is only there in tests.
        let mut test_item = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let test = scope.test || test_item;
            let next = tokens.get(at + 1);
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let bang = usize::from(is_punct(next, '!'));
                    if let Some(TokenTree::Group(group)) = tokens.get(at + 1 + bang) {
                        test_item |= is_test(group);
                        at += 1 + bang;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => test_item = false,
                TokenTree::Group(group) => {
                    self.read(group.stream(), Scope { test, module: false });
                    test_item &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Ident(ident) => {
                    let (word, line) = (ident.to_string(), ident.span().start().line);
                    let name = next.and_then(name_of);
                    match (word.as_str(), name) {
                        ("use", _) if !is_punct(next, '<') => {
                            let end = (at..tokens.len()).find(|end| is_punct(tokens.get(*end), ';'));
                            let end = end.unwrap_or(tokens.len());
                            self.import(&tokens[at + 1..end], &[], test);
                            (at, test_item) = (end, false);
                        }
                        ("mod", Some(name)) => {
                            at += 2;
                            if let Some(TokenTree::Group(group)) = tokens.get(at) {
                                let mut inner = Self::default();
                                inner.read(group.stream(), Scope { test, module: true });
                                self.inline.push((name, inner));
                            } else {
                                self.files.push((name, test));
                            }
                            test_item = false;
                        }
                        ("fn" | "struct" | "enum" | "trait" | "type" | "const" | "static", Some(name))
                            if scope.module =>
                        {
                            self.items.insert(name);
                        }
                        ("macro_rules", None) if is_punct(next, '!') => {
                            if let Some(name) = tokens.get(at + 2).and_then(name_of) {
                                self.items.insert(name.clone());
                                self.macros.insert(name);
                            }
                            at += 2;
                        }
                        _ => {
                            let (path, length) = path_at(&tokens, at);
                            let call = is_punct(tokens.get(at + length), '!');
                            if path.len() > 1 || call {
                                self.paths.push(Named { path, line, test, call });
                            }
                            at += length - 1;
                        }
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads one tree of a `use`, up to its comma.
    fn import(&mut self, tokens: &[TokenTree], prefix: &[String], test: bool) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut line = 0;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    name = tokens.get(at + 1).and_then(name_of);
                    break;
                }
                TokenTree::Ident(ident) => {
                    line = ident.span().start().line;
                    if ident != "self" || path.is_empty() {
                        path.push(ident.to_string());
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    line = punct.span().start().line;
                    name = Some("*".to_owned());
                }
                // `use ::name` is a crate, which is never a file of this one.
                TokenTree::Punct(_) if path.is_empty() => return,
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for tree in inner.split(|token| is_punct(Some(token), ',')) {
                        self.import(tree, &path, test);
                    }
                    return;
                }
                _ => {}
            }
        }
        if let Some(name) = name.or_else(|| path.last().cloned()) {
            self.imports.push(Import { name, target: Named { path, line, test, call: false } });
        }
    }
}

#[derive(Clone, Copy)]
struct Scope {
    test: bool,
    /// Whether what is defined here belongs to the module, and not to a function or an `impl`.
    module: bool,
}

/// The path that begins at a word, and how many tokens it is.
fn path_at(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let mut path: Vec<String> = tokens.get(at).and_then(name_of).into_iter().collect();
    let mut length = 1;
    while is_separator(tokens.get(at + length)) && is_punct(tokens.get(at + length + 1), ':') {
        let Some(name) = tokens.get(at + length + 2).and_then(name_of) else { break };
        path.push(name);
        length += 3;
    }
    (path, length)
}

fn is_separator(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':' && p.spacing() == Spacing::Joint)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn name_of(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_test(attribute: &Group) -> bool {
    let words: Vec<String> = attribute.stream().into_iter().map(|token| token.to_string()).collect();
    let condition = words.get(1).map(|text| text.replace(' ', "")).unwrap_or_default();
    match words.first().map(String::as_str) {
        Some("test") => true,
        Some("cfg") => condition == "(test)" || condition.starts_with("(all(test"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(String, String)> {
        let source = Source::parse("a.rs", text, false);
        source.imports.into_iter().map(|import| (import.name, import.target.path.join("::"))).collect()
    }

    #[test]
    fn imports_are_read_with_their_braces_stars_and_other_names() {
        let found = imports("pub use crate::a::{self, B, c::{D as E, *}};\nuse super::f;\nuse ::std::fmt;");
        let wanted = [
            ("a", "crate::a"),
            ("B", "crate::a::B"),
            ("E", "crate::a::c::D"),
            ("*", "crate::a::c"),
            ("f", "super::f"),
        ];
        let wanted: Vec<_> = wanted.map(|(name, path)| (name.to_owned(), path.to_owned())).into();
        assert_eq!(found, wanted);
    }

    #[test]
    fn items_modules_paths_and_tests_are_distinguished() {
        let text = "mod a;\n#[cfg(test)]\nmod tests { use super::*; }\npub const fn f() { super::g(crate::h::I); }\n\
            #[test]\nfn t() { a::b!(); }";
        let source = Source::parse("a.rs", text, false);
        assert_eq!(source.items, BTreeSet::from(["f".to_owned(), "fn".to_owned(), "t".to_owned()]));
        assert_eq!(source.files, [("a".to_owned(), false)]);
        assert!(source.inline[0].1.imports[0].target.test);
        let paths: Vec<_> =
            source.paths.iter().map(|named| (named.path.join("::"), named.line, named.test)).collect();
        let wanted = [("super::g", 4, false), ("crate::h::I", 4, false), ("a::b", 6, true)];
        assert_eq!(paths, wanted.map(|(path, line, test)| (path.to_owned(), line, test)));
    }
}
