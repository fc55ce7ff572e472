//! Versions of Envoy, and what a configuration for an older one has in another place.
//!
//! The shipped files are for the newest version. Each function here makes one difference to an older one.

use super::error::Result;
use super::source::Source;
use super::template::Template;
use super::yaml::quoted;

/// A member of the VM's configuration, in all shipped files.
const RUNTIME: &str = "runtime: envoy.wasm.runtime.v8";

/// The VM's configuration where the list lacks the callback of responses.
const WITHOUT_RESPONSE_HEADERS: &str = "without proxy_on_response_headers";

/// A version of Envoy that the tests run the filter on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnvoyVersion {
    /// 1.36
    V1_36,
    /// 1.37
    V1_37,
    /// 1.39
    V1_39,
    /// 1.40, which the shipped files are for.
    #[default]
    V1_40,
}

// === impl EnvoyVersion ===

impl EnvoyVersion {
    /// The version as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_36 => "1.36",
            Self::V1_37 => "1.37",
            Self::V1_39 => "1.39",
            Self::V1_40 => "1.40",
        }
    }

    /// Makes a shipped file one for this version, and for what `source` asks of the VM.
    pub(super) fn adapt(self, template: &mut Template, source: Source<'_>) -> Result<()> {
        if self < Self::V1_40 {
            move_capabilities_out_of_the_vm(template)?;
        }
        // Envoy keeps a VM whose id, code and configuration are the same, with the capabilities that it began
        // with; before 1.39 also with its environment. So what differs in these makes another configuration.
        let variables = if self < Self::V1_39 { source.variables } else { &[] };
        let callback = (!source.adds_response_headers).then_some(WITHOUT_RESPONSE_HEADERS);
        let differences: Vec<&str> = variables.iter().copied().chain(callback).collect();
        if differences.is_empty() { Ok(()) } else { configure_the_vm(template, &differences.join(" ")) }
    }
}

/// Before 1.40 the plugin has the list of capabilities. From 1.40 on its VM has it, and the place in the
/// plugin is deprecated: Envoy logs a warning, and is to take the place away.
fn move_capabilities_out_of_the_vm(template: &mut Template) -> Result<()> {
    template.outdent_section("capability_restriction_config:")
}

/// Gives the VM a configuration, which nobody reads, so that another one is made. The counters stay: they are
/// kept by `vm_id`.
fn configure_the_vm(template: &mut Template, text: &str) -> Result<()> {
    let configuration = format!(
        "{RUNTIME}
configuration: # Envoy makes another VM for another text: the one in use would keep its list and its variables
  \"@type\": type.googleapis.com/google.protobuf.StringValue
  value: {}",
        quoted(text)
    );
    template.replace_section(RUNTIME, &configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
config:
  vm_config:
    code: {}
    # Take nothing out.
    capability_restriction_config:
      # callbacks
      proxy_on_configure: {}

  configuration: {}
";

    fn adapted(version: EnvoyVersion, text: &str, variables: &[&str]) -> Result<String> {
        let mut template = Template::new("file", text);
        let source = Source { variables, adds_response_headers: true, ..Source::default() };
        version.adapt(&mut template, source).map(|()| template.into_text())
    }

    #[test]
    fn the_list_of_capabilities_is_the_vms_from_1_40_on_and_the_plugins_before() {
        let older = "\
config:
  vm_config:
    code: {}
  # Take nothing out.
  capability_restriction_config:
    # callbacks
    proxy_on_configure: {}

  configuration: {}
";
        assert_eq!(adapted(EnvoyVersion::V1_40, FILE, &[]).as_deref(), Ok(FILE));
        for version in [EnvoyVersion::V1_36, EnvoyVersion::V1_37, EnvoyVersion::V1_39] {
            assert_eq!(adapted(version, FILE, &[]).as_deref(), Ok(older));
        }
    }

    #[test]
    fn the_variables_are_the_vms_configuration_before_1_39_so_that_others_make_another_vm() {
        let with = |version, variables: &[&str]| {
            let file = FILE.replace("    code: {}", "    runtime: envoy.wasm.runtime.v8\n    code: {}");
            adapted(version, &file, variables).expect("adapted")
        };
        for version in [EnvoyVersion::V1_36, EnvoyVersion::V1_37] {
            let [one, two] = [&["ONE"][..], &["ONE", "TWO"]].map(|variables| with(version, variables));
            assert!(one.contains("StringValue\n      value: \"ONE\"\n    code"), "{one}");
            assert!(two.contains("StringValue\n      value: \"ONE TWO\"\n    code"), "{two}");
        }
        for (version, variables) in [(EnvoyVersion::V1_36, &[][..]), (EnvoyVersion::V1_39, &["ONE"])] {
            assert!(!with(version, variables).contains("StringValue"));
        }
    }

    #[test]
    fn a_list_that_something_follows_in_the_vm_is_an_error_and_not_another_configuration() {
        let followed = FILE.replace("\n  configuration", "    vm_id: a\n  configuration");
        assert!(adapted(EnvoyVersion::V1_36, &followed, &[]).is_err());
    }
}
