//! `--to istio` and `--to envoy-gateway`

mod names;

use clap::Args;

use self::names::{Image, Label};
use super::template::Template;
use super::yaml::{flow, list, quoted};
use crate::error::{Error, Result};

const ISTIO: &str = include_str!("../../../envoy/kubernetes/istio.yaml");
const ENVOY_GATEWAY: &str = include_str!("../../../envoy/kubernetes/envoy-gateway.yaml");

/// What the shipped manifests have.
const IMAGE: &str = "registry.example.com/envoy-usage-plan:1.0.0";

/// Where the shipped manifests name their objects.
const NAME: &str = "metadata:\n  name: usage-plan\n";

/// As many variables as a `WasmPlugin` takes.
const MAX_VARIABLES: usize = 256;

/// The filter in a cluster.
#[derive(Args, Debug)]
pub struct KubernetesOptions {
    /// What the objects are called [default: usage-plan]
    #[arg(long, value_parser = names::name, help_heading = "Options of Kubernetes")]
    name: Option<String>,
    /// The gateway's namespace [default: istio-ingress with Istio; kubectl's with Envoy Gateway]
    #[arg(long, value_parser = names::namespace, help_heading = "Options of Kubernetes")]
    namespace: Option<String>,
    /// Where the module is pulled from: oci://REGISTRY/IMAGE:TAG or https://HOST/PATH
    #[arg(long, value_name = "URL", help_heading = "Options of Kubernetes")]
    image: Option<Image>,
    /// The Gateway (of the Gateway API) to put the filter on [default: eg with Envoy Gateway]
    #[arg(long, value_name = "NAME", value_parser = names::name, help_heading = "Options of Kubernetes")]
    gateway: Option<String>,
    /// With Istio, a label of the gateway's pods; may be repeated [default: istio=ingressgateway]
    #[arg(
        long,
        value_name = "LABEL=VALUE",
        conflicts_with = "gateway",
        help_heading = "Options of Kubernetes"
    )]
    selector: Vec<Label>,
}

/// A `WasmPlugin`.
pub(super) fn istio(document: &str, variables: &[&str], options: &KubernetesOptions) -> Result<String> {
    if variables.len() > MAX_VARIABLES {
        return Err(Error::refused(format!(
            "the document names {} variables in secret_key_env and previous_secret_key_env: a WasmPlugin takes {MAX_VARIABLES}",
            variables.len()
        )));
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
pub(super) fn envoy_gateway(
    document: &str,
    variables: &[&str],
    options: &KubernetesOptions,
) -> Result<String> {
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
    pub(super) fn are_given(&self) -> bool {
        let texts = [&self.name, &self.namespace, &self.gateway];
        texts.iter().any(|text| text.is_some()) || self.image.is_some() || self.select_pods()
    }

    pub(super) fn select_pods(&self) -> bool {
        !self.selector.is_empty()
    }

    /// Where the module is pulled from.
    pub(super) fn image(&self) -> String {
        self.image.as_ref().map_or_else(|| format!("oci://{IMAGE}"), Image::url)
    }

    /// What may be otherwise than it was meant.
    pub(super) fn warning(&self) -> Option<String> {
        let warning = "stands for an image of yours: push the module to a registry and name it with --image";
        self.image.is_none().then(|| format!("{IMAGE} {warning}"))
    }

    /// Says above a manifest's own comment where it comes from; its references to the repository are to what can be printed.
    fn introduce(&self, template: &mut Template, target: &str, references: usize) -> Result<()> {
        template.replace("../envoy.yaml", references, "`render --to envoy`")?;
        template.prepend(&format!(
            "# Made by `usage-plan render --to {target}`: edit the document, not this file, which holds the secrets that the document\n\
             # does. For `kubectl apply --server-side -f`: without --server-side kubectl keeps a copy of it all in an annotation,\n\
             # which a large document does not fit into.\n#\n"
        ));
        Ok(())
    }
}
