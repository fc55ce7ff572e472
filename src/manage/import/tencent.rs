//! Reads answers of the cloud API, version 2018-08-08.

mod answers;
mod apis;
mod collected;
mod input;
mod items;
mod mappings;

use serde_json::{Deserializer, Value};

use self::collected::Collected;
pub use self::input::{AnswerFile, ListKind};
use super::error::{Error, Result};
use super::proposal::Proposal;

/// Reads files of answers, which together describe what is to be imported.
///
/// A file that is no answer is passed over with a note, because `*.json` names it too, unless it was said
/// which plan or service it belongs to. When nothing else is there, it is an error.
pub fn read(files: &[AnswerFile]) -> Result<Proposal> {
    let mut collected = Collected::default();
    let mut foreign = Vec::new();
    let mut answers = 0_usize;
    for file in files {
        for answer in parse(file) {
            let read = answer.and_then(|(value, place)| answers::read(&value, &place, file, &mut collected));
            match read {
                Ok(()) => answers += 1,
                Err(Error::Foreign { place, problem }) if file.owner.is_none() => {
                    foreign.push((place, problem));
                }
                Err(error) => return Err(error),
            }
        }
    }
    if answers == 0
        && let Some((place, problem)) = foreign.pop()
    {
        return Err(Error::Foreign { place, problem });
    }
    for (place, problem) in foreign {
        collected.notes.add(place, format!("is passed over, because it {problem}"));
    }
    collected.into_proposal()
}

/// The answers in a file, each with its place.
fn parse(file: &AnswerFile) -> Vec<Result<(Value, String)>> {
    let values: serde_json::Result<Vec<Value>> = Deserializer::from_slice(&file.bytes).into_iter().collect();
    let values = match values {
        Ok(values) => values,
        Err(error) => return vec![Err(Error::foreign(&file.name, format!("must be JSON: {error}")))],
    };
    let count = values.len();
    if count == 0 {
        return vec![Err(Error::foreign(&file.name, "is empty: it must have an answer"))];
    }
    let place = |index: usize| match count {
        1 => file.name.clone(),
        _ => format!("{} (answer {})", file.name, index + 1),
    };
    values.into_iter().enumerate().map(|(index, value)| Ok((value, place(index)))).collect()
}
