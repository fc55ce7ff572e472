//! Makes the files that Envoy reads from a [`Config`]: the shipped file with all changes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::filter_kind::FilterKind;
use crate::ports::{Ports, free_ports};
use crate::version::Version;
use crate::{access_log, plugin, shipped, yaml};

/// A configuration with all its changes.
pub(crate) struct Rendered {
    pub(crate) bootstrap: Value,
    pub(crate) discovered: Option<Discovered>,
    pub(crate) ports: Ports,
    /// The ports of all listeners that callers use, `ports.ingress` first.
    pub(crate) ingress: Vec<u16>,
}

/// The file from which Envoy reads the filter while it runs.
pub(crate) struct Discovered {
    /// The file that Envoy watches.
    pub(crate) path: PathBuf,
    /// A `DiscoveryResponse`.
    pub(crate) response: Value,
}

/// Makes the configuration for an Envoy of `version`. Its files are in `directory`.
pub(crate) fn render(config: &Config, version: Version, directory: &Path) -> Result<Rendered> {
    let mut bootstrap = shipped::read_for(version, config.file)?;
    let published = config.watched.as_ref().and_then(|directory| watch(&mut bootstrap, directory));
    let mut discovered = match &published {
        Some(_) => None,
        None => discover(config.file, version, &mut bootstrap, directory)?,
    };
    let mut plugins = replace_plugins(config, &mut bootstrap);
    if let Some(discovered) = &mut discovered {
        plugins += replace_plugins(config, &mut discovered.response);
    }
    if plugins == 0 && published.is_none() {
        return Err(Error::new(format!("{} has no filter of usage plans", config.file)));
    }
    let module = module(config);
    if plugins > 0 && !module.is_file() {
        let target = FilterKind::of_tests().target();
        return Err(Error::new(format!("{} is missing: run `make {target}`", module.display())));
    }
    for edit in &config.edits {
        edit(&mut bootstrap);
    }
    let ports = config.ports.map_or_else(Ports::free, Ok)?;
    let ingress = replace_listeners(config, &mut bootstrap, ports, directory)?;
    Ok(Rendered { bootstrap, discovered, ports, ingress })
}

impl Config {
    /// The document in the shipped file, or in the one that it watches.
    ///
    /// # Errors
    /// The file cannot be read, or has none.
    pub fn shipped_document(&self) -> Result<String> {
        let file = self.file;
        let mut bootstrap = shipped::read(file)?;
        let discovered = discover(file, Version::SHIPPED, &mut bootstrap, Path::new(""))?;
        let tree = json!([bootstrap, discovered.map(|discovered| discovered.response)]);
        let document = shipped::document(&tree);
        document.ok_or_else(|| Error::new(format!("{file} has no document")))
    }
}

fn module(config: &Config) -> PathBuf {
    config.module.clone().unwrap_or_else(|| FilterKind::of_tests().module())
}

fn replace_plugins(config: &Config, tree: &mut Value) -> usize {
    let mut number = 0;
    plugin::each(tree, &mut |kind, plugin| {
        kind.set_module(plugin, module(config));
        if let Some(document) = &config.document {
            plugin::set_document(kind, plugin, document);
        }
        config.plugin_edits.iter().for_each(|edit| edit(plugin));
        number += 1;
    });
    number
}

/// Replaces the ports of the listeners, the clusters and the admin interface, and their addresses by
/// loopback. Returns the ports for callers.
fn replace_listeners(config: &Config, tree: &mut Value, ports: Ports, directory: &Path) -> Result<Vec<u16>> {
    let no_ingress = || Error::new(format!("{} has no listener on port 10000", config.file));
    let listeners = tree["static_resources"]["listeners"].as_array_mut().ok_or_else(no_ingress)?;
    let is_ingress = |l: &Value| l["address"]["socket_address"]["port_value"] == Ports::SHIPPED.ingress;
    let found = listeners.iter().position(is_ingress).ok_or_else(no_ingress)?;
    if config.access_log {
        access_log::format::add(&mut listeners[found], directory);
    }
    let mut ingress = vec![ports.ingress];
    for number in 1..config.listeners {
        let [port] = free_ports()?;
        let mut copy = listeners[found].clone();
        copy["name"] = json!(format!("ingress-{number}"));
        copy["address"]["socket_address"]["port_value"] = json!(port);
        listeners.push(copy);
        ingress.push(port);
    }
    let mut used = Vec::new();
    yaml::each_object(tree, &mut |object| {
        if let Some(port) = object.get("port_value").and_then(Value::as_u64) {
            let named = ports.instead_of(port);
            used.extend(named);
            object.insert("port_value".to_owned(), named.map_or(json!(port), |(_, port)| json!(port)));
            object.insert("address".to_owned(), json!("127.0.0.1"));
        }
    });
    if config.ports.is_some() {
        Ports::check(&used)?;
    }
    Ok(ingress)
}

