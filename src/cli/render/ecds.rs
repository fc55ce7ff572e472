//! `--to ecds`, and what of the filter is the same in every Envoy of one's own.

use clap::Args;

use super::template::Template;
use super::yaml::{list, literal, quoted};
use crate::error::Result;

const SHIPPED: &str = include_str!("../../../envoy/hot-reload/usage-plan.yaml");

/// Where the shipped files find the module.
const MODULE: &str = "target/wasm32-wasip1/release/envoy_usage_plan.wasm";

/// The filter in an Envoy of one's own.
#[derive(Args, Debug, Default)]
pub struct FilterOptions {
    /// Where Envoy finds the filter's module [default: target/wasm32-wasip1/release/envoy_usage_plan.wasm]
    #[arg(long, value_name = "PATH", help_heading = "Options of Envoy")]
    module: Option<String>,
    /// The name under which Envoy keeps the counters: another one forgets them [default: usage_plan]
    #[arg(long, value_name = "ID", help_heading = "Options of Envoy")]
    vm_id: Option<String>,
}

/// The file that `envoy/hot-reload/envoy.yaml` watches: a `DiscoveryResponse` with the filter and the document, for which
/// Envoy needs the `variables`. Envoy's statistics tell which `version_info` is in force.
pub(crate) fn ecds(
    document: &str,
    variables: &[&str],
    filter: &FilterOptions,
    version_info: Option<&str>,
) -> Result<String> {
    let mut template = Template::new("envoy/hot-reload/usage-plan.yaml", SHIPPED);
    let heading = "\
# Made by usage-plan: edit the document, not this file. It holds the secrets that the document does.
#
# Envoy reads it when it is *renamed* into place, beside where it was written; the listener that does so, with the guard and
# stats_tags, is that of envoy/hot-reload/envoy.yaml. A document that the filter refuses changes nothing: the one before it
# stays in force and Envoy's log names every error.
";
    template.set_heading(&format!("{heading}{}", needs(variables)))?;
    if let Some(version) = version_info {
        template.replace(
            "\nresources:\n",
            1,
            &format!("\nversion_info: {}\nresources:\n", quoted(version)),
        )?;
    }
    filter.fill(&mut template, document, variables)?;
    Ok(template.into_text())
}

/// The line of a heading that says what Envoy must be started with.
pub(super) fn needs(variables: &[&str]) -> String {
    match variables {
        [] => String::new(),
        variables => format!("# Envoy needs these variables in its environment: {}\n", list(variables)),
    }
}

// === impl FilterOptions ===

impl FilterOptions {
    pub(super) fn are_given(&self) -> bool {
        self.module.is_some() || self.vm_id.is_some()
    }

    pub(super) fn module(&self) -> &str {
        self.module.as_deref().unwrap_or(MODULE)
    }

    /// Fills a template's filter. The document comes last: nothing is looked for in it.
    pub(super) fn fill(&self, template: &mut Template, document: &str, variables: &[&str]) -> Result<()> {
        template.replace(
            &format!("filename: {MODULE} "),
            1,
            &format!("filename: {} ", quoted(self.module())),
        )?;
        if let Some(vm_id) = &self.vm_id {
            template.replace("vm_id: usage_plan #", 1, &format!("vm_id: {} #", quoted(vm_id)))?;
        }
        match variables {
            [] => template.replace_section("environment_variables:", "")?,
            variables => {
                template.replace_section("host_env_keys:", &format!("host_env_keys: {}", list(variables)))?;
            }
        }
        template.replace_body("value: |", &literal(document))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(version_info: Option<&str>) -> Value {
        let text = ecds("{}", &[], &FilterOptions::default(), version_info).expect("rendered");
        serde_saphyr::from_str(&text).expect("YAML")
    }

    #[test]
    fn a_version_is_that_of_the_whole_response_and_changes_nothing_else() {
        let without = read(None);
        assert_eq!(without["resources"][0]["typed_config"]["config"]["configuration"]["value"], "{}\n");
        for version in ["1", "true", "a: \"b\" # c"] {
            let mut expected = without.clone();
            expected["version_info"] = json!(version);
            assert_eq!(read(Some(version)), expected);
        }
    }
}
