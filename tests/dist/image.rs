//! The image of the module, in a registry: pushed with `src/dist/push.sh`, pulled as gateways pull it.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use testbed::{Client, Request, Response, ports};

use crate::dist::{Unpacked, file, printed};

/// How long the registry may take to answer at all: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What Istio and Envoy Gateway ask for, by the library that both pull with.
const ACCEPTED: &str = "application/vnd.docker.distribution.manifest.v2+json,\
    application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";

/// Debian's docker-registry, on a port of its own. Dropping it ends it.
struct Registry {
    child: Child,
    address: SocketAddr,
    directory: TempDir,
}

// === impl Registry ===

impl Registry {
    fn start() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        let [port] = ports::free_ports().expect("a port");
        let address = ports::local(port);
        let storage = directory.path().join("storage").display().to_string();
        let config = serde_json::json!({
            "version": "0.1",
            "log": { "level": "warn" },
            "storage": { "filesystem": { "rootdirectory": storage } },
            "http": { "addr": address.to_string() },
        });
        // JSON is YAML, which the registry reads.
        let path = directory.path().join("config.yml");
        fs::write(&path, config.to_string()).expect("written");
        let log = fs::File::create(directory.path().join("log")).expect("a log");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(path).stdout(Stdio::null()).stderr(log);
        match command.spawn() {
            Ok(child) => Some(Self { child, address, directory }.ready()),
            Err(error) => {
                testbed::skip(format_args!("docker-registry: {error}"));
                None
            }
        }
    }

    fn ready(self) -> Self {
        let start = Instant::now();
        while Client::new(self.address).send(&Request::get("registry", "/v2/")).is_err() {
            let log = || fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "{}", log());
            thread::sleep(Duration::from_millis(5));
        }
        self
    }

    #[track_caller]
    fn get(&self, path: &str) -> Response {
        let request = Request::get("registry", path).header("accept", ACCEPTED);
        let response = Client::new(self.address).send(&request).expect("the registry answers");
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        response
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The file `path` of a tar archive, which may be compressed.
fn member(archive: &[u8], path: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("archive");
    fs::write(&file, archive).expect("written");
    let output = Command::new("tar").arg("-xOf").arg(&file).arg(path).output().expect("tar runs");
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_registry_gives_the_module_back_as_gateways_ask_for_it() {
    let Some(registry) = Registry::start() else { return };
    let image = format!("{}/gateways/envoy-usage-plan:1.2.3", registry.address);
    let archive = file("-image.tar");
    let mut push = Command::new(testbed::repository().join("src/dist/push.sh"));
    printed(push.arg(&archive).arg(&image));

    let pulled = registry.get("/v2/gateways/envoy-usage-plan/manifests/1.2.3");
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    assert_eq!(pulled.header("content-type").as_deref(), Some(media_type));
    // What is pushed is what was made: its digest can be pinned before.
    let index: Value = serde_json::from_slice(&member(&fs::read(archive).expect("read"), "index.json"))
        .expect("an index in JSON");
    assert_eq!(pulled.header("docker-content-digest").as_deref(), index["manifests"][0]["digest"].as_str());

    let manifest: Value = serde_json::from_slice(&pulled.body).expect("a manifest in JSON");
    assert_eq!(manifest["mediaType"], media_type);
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.oci.image.config.v1+json");
    assert_eq!(manifest["annotations"]["module.wasm.image/variant"], "compat");
    let layers = manifest["layers"].as_array().expect("a list");
    assert_eq!(layers.len(), 1, "{manifest}");
    assert_eq!(layers[0]["mediaType"], "application/vnd.oci.image.layer.v1.tar+gzip");

    let digest = layers[0]["digest"].as_str().expect("a digest");
    let layer = registry.get(&format!("/v2/gateways/envoy-usage-plan/blobs/{digest}"));
    let module = fs::read(file("envoy_usage_plan.wasm")).expect("read");
    assert!(member(&layer.body, "plugin.wasm") == module, "the registry's module is another one");
    // It is also the one that the archive holds.
    let installed = Unpacked::new();
    let installed = fs::read(installed.path("share/usage-plan/envoy_usage_plan.wasm")).expect("read");
    assert!(installed == module, "the archive's module is another one");
}
