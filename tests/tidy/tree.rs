//! The files of the repository, or those that a unit test plants.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

/// Folders that hold nothing of the repository's own.
const SKIPPED: [&str; 5] = [".git", ".envoy", "target", "__pycache__", "node_modules"];

/// A text file.
#[derive(Debug)]
pub struct File {
    /// Its path from the top of the repository, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// The lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether this is a Rust source.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether this is a page in Markdown.
    #[must_use]
    pub fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }
}

/// The text files, and the paths of everything else that a link may point to.
#[derive(Debug, Default)]
pub struct Tree {
    files: Vec<File>,
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads the repository at `root`.
    ///
    /// # Errors
    ///
    /// When a folder or a file cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree of planted files.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.paths.insert((*path).to_owned());
            let folders = path.match_indices('/').map(|(end, _)| path[..end].to_owned());
            tree.paths.extend(folders);
            tree.files.push(File { path: (*path).to_owned(), text: (*text).to_owned() });
        }
        tree
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                // A file that is no text, such as a module of WebAssembly, has no lines to judge.
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.push(File { path: path.clone(), text });
                }
            }
            self.paths.insert(path);
        }
        Ok(())
    }

    /// All text files, in the order of their paths.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The text file with this path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there is a file or a folder with this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }
}
