//! Completes the names of what is in the document, while a command is typed.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use usage_plan_core::document::Document;
use usage_plan_manage::audit::Recorded;
use usage_plan_manage::draft;
use usage_plan_manage::file::DocumentFile;

use super::log_option;
use crate::output::labels::Labels;

/// The variable that says where the log is.
const LOG_VARIABLE: &str = "USAGE_PLAN_LOG";

/// Completes a key.
pub(crate) fn keys() -> ArgValueCandidates {
    candidates(|document| Labels::of_keys(document).references().map(str::to_owned).collect())
}

/// Completes a usage plan.
pub(crate) fn plans() -> ArgValueCandidates {
    candidates(|document| Labels::of_plans(document).references().map(str::to_owned).collect())
}

/// Completes a service.
pub(crate) fn services() -> ArgValueCandidates {
    candidates(|document| Labels::of_services(document).references().map(str::to_owned).collect())
}

/// Completes an environment: of any service, because the words before it are not known here.
pub(crate) fn environments() -> ArgValueCandidates {
    candidates(|document| {
        let environments = document.services.iter().flat_map(|service| &service.environments);
        environments.cloned().collect()
    })
}

/// Completes an entry of the log, with what it is about; the last one comes first.
pub(crate) fn entries() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let log =
            last_value("--log", env::args_os()).or_else(|| env::var_os(LOG_VARIABLE).map(PathBuf::from));
        let document = DocumentFile::new(document_path(env::args_os())).logged_in(log_option::place(log));
        let history = document.history();
        let entries = history.map(|history| history.entries).unwrap_or_default();
        let candidate = |(order, found): (usize, Recorded)| {
            let what = found.entry.author.what;
            CompletionCandidate::new(found.entry.id).help(Some(what.into())).display_order(Some(order))
        };
        entries.into_iter().rev().enumerate().map(candidate).collect()
    })
}

/// Completes one of the names that `list` finds in the document. A document that cannot be read has none:
/// there is nobody to tell.
fn candidates(list: fn(&Document) -> Vec<String>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let text = std::fs::read(document_path(env::args_os())).unwrap_or_default();
        let mut names = draft::read(&text).map(|document| list(&document)).unwrap_or_default();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// The document's path, as the command line that is being typed will have it. It may not be complete, so clap
/// does not read it.
fn document_path(words: impl Iterator<Item = OsString>) -> PathBuf {
    let named = last_value("--file", words);
    let from_variable = || env::var_os(super::FILE_VARIABLE).map(PathBuf::from);
    named.or_else(from_variable).unwrap_or_else(|| super::DEFAULT_FILE.into())
}

/// The last value that the words give a flag.
fn last_value(flag: &str, words: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut named = None;
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if word == flag {
            named = words.peek().map(PathBuf::from);
        } else if let Some(path) = word.to_str().and_then(|word| word.strip_prefix(flag)?.strip_prefix('=')) {
            named = Some(path.into());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_one_that_the_words_name() {
        for (words, expected) in [
            ("usage-plan -- usage-plan --file a.json key show", "a.json"),
            ("usage-plan -- usage-plan key show x --file=b.json --file c.json", "c.json"),
        ] {
            let words = words.split(' ').map(OsString::from);
            assert_eq!(document_path(words), PathBuf::from(expected));
        }
    }
}
