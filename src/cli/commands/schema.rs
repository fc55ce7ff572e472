//! `usage-plan schema`: prints the JSON Schema of the document.

use crate::output::answer::Answer;
use crate::output::error::Result;
use usage_plan_core::document::Document;

pub(crate) fn run() -> Result<Answer> {
    let schema = Document::schema();
    Ok(Answer::new(format!("{schema:#}"), schema))
}
