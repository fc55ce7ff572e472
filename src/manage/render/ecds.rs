//! The file of Envoy's extension config discovery service (ECDS), and the options of the filter in any Envoy.

use serde_json::Value;

use super::error::{Error, Result};
use super::fleet::add_capabilities;
use super::source::Source;
use super::template::Template;
use super::version::EnvoyVersion;
use super::yaml::{list, literal, quoted};

const SHIPPED: &str = include_str!("../../../envoy/hot-reload/usage-plan.yaml");
const SHIPPED_NATIVE: &str = include_str!("../../../envoy/native/hot-reload/usage-plan.yaml");

/// The module's path in the shipped files.
const MODULE: &str = "target/wasm32-wasip1/release/envoy_usage_plan.wasm";
const NATIVE_MODULE: &str = "target/module/libenvoy_usage_plan.so";

/// Options of the filter in an Envoy that you configure yourself. `None` keeps what the shipped file has.
#[derive(Clone, Debug, Default)]
pub struct FilterOptions {
    /// The path at which Envoy finds the filter's module.
    pub module: Option<String>,
    /// The name under which Envoy keeps the counters. A new name resets them.
    pub vm_id: Option<String>,
    /// The version of the Envoy that reads the configuration.
    pub envoy: EnvoyVersion,
    /// Whether the filter is the native module and not the wasm module.
    pub native: bool,
}

/// The callback by which the filter adds headers to responses, in the shipped lists of capabilities. It costs
/// a request an entry into the VM.
const RESPONSE_CALLBACK: &str = "proxy_on_response_headers: {}";
const NO_RESPONSE_CALLBACK: &str =
    "# proxy_on_response_headers is left out: this document adds no header to responses";

/// The file that `envoy/hot-reload/envoy.yaml` watches: a `DiscoveryResponse` with the filter and the
/// document.
///
/// Envoy's statistics report the `version_info` that is in force.
pub fn ecds(source: Source<'_>, filter: &FilterOptions, version_info: Option<&str>) -> Result<String> {
    let (file, listener, shipped) = if filter.native {
        (
            "envoy/native/hot-reload/usage-plan.yaml",
            "stats_tags, is in envoy/native/hot-reload/envoy.yaml",
            SHIPPED_NATIVE,
        )
    } else {
        ("envoy/hot-reload/usage-plan.yaml", "stats_tags, is in envoy/hot-reload/envoy.yaml", SHIPPED)
    };
    let mut template = Template::new(file, shipped);
    let heading = format!(
        "\
# Made by usage-plan: edit the document, not this file. It holds the secrets of the document.
#
# Envoy reads this file when it is *renamed* into the watched directory. The listener that watches it, with
# the guard and {listener}. A document that the filter refuses changes
# nothing: the one before it stays in force, and Envoy's log names every error. But an Envoy that starts
# with it answers 503 to every call.
"
    );
    template.set_heading(&format!("{heading}{}", filter.needs(source)))?;
    if let Some(version) = version_info {
        template.replace(
            "\nresources:\n",
            1,
            &format!("\nversion_info: {}\nresources:\n", quoted(version)),
        )?;
    }
    filter.fill(&mut template, source)?;
    Ok(template.into_text())
}

/// The resource in that file as a tree, with an empty document in the place of the one of `source`.
pub fn extension(source: Source<'_>, filter: &FilterOptions) -> Result<Value> {
    let text = ecds(Source { document: "{}", ..source }, filter, None)?;
    let tree: Option<Value> = serde_saphyr::from_str(&text).ok();
    let resource = tree.as_ref().and_then(|tree| tree.pointer("/resources/0")).cloned();
    resource.ok_or(Error::Template { file: "usage-plan.yaml", passage: "resources".to_owned() })
}

/// The text that the filter gets from Envoy when `document` is published.
pub fn configuration(document: &str) -> String {
    literal(document) + "\n"
}

// === impl FilterOptions ===

