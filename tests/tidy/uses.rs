//! Which file uses which: the paths of [`modules`](crate::modules), followed to the file that defines a name.
//!
//! A name that a module only passes on (`pub use`) leads to the file that defines it, so a parent that
//! re-exports its children is not used by them. `mod x;` alone is no use.

use std::collections::BTreeMap;

use crate::modules::{Named, Source};
use crate::tree::Tree;

/// Imports that lead to imports are followed this far: enough for every chain, and an end for a circle.
const MAX_DEPTH: usize = 16;

/// One file uses a name that another one defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The file that uses it.
    pub from: String,
    /// The file that defines it.
    pub to: String,
    /// The line in `from`, counted from 1.
    pub line: usize,
    /// The path as it is written.
    pub path: String,
    /// Whether it is only there in tests.
    pub test: bool,
}

/// Every use between two files of one crate.
#[must_use]
pub fn all(tree: &Tree) -> Vec<Use> {
    let graph = Graph::of(tree);
    let mut found = Vec::new();
    for (index, module) in graph.modules.iter().enumerate() {
        let imports = module.source.imports.iter().map(|import| (&import.target, import.name == "*"));
        let paths = module.source.paths.iter().map(|named| (named, false));
        for (named, all_names) in imports.chain(paths) {
            let target = match graph.target(index, named) {
                Some(Target::Item(file)) => file,
                Some(Target::Module(module)) if all_names => graph.modules[module].file.clone(),
                _ => continue,
            };
            if target != module.file {
                let (line, path) = (named.line, named.path.join("::"));
                found.push(Use { from: module.file.clone(), to: target, line, path, test: named.test });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The files that no `mod` leads to: roots of crates, or files that nobody builds.
#[must_use]
pub fn roots(tree: &Tree) -> Vec<String> {
    let modules = Graph::of(tree).modules.into_iter();
    modules.filter(|module| module.parent.is_none()).map(|module| module.file).collect()
}

#[derive(Clone, Debug)]
enum Target {
    Module(usize),
    /// Something that this file defines.
    Item(String),
}

struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    source: Source,
}

struct Graph {
    modules: Vec<Module>,
}

impl Graph {
    /// All crates: a file that no `mod` leads to is the root of one.
    fn of(tree: &Tree) -> Self {
        let sources: Vec<(&str, &str)> =
            tree.rust().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        let mut children = Vec::new();
        for (path, text) in &sources {
            let source = Source::parse(path, text, false);
            children.extend(source.files.iter().filter_map(|(name, _)| child_file(tree, path, name)));
        }
        let mut graph = Self { modules: Vec::new() };
        for (path, text) in sources {
            if !children.iter().any(|child| child == path) {
                let is_test = path.starts_with("tests/") || path.contains("/tests/");
                graph.add(tree, path, Source::parse(path, text, is_test), None, is_test);
            }
        }
        graph
    }

    fn add(
        &mut self,
        tree: &Tree,
        file: &str,
        mut source: Source,
        parent: Option<usize>,
        test: bool,
    ) -> usize {
        let index = self.modules.len();
        let inline = std::mem::take(&mut source.inline);
        let files = source.files.clone();
        self.modules.push(Module { file: file.to_owned(), parent, children: BTreeMap::new(), source });
        for (name, inner) in inline {
            let child = self.add(tree, file, inner, Some(index), test);
            self.modules[index].children.insert(name, child);
        }
        for (name, only_in_tests) in files {
            let test = test || only_in_tests;
            let Some(path) = child_file(tree, file, &name) else { continue };
            let Some(child) = tree.file(&path) else { continue };
            let child = self.add(tree, &path, Source::parse(&path, &child.text, test), Some(index), test);
            self.modules[index].children.insert(name, child);
        }
        index
    }

    fn target(&self, from: usize, named: &Named) -> Option<Target> {
        match named.path.as_slice() {
            [name] if named.call => self.macro_in_scope(from, name),
            path => self.resolve(from, path, 0),
        }
    }

    /// A macro is seen by the modules below the one that defines it.
    fn macro_in_scope(&self, from: usize, name: &str) -> Option<Target> {
        let mut module = Some(from);
        while let Some(index) = module {
            if self.modules[index].source.macros.contains(name) {
                return Some(Target::Item(self.modules[index].file.clone()));
            }
            module = self.modules[index].parent;
        }
        None
    }

    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Target> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut at = Target::Module(from);
        for (index, name) in path.iter().enumerate() {
            let Target::Module(module) = at else { break };
            at = match name.as_str() {
                "self" => at,
                "crate" => Target::Module(self.root(module)),
                "super" => Target::Module(self.modules[module].parent?),
                name => match self.lookup(module, name, depth) {
                    Some(found) => found,
                    // The first word may name another crate. A later one is made by a macro of that module.
                    None if index == 0 || self.passes_on_a_crate(module) => return None,
                    None => Target::Item(self.modules[module].file.clone()),
                },
            };
        }
        Some(at)
    }

    fn lookup(&self, module: usize, name: &str, depth: usize) -> Option<Target> {
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return Some(Target::Module(*child));
        }
        if here.source.items.contains(name) {
            return Some(Target::Item(here.file.clone()));
        }
        let imports = &here.source.imports;
        if let Some(import) = imports.iter().find(|import| import.name == name) {
            let path = &import.target.path;
            let names_itself = path.len() == 1 && path[0] == name;
            return if names_itself { None } else { self.resolve(module, path, depth + 1) };
        }
        imports.iter().filter(|import| import.name == "*").find_map(|import| {
            match self.resolve(module, &import.target.path, depth + 1)? {
                Target::Module(all) if all != module && depth < MAX_DEPTH => {
                    self.lookup(all, name, depth + 1)
                }
                _ => None,
            }
        })
    }

    fn passes_on_a_crate(&self, module: usize) -> bool {
        let mut imports = self.modules[module].source.imports.iter();
        imports.any(|import| self.resolve(module, &import.target.path, 1).is_none())
    }

    fn root(&self, mut module: usize) -> usize {
        while let Some(parent) = self.modules[module].parent {
            module = parent;
        }
        module
    }
}

/// The file of `mod name;` in a file: below a folder of the file's name, or beside a root.
fn child_file(tree: &Tree, file: &str, name: &str) -> Option<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = format!("{}/{name}.rs", file.trim_end_matches(".rs"));
    let beside = if folder.is_empty() { format!("{name}.rs") } else { format!("{folder}/{name}.rs") };
    [below, beside].into_iter().find(|path| path != file && tree.file(path).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(files: &[(&str, &str)]) -> Vec<String> {
        all(&Tree::of(files)).iter().map(|u| format!("{}:{} -> {}", u.from, u.line, u.to)).collect()
    }

    #[test]
    fn a_name_leads_to_the_file_that_defines_it() {
        let found = uses(&[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "mod inner;\npub use self::inner::Thing;\n"),
            ("src/a/inner.rs", "pub struct Thing;\n"),
            ("src/b.rs", "use crate::a;\n\nfn f(_: a::Thing) { let _ = super::a::inner::Thing; }\n"),
        ]);
        let wanted =
            ["src/a.rs:2 -> src/a/inner.rs", "src/b.rs:3 -> src/a/inner.rs", "src/b.rs:3 -> src/a/inner.rs"];
        assert_eq!(found, wanted);
    }

    #[test]
    fn all_names_and_macros_of_a_parent_are_used_too() {
        let found = uses(&[
            ("src/lib.rs", "macro_rules! say { () => {} }\nmod a;\nfn g() {}\n"),
            ("src/a.rs", "use super::*;\nfn f() { say!(); }\n"),
        ]);
        assert_eq!(found, ["src/a.rs:1 -> src/lib.rs", "src/a.rs:2 -> src/lib.rs"]);
    }

    #[test]
    fn other_crates_are_not_files_of_this_one() {
        let found = uses(&[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "use std::fmt;\npub use serde::Serialize;\nfn f(_: fmt::Error, _: time::Date) {}\n"),
            ("src/b.rs", "use crate::a::Serialize;\n"),
        ]);
        assert_eq!(found, [""; 0]);
    }
}
