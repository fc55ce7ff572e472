//! Reads answers of the cloud API, version 2018-08-08.

mod answers;
mod collected;
mod input;
mod items;

use serde_json::{Deserializer, Value};

use self::collected::Collected;
pub use self::input::{AnswerFile, ListKind};
use super::error::{Error, Result};
use super::proposal::Proposal;

/// Reads files of answers, which together describe what is to be imported.
pub fn read(files: &[AnswerFile]) -> Result<Proposal> {
    let mut collected = Collected::default();
    for file in files {
        let values: Vec<Value> = Deserializer::from_slice(&file.bytes)
            .into_iter()
            .collect::<serde_json::Result<_>>()
            .map_err(|error| Error::input(&file.name, format!("must be JSON: {error}")))?;
        if values.is_empty() {
            return Err(Error::input(&file.name, "is empty: it must have an answer"));
        }
        for (index, value) in values.iter().enumerate() {
            let place = match values.len() {
                1 => file.name.clone(),
                _ => format!("{} (answer {})", file.name, index + 1),
            };
            answers::read(value, &place, file, &mut collected)?;
        }
    }
    collected.into_proposal()
}
