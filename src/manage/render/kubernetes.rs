//! Manifests of Kubernetes: Istio's `WasmPlugin`, Envoy Gateway's `EnvoyExtensionPolicy`.

use super::error::{Error, MAX_VARIABLES, Result};
use super::names::{Image, Label};
use super::template::Template;
use super::yaml::{flow, list, quoted};

const ISTIO: &str = include_str!("../../../envoy/kubernetes/istio.yaml");
const ENVOY_GATEWAY: &str = include_str!("../../../envoy/kubernetes/envoy-gateway.yaml");

/// The placeholder for the image in the shipped manifests.
pub const PLACEHOLDER_IMAGE: &str = "registry.example.com/envoy-usage-plan:1.0.0";

/// The text that names the objects in the shipped manifests.
const NAME: &str = "metadata:\n  name: usage-plan\n";

/// Options of the filter in a cluster. `None` keeps what the shipped manifest has.
#[derive(Clone, Debug, Default)]
pub struct KubernetesOptions {
    /// The name of the objects.
    pub name: Option<String>,
    /// The gateway's namespace.
    pub namespace: Option<String>,
    /// Where the module is pulled from.
    pub image: Option<Image>,
    /// The Gateway (of the Gateway API) that the filter is attached to.
    pub gateway: Option<String>,
    /// With Istio, the labels of the gateway's pods; ignored when there is a `gateway`.
    pub selector: Vec<Label>,
}

/// A `WasmPlugin`, which passes the `variables` of the proxy's environment on to the filter.
pub fn istio(document: &str, variables: &[&str], options: &KubernetesOptions) -> Result<String> {
    if variables.len() > MAX_VARIABLES {
        return Err(Error::TooManyVariables { count: variables.len() });
    }
    let mut template = Template::new("envoy/kubernetes/istio.yaml", ISTIO);
    options.introduce(&mut template, "istio", 2)?;
    if let Some(namespace) = &options.namespace {
        template.replace(
            "\n  namespace: istio-ingress\n",
            1,
            &format!("\n  namespace: {}\n", quoted(namespace)),
        )?;
    }
    if let Some(name) = &options.name {
        template.replace(NAME, 1, &format!("metadata:\n  name: {}\n", quoted(name)))?;
    }
    if let Some(gateway) = &options.gateway {
        let gateway = format!(
            "targetRefs:\n  - group: gateway.networking.k8s.io\n    kind: Gateway\n    name: {}",
            quoted(gateway)
        );
        template.replace_section("selector:", &gateway)?;
    } else if !options.selector.is_empty() {
        let labels: Vec<String> = options.selector.iter().map(Label::member).collect();
        template.replace_body("matchLabels:", &labels.join("\n"))?;
    }
    if let Some(image) = &options.image {
        template.replace_section("url: oci://", &format!("url: {}", quoted(&image.url())))?;
    }
    if variables.is_empty() {
        template.replace_section("vmConfig:", "")?;
    } else {
        let entry = |name: &&str| format!("- {{ name: {}, valueFrom: HOST }}", quoted(name));
        let entries: Vec<String> = variables.iter().map(entry).collect();
        template.replace_body("env: #", &entries.join("\n"))?;
    }
    template.replace_body("pluginConfig: #", &flow(document))?;
    Ok(template.into_text())
}

/// An `EnvoyExtensionPolicy`, and the `ClientTrafficPolicy` that goes with it.
pub fn envoy_gateway(document: &str, variables: &[&str], options: &KubernetesOptions) -> Result<String> {
    let mut template = Template::new("envoy/kubernetes/envoy-gateway.yaml", ENVOY_GATEWAY);
    options.introduce(&mut template, "envoy-gateway", 2)?;
    if options.name.is_some() || options.namespace.is_some() {
        let name =
            format!("metadata:\n  name: {}\n", quoted(options.name.as_deref().unwrap_or("usage-plan")));
        let namespace =
            options.namespace.as_deref().map(|namespace| format!("  namespace: {}\n", quoted(namespace)));
        template.replace(NAME, 2, &(name + &namespace.unwrap_or_default()))?;
    }
    if let Some(gateway) = &options.gateway {
        template.replace("      name: eg\n", 2, &format!("      name: {}\n", quoted(gateway)))?;
    }
    if let Some(image) = &options.image {
        template.replace_body("code:", &image.wasm_code()?)?;
    }
    match variables {
        [] => template.replace_section("env: #", "")?,
        variables => template.replace_section("hostKeys:", &format!("hostKeys: {}", list(variables)))?,
    }
    template.replace_body("config: #", &flow(document))?;
    Ok(template.into_text())
}

// === impl KubernetesOptions ===

impl KubernetesOptions {
    /// The URL that the module is pulled from, given or shipped.
    pub fn image(&self) -> String {
        self.image.as_ref().map_or_else(|| format!("oci://{PLACEHOLDER_IMAGE}"), Image::url)
    }

    /// Puts a note on the manifest's origin above its own comment, and makes the comment's `references` to a
    /// file of the repository name the command that prints this file.
    fn introduce(&self, template: &mut Template, target: &str, references: usize) -> Result<()> {
        template.replace("../envoy.yaml", references, "`render --to envoy`")?;
        template.prepend(&format!(
            "# Made by `usage-plan render --to {target}`: edit the document, not this file. It holds the\n\
             # secrets of the document. Apply it with `kubectl apply --server-side -f`: without\n\
             # --server-side kubectl copies all of it into an annotation, which is too small for a large\n\
             # document.\n#\n"
        ));
        Ok(())
    }
}