/// Replaces the watched file that `bootstrap` names, if any, by one in `directory`, and reads the shipped
/// file.
fn discover(
    file: &str,
    version: Version,
    bootstrap: &mut Value,
    directory: &Path,
) -> Result<Option<Discovered>> {
    let Some(path) = watch(bootstrap, &directory.join("discovered")) else { return Ok(None) };
    let beside = Path::new(file).with_file_name(path.file_name().unwrap_or_default());
    let mut response = shipped::read_for(version, &beside.to_string_lossy())?;
    // Envoy shows an empty version as long as it has accepted no file.
    response["version_info"] = json!("0");
    Ok(Some(Discovered { path, response }))
}

/// Replaces the watched file that `bootstrap` names, if any, by one in `directory`. Returns the new path.
fn watch(bootstrap: &mut Value, directory: &Path) -> Option<PathBuf> {
    let mut moved = None;
    yaml::each_object(bootstrap, &mut |object| {
        let Some(watched) = object.get_mut("path_config_source") else { return };
        let path = PathBuf::from(watched["path"].as_str().unwrap_or_default());
        if let Some(file) = path.file_name() {
            let path = directory.join(file);
            *watched = json!({"path": path, "watched_directory": {"path": directory}});
            moved = Some(path);
        }
    });
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a file for the module, which is not loaded.
    fn config(config: Config) -> Config {
        config.module(crate::repository().join("Cargo.toml"))
    }

    #[test]
    fn every_shipped_configuration_has_a_document() {
        for config in [Config::plain(), Config::hot_reload()] {
            let document = config.shipped_document().expect("a document");
            let _: Value = serde_json::from_str(&document).expect("JSON");
        }
    }

    #[test]
    fn every_port_is_replaced_and_on_loopback() {
        for shipped in [Config::plain(), Config::hot_reload()] {
            let mut rendered =
                render(&config(shipped).listeners(2), Version::SHIPPED, Path::new("/d")).expect("rendered");
            assert_eq!(rendered.ingress.len(), 2);
            let known =
                [rendered.ports.admin, rendered.ports.upstream, rendered.ingress[0], rendered.ingress[1]];
            let mut seen = 0;
            yaml::each_object(&mut rendered.bootstrap, &mut |object| {
                if let Some(port) = object.get("port_value") {
                    assert!(known.iter().any(|known| port == known), "{port}");
                    assert_eq!(object["address"], "127.0.0.1");
                    seen += 1;
                }
            });
            assert!(seen >= 3, "{seen}");
        }
    }

    #[test]
    fn the_document_and_the_module_go_into_the_watched_file() {
        let changed = config(Config::hot_reload()).document("{}").edit_plugin(|p| p["name"] = json!("other"));
        let rendered = render(&changed, Version::SHIPPED, Path::new("/d")).expect("rendered");
        let discovered = rendered.discovered.expect("a watched file");
        assert!(discovered.path.starts_with("/d/discovered"), "{}", discovered.path.display());
        let source = format!("{}", rendered.bootstrap);
        assert!(source.contains(&format!("\"path\":\"{}\"", discovered.path.display())), "{source}");
        let plugin = &discovered.response["resources"][0]["typed_config"]["config"];
        assert_eq!(plugin["configuration"]["value"], "{}");
        assert_eq!(plugin["name"], "other");
        let module = plugin["vm_config"]["code"]["local"]["filename"].as_str();
        assert!(module.is_some_and(|path| path.ends_with("Cargo.toml")), "{module:?}");
    }

    #[test]
    fn an_edit_sees_the_shipped_ports() {
        let changed = config(Config::plain()).edit(|tree| {
            assert_eq!(tree["admin"]["address"]["socket_address"]["port_value"], Ports::SHIPPED.admin);
            tree["node"] = json!({"id": "n"});
        });
        let rendered = render(&changed, Version::SHIPPED, Path::new("/d")).expect("rendered");
        assert_eq!(rendered.bootstrap["node"]["id"], "n");
    }

    #[test]
    fn a_directory_that_is_published_to_is_watched_and_not_written() {
        let rendered =
            render(&config(Config::hot_reload()).watching("/p"), Version::SHIPPED, Path::new("/d"))
                .expect("rendered");
        assert!(rendered.discovered.is_none());
        let source = rendered.bootstrap.to_string();
        assert!(
            source.contains(r#"{"path":"/p/usage-plan.yaml","watched_directory":{"path":"/p"}}"#),
            "{source}"
        );
    }

    #[test]
    fn a_module_that_is_not_built_is_an_error() {
        let error = render(&Config::plain().module("/none.wasm"), Version::SHIPPED, Path::new("/d"))
            .err()
            .expect("refused");
        assert_eq!(error.to_string(), "/none.wasm is missing: run `make build`");
    }

    #[test]
    fn a_configuration_without_an_ingress_is_an_error() {
        let without = config(Config::plain()).edit(|tree| tree["static_resources"]["listeners"] = json!([]));
        let error = render(&without, Version::SHIPPED, Path::new("/d")).err();
        assert_eq!(error, Some(Error::new("envoy/envoy.yaml has no listener on port 10000")));
    }
}
