//! `usage-plan diff`: prints how the document differs from what is published or in force.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use usage_plan_manage::admin::{Admin, ConfiguredDocument};
use usage_plan_manage::draft;
use usage_plan_manage::file::DocumentFile;
use usage_plan_manage::publish::ValidDocument;
use usage_plan_manage::status::{Here, InForce};

use super::admin_options::{AdminOptions, no_document, published};
use crate::output::answer::Answer;
use crate::output::error::{Error, Kind, Result};

/// What to compare the document with.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    admin: AdminOptions,
    /// The directory that Envoy watches: without --admin, compare with the file in it
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// What the document is compared with: where that is, and its text; or why it cannot be compared.
type Other = (String, Result<String>);

// === impl Arguments ===

impl Arguments {
    pub(crate) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let path = file.path().display().to_string();
        let document = ValidDocument::parse(&file.bytes()?).map_err(|errors| {
            Error::invalid(format!("{path} cannot be compared, because it breaks these rules:"), &errors)
        })?;
        let here = Here::of(&document);
        let mut answer = Answer::new("", Value::Null);
        let (mut sections, mut compared) = (Vec::new(), Vec::new());
        let others = self.others()?;
        let is_alone = others.len() == 1;
        for (name, text) in others {
            let text = match text {
                Ok(text) => text,
                Err(error) if is_alone => return Err(error),
                Err(error) => {
                    answer.failed = answer.failed.or(Some(error.kind()));
                    compared.push(json!({"with": name, "equal": null, "error": error.to_string()}));
                    answer.warnings.push(error.to_string());
                    continue;
                }
            };
            let difference = if here.is_equal_to(&text) {
                sections.push(format!("{path} is equal to {name}"));
                None
            } else {
                let difference = draft::difference(&text, document.text(), [&name, &path]);
                sections.push(difference.trim_end().to_owned());
                answer.failed = Some(Kind::Refused);
                Some(difference)
            };
            compared.push(json!({"with": name, "equal": difference.is_none(), "difference": difference}));
        }
        let equal = answer.failed.is_none();
        Ok(Answer {
            text: sections.join("\n").into(),
            json: json!({"equal": equal, "compared": compared}),
            ..answer
        })
    }

    /// What to compare with.
    fn others(&self) -> Result<Vec<Other>> {
        let files = self.to.as_deref().map(published).transpose()?;
        if let Some(directory) = &self.to
            && !self.admin.is_given()
        {
            let name = format!("what is published in {}", directory.display());
            let file = files.into_iter().flatten().next().flatten();
            let text = file.map(|file| file.text).ok_or_else(|| no_document(directory));
            return Ok(vec![(name, text)]);
        }
        let files: Vec<ConfiguredDocument> = files.into_iter().flatten().flatten().collect();
        Ok(self.admin.or_shipped().iter().map(|admin| in_force(admin, &files)).collect())
    }
}

/// The document in force in an Envoy.
fn in_force(admin: &Admin, files: &[ConfiguredDocument]) -> Other {
    let address = admin.address();
    let text = match InForce::ask(admin, files) {
        Err(error) => Err(error.into()),
        Ok(InForce::Document(document)) => Ok(document.text),
        Ok(InForce::None) => Err(Error::refused(format!(
            "{address}: no document is in force: `usage-plan status --admin {address}` says what to do"
        ))),
        Ok(InForce::Unreadable) => Err(Error::refused(format!(
            "{address}: what is in force cannot be read, because Envoy refused a file since and shows that one: \
             --to DIR, the directory that it watches, may have the accepted one"
        ))),
    };
    (format!("what is in force in {address}"), text)
}
