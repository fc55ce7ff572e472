//! `usage-plan import tencent`: the answers of the cloud API, version 2018-08-08.

mod answers;
mod collected;
mod owner;

use std::path::Path;

use clap::Args;
use serde_json::{Deserializer, Value};

use self::collected::Collected;
use super::merge;
use crate::answer::Answer;
use crate::document_file::{DocumentFile, EditOptions};
use crate::error::{Error, Result};
use crate::source;

/// What `--help` says beyond the arguments.
pub(super) const HELP: &str = "\
    Reads the answers of DescribeApiKeysStatus, DescribeApiKey, DescribeUsagePlansStatus, DescribeUsagePlan, \
    DescribeUsagePlanSecretIds, DescribeUsagePlanEnvironments, DescribeServicesStatus, DescribeService, \
    DescribeServiceSubDomains and DescribeApisStatus: as the API returns them, or their Response alone, any \
    number in a file, pages in any order. Which action an answer is of is told by its members.\n\n\
    DescribeUsagePlanSecretIds, DescribeUsagePlanEnvironments and DescribeServiceSubDomains do not say which \
    plan or service they are of. Say it with ID=FILE, or have the id in the file's name; else the plan is \
    taken whose DescribeUsagePlan answer lists the same keys or environments.\n\n\
    Ask DescribeUsagePlanEnvironments with BindType API too: DescribeUsagePlan does not say whether a plan is \
    bound to an environment or to single APIs in it, which cannot be carried over.\n\n\
    What the document has already is kept when it is equal, and an error when it differs. Not in the document, \
    and not told: descriptions of services, tags, what of a quota is used already.\n\n\
    Examples:\n\
    \x20 usage-plan import tencent keys.json plans.json services.json usagePlan-a1b2c3d4.keys.json\n\
    \x20 usage-plan import tencent *.json usagePlan-a1b2c3d4=bound.json --dry-run\n\
    \x20 usage-plan import tencent services.json service-e5f6g7h8=domains.json\n\
    \x20 usage-plan import tencent - --output json";

/// Answers to import.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files of answers; `-` is standard input; ID=FILE says which plan or service a file is of
    #[arg(required = true, value_name = "[ID=]FILE")]
    files: Vec<String>,
    #[command(flatten)]
    edit: EditOptions,
}

/// A file, and what its answers are of where they do not say it.
#[derive(Clone, Copy)]
struct Input<'a> {
    path: &'a str,
    owner: Option<&'a str>,
}

// === impl Arguments ===

impl Arguments {
    pub(super) fn run(&self, file: &DocumentFile) -> Result<Answer> {
        let mut collected = Collected::default();
        for argument in &self.files {
            let input = Input::new(argument);
            let (name, bytes) = source::read(Path::new(input.path))?;
            let values: Vec<Value> = Deserializer::from_slice(&bytes)
                .into_iter()
                .collect::<serde_json::Result<_>>()
                .map_err(|error| Error::refused(format!("{name}: must be JSON: {error}")))?;
            if values.is_empty() {
                return Err(Error::refused(format!("{name}: is empty: it must have an answer")));
            }
            for (i, value) in values.iter().enumerate() {
                let place = match values.len() {
                    1 => name.clone(),
                    _ => format!("{name} (answer {})", i.saturating_add(1)),
                };
                answers::read(value, &place, input, &mut collected)?;
            }
        }
        merge::run(file, &self.edit, collected.into_proposal()?)
    }
}

// === impl Input ===

impl<'a> Input<'a> {
    /// A file may have `=` in its name.
    fn new(argument: &'a str) -> Self {
        match argument.split_once('=') {
            Some((owner, path)) if !owner.is_empty() && !Path::new(argument).exists() => {
                Self { path, owner: Some(owner) }
            }
            _ => Self { path: argument, owner: None },
        }
    }
}
