//! A server that answers as the admin interface of an Envoy does, with what a test says.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The beginning of the names of what Envoy counts of watched files.
pub(crate) const DISCOVERY: &str = "extension_config_discovery.http_filter.usage_plan.";

/// What the server says that stands for an Envoy.
#[derive(Clone)]
pub(crate) struct FakeEnvoy {
    pub(crate) state: &'static str,
    pub(crate) uptime: u64,
    /// The lines of `/stats`.
    pub(crate) statistics: Vec<String>,
    /// The lines of `/stats` when it is asked again.
    pub(crate) later: Option<Vec<String>>,
    /// `/config_dump`
    pub(crate) dump: Value,
}

// === impl FakeEnvoy ===

impl FakeEnvoy {
    /// A live one that has accepted one file, with these statistics of the filter.
    pub(crate) fn live(metrics: &[&str]) -> Self {
        let envoy = Self {
            state: "LIVE",
            uptime: 60,
            statistics: Vec::new(),
            later: None,
            dump: json!({ "configs": [] }),
        };
        envoy.statistic(format!("{DISCOVERY}update_success: 1")).metrics(metrics)
    }

    /// Adds a line to `/stats`.
    pub(crate) fn statistic(mut self, line: impl Into<String>) -> Self {
        self.statistics.push(line.into());
        self
    }

    /// Adds metrics of the filter, by their names without what is before `usage_plan_`.
    pub(crate) fn metrics(self, metrics: &[&str]) -> Self {
        metrics.iter().fold(self, |envoy, metric| envoy.statistic(format!("wasmcustom.usage_plan_{metric}")))
    }

    /// Shows `document` as the one in the watched file of this version, which it tried last.
    pub(crate) fn tried(mut self, version: &str, document: &str) -> Self {
        let config = json!({
            "vm_config": {"code": {"local": {"filename": "/lib/filter.wasm"}}},
            "configuration": {"value": document},
        });
        let kind = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
        let filter = json!({"name": "usage_plan", "typed_config": {"@type": kind, "config": config}});
        self.dump = json!({"configs": [{"version_info": version, "ecds_filter": filter}]});
        self
    }

    /// Shows `document` as the one in force.
    pub(crate) fn in_force(self, version: &str, document: &str) -> Self {
        let hash = Sha256::digest(document);
        let digest = hash.iter().take(6).fold(0_u64, |digest, byte| digest << 8 | u64::from(*byte));
        self.statistic(format!("wasmcustom.usage_plan_document_digest: {digest}"))
            .statistic(format!("{DISCOVERY}version_text: \"{version}\""))
            .statistic(format!("{DISCOVERY}update_time: 1795900497203"))
    }

    /// Starts to answer, until the test ends, and returns the address.
    pub(crate) fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        std::thread::spawn(move || {
            let mut looks = 0;
            for stream in listener.incoming() {
                let mut stream = stream.expect("a caller");
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let body = self.answer(&request, &mut looks);
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        address
    }

    fn answer(&self, request: &str, looks: &mut usize) -> String {
        let path = request.split(' ').nth(1).unwrap_or_default();
        match path.split('?').next() {
            Some("/server_info") => json!({
                "version": "9e55/1.40.0/Clean/RELEASE/BoringSSL", "state": self.state,
                "uptime_current_epoch": format!("{}s", self.uptime),
                "command_line_options": {"concurrency": 2},
            })
            .to_string(),
            Some("/stats") => {
                *looks += 1;
                let later = self.later.as_ref().filter(|_| *looks > 1);
                later.unwrap_or(&self.statistics).join("\n")
            }
            Some("/config_dump") => self.dump.to_string(),
            _ => String::new(),
        }
    }
}
