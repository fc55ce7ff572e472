//! The shipped files as trees, as a user has them for the version of Envoy that the tests run on.

use serde_json::{Value, json};

use crate::console::{UsagePlan, words};
use crate::error::{Context, Error, Result};
use crate::version::Version;
use crate::{plugin, yaml};

/// The shipped file at a path in the repository.
pub(crate) fn read(file: &str) -> Result<Value> {
    yaml::read(&crate::repository().join(file))
}

/// The file for `version`. For an older Envoy than the shipped files are for, it is what the command line
/// renders of the shipped document: that is how its users get it.
pub(crate) fn read_for(version: Version, file: &str) -> Result<Value> {
    let shipped = read(file)?;
    let platform = match file {
        "envoy/envoy.yaml" => "envoy",
        "envoy/hot-reload/usage-plan.yaml" => "ecds",
        _ => return Ok(shipped),
    };
    if version >= Version::SHIPPED {
        return Ok(shipped);
    }
    let document = document(&shipped).ok_or_else(|| Error::new(format!("{file} has no document")))?;
    let directory = tempfile::tempdir().context("a temporary directory")?;
    std::fs::write(directory.path().join("usage-plans.json"), document).context("the document")?;
    let usage_plan = UsagePlan::new(UsagePlan::binary()?, directory.path());
    let command = format!("render --to {platform} --envoy {}", version.name());
    let ran = usage_plan.run(&words(&command))?;
    match ran.status {
        0 => yaml::parse(&ran.stdout),
        _ => Err(Error::new(format!("{command}: {}", ran.stderr))),
    }
}

/// The document in the filter's configuration in `tree`.
pub(crate) fn document(tree: &Value) -> Option<String> {
    let mut document = None;
    plugin::each(&mut json!([tree]), &mut |kind, plugin| {
        document = kind.document(plugin)["value"].as_str().map(str::to_owned);
    });
    document
}