impl FilterOptions {
    /// The path at which Envoy finds the filter's module, given or shipped.
    pub fn module(&self) -> &str {
        self.module.as_deref().unwrap_or(if self.native { NATIVE_MODULE } else { MODULE })
    }

    /// The lines of a heading that say which Envoy reads the file, with which variables it must be started,
    /// and which cluster it must have.
    pub(super) fn needs(&self, source: Source<'_>) -> String {
        let version = self.envoy.name();
        let variables = match source.variables {
            [] => String::new(),
            variables => format!("# Envoy needs these variables in its environment: {}\n", list(variables)),
        };
        let cluster = source.cluster.map(|name| format!("# The engine is the cluster {}.\n", quoted(name)));
        format!("# It is for Envoy {version}.\n{variables}{}", cluster.unwrap_or_default())
    }

    /// Fills in the filter of a template. The document comes last, so that no later replacement can match in
    /// it.
    pub(super) fn fill(&self, template: &mut Template, source: Source<'_>) -> Result<()> {
        if self.native {
            if source.cluster.is_some() {
                return Err(Error::FleetInTheNativeModule);
            }
            self.fill_native(template)?;
        } else {
            self.fill_wasm(template, source)?;
        }
        template.replace_body("value: |", &literal(source.document))
    }

    /// Refuses the native module for an Envoy that does not load it.
    pub(super) fn check(&self) -> Result<()> {
        let newest = EnvoyVersion::default();
        if self.native && self.envoy != newest {
            return Err(Error::NotForTheNativeModule { newest: newest.name(), envoy: self.envoy.name() });
        }
        Ok(())
    }

    /// Fills in where the native module is. It reads its variables from Envoy's environment without being
    /// told their names.
    fn fill_native(&self, template: &mut Template) -> Result<()> {
        self.check()?;
        template.replace(
            &format!("filename: {NATIVE_MODULE} "),
            1,
            &format!("filename: {} ", quoted(self.module())),
        )?;
        match &self.vm_id {
            Some(name) => {
                template.replace("filter_name: usage_plan #", 1, &format!("filter_name: {} #", quoted(name)))
            }
            None => Ok(()),
        }
    }

    fn fill_wasm(&self, template: &mut Template, source: Source<'_>) -> Result<()> {
        let variables = source.variables;
        if source.cluster.is_some() {
            add_capabilities(template)?;
        }
        if !source.adds_response_headers {
            template.replace(RESPONSE_CALLBACK, 1, NO_RESPONSE_CALLBACK)?;
        }
        self.envoy.adapt(template, source)?;
        template.replace(
            &format!("filename: {MODULE} "),
            1,
            &format!("filename: {} ", quoted(self.module())),
        )?;
        if let Some(vm_id) = &self.vm_id {
            template.replace("vm_id: usage_plan #", 1, &format!("vm_id: {} #", quoted(vm_id)))?;
        }
        match variables {
            [] => template.replace_section("environment_variables:", ""),
            variables => {
                template.replace_section("host_env_keys:", &format!("host_env_keys: {}", list(variables)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(document: &str) -> Source<'_> {
        Source { document, adds_response_headers: true, ..Source::default() }
    }

    fn read(version_info: Option<&str>) -> Value {
        let text = ecds(source("{}"), &FilterOptions::default(), version_info).expect("rendered");
        serde_saphyr::from_str(&text).expect("YAML")
    }

    #[test]
    fn a_reader_of_the_file_gets_the_text_of_which_the_digest_is_made() {
        for document in
            ["{}", " {\r\n\t\"options\": {},  \n\n\"services\": []\r}\n\n", "{\"keys\":\u{2028}[]}"]
        {
            let text = ecds(source(document), &FilterOptions::default(), None).expect("rendered");
            let file: Value = serde_saphyr::from_str(&text).expect("YAML");
            let value = &file["resources"][0]["typed_config"]["config"]["configuration"]["value"];
            assert_eq!(value.as_str(), Some(configuration(document).as_str()));
        }
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
