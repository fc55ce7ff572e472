//! `usage-plan check`: validates a document as the filter does.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use usage_plan_core::document::Document;
use usage_plan_manage::draft;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::{secrets, warnings};

use super::read_input;
use crate::output::answer::Answer;
use crate::output::error::{Error, Result};

/// The document to check.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The document, instead of --file; `-` is standard input
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
    /// Also check that the variables and the files are here that hold secrets
    #[arg(long)]
    environment: bool,
}

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let (name, text) = self.read(file)?;
        let read =
            if self.environment { secrets::check(&text, self.directory(file)) } else { draft::read(&text) };
        let document = read.map_err(|errors| {
            let rules = if errors.count() == 1 { "rule" } else { "rules" };
            Error::invalid(format!("{name} breaks {} {rules}:", errors.count()), &errors)
                .in_text(&name, &text)
        })?;
        Ok(warnings::of(&document).into_iter().fold(self.summary(&name, &document), Answer::warn))
    }

    /// The document's name for messages, and its bytes.
    fn read(&self, file: &DocumentFile) -> Result<(String, Vec<u8>)> {
        match &self.document {
            None => Ok((file.path().display().to_string(), file.bytes()?)),
            Some(path) => read_input(path),
        }
    }

    /// Where the relative paths of the document begin.
    fn directory<'a>(&'a self, file: &'a DocumentFile) -> &'a Path {
        let given = self.document.as_deref().and_then(Path::parent);
        if self.document.is_some() { given.unwrap_or(Path::new("")) } else { file.directory() }
    }

    fn summary(&self, name: &str, document: &Document) -> Answer {
        let Document { services, keys, usage_plans, .. } = document;
        let count = |count: usize, noun: &str| match count {
            1 => format!("1 {noun}"),
            _ => format!("{count} {noun}s"),
        };
        let counts = [
            count(services.len(), "service"),
            count(keys.len(), "key"),
            count(usage_plans.len(), "usage plan"),
        ];
        let variables = secrets::variables(document);
        let mut text = format!("{name} is valid: {}", counts.join(", "));
        if !variables.is_empty() {
            let subject =
                if self.environment { "this environment has" } else { "Envoy's environment must have" };
            text.push_str(&format!("\n{subject}: {}", variables.join(", ")));
        }
        let files = secrets::in_files(document);
        if !files.is_empty() {
            let subject = if self.environment {
                "these files are there, for `publish --resolve`"
            } else {
                "`publish --resolve` reads these files"
            };
            text.push_str(&format!("\n{subject}: {}", files.join(", ")));
        }
        let json = json!({
            "valid": true, "services": services.len(), "keys": keys.len(), "usage_plans": usage_plans.len(),
            "variables": variables, "files": files, "environment_checked": self.environment,
        });
        Answer::new(text, json)
    }
}
