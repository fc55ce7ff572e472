//! `usage-plan schema`: prints the JSON Schema of the document.

use crate::output::answer::Answer;
use crate::output::error::Result;
use usage_plan_manage::schema::schema;

pub(crate) fn run() -> Result<Answer> {
    let schema = schema();
    Ok(Answer::new(format!("{schema:#}"), schema))
}
