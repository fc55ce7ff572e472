//! `usage-plan schema`: prints the JSON Schema of the document.

use crate::answer::Answer;
use crate::error::Result;
use crate::schema::schema;

pub(crate) fn run() -> Result<Answer> {
    let schema = schema();
    Ok(Answer::new(format!("{schema:#}"), schema))
}
