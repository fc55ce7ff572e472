//! A server to which Envoys subscribe, in a directory of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::ports::{free_ports, local};
use testbed::{Client, Envoy, FilterKind, Request, Signer, UsagePlan};
use tokio::runtime::{Builder, Runtime};

/// The domain of the service.
const HOST: &str = "orders.example.com";

/// The token in the environment of servers and Envoys.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// How long to wait between two looks at what changes by itself.
const POLL: Duration = Duration::from_millis(20);

/// A directory with a document, and with the filter's module.
pub(crate) struct Place {
    directory: TempDir,
    console: UsagePlan,
}

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) listen: SocketAddr,
    pub(crate) xds: SocketAddr,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let console = UsagePlan::new(env!("CARGO_BIN_EXE_usage-plan"), directory.path());
        let document = json!({
            "services": [{"id": "service-orders", "name": "orders", "domains": [HOST],
                "environments": ["release"], "default_environment": "release"}],
            "keys": [{"name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001"}],
            "usage_plans": [{"id": "usagePlan-gold", "name": "gold", "keys": ["AKIDacme0001"],
                "environments": [{"service": "service-orders", "environment": "release"}]}],
        });
        fs::write(directory.path().join("usage-plans.json"), document.to_string()).expect("a file");
        Self { directory, console }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts a server on ports that nobody has, and waits until it serves.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_at("127.0.0.1:0", arguments)
    }

    pub(crate) fn serve_at(&self, xds: &str, arguments: &[&str]) -> Server {
        let module = FilterKind::of_tests().module();
        let flags = FilterKind::of_tests().flags().expect("an Envoy");
        let line = format!("serve --listen 127.0.0.1:0 --xds {xds} {flags} --output json --module");
        let mut words = testbed::console::words(&line);
        words.push(module.display().to_string());
        words.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let mut command = self.console.command(&words);
        command.env("PLANS_TOKEN", TOKEN);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server");
        let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        std::io::BufRead::read_line(&mut lines, &mut line).expect("a line");
        // What it says later is not looked at, and must not make it wait.
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: {line}"));
        let address =
            |name: &str| event[name].as_str().and_then(|text| text.parse().ok()).expect("an address");
        Server { child, listen: address("listen"), xds: address("xds") }
    }

    /// Starts an Envoy that subscribes, rendered with more `flags`. What it lets through, its own admin
    /// interface answers.
    pub(crate) fn envoy(&self, server: &Server, flags: &str) -> Envoy {
        self.envoy_with(server, flags, |rendered| rendered)
    }

    /// The same, with a change of what is rendered.
    pub(crate) fn envoy_with(
        &self,
        server: &Server,
        flags: &str,
        change: impl FnOnce(String) -> String,
    ) -> Envoy {
        let [ingress, admin] = free_ports().expect("two ports");
        let kind = FilterKind::of_tests().flags().expect("an Envoy");
        let rendered = self.run(&format!(
            "render --to xds {kind} --server {} --listen 127.0.0.1:{ingress} --admin 127.0.0.1:{admin} \
             --upstream 127.0.0.1:{admin} {flags}",
            server.xds
        ));
        let path = self.path(&format!("envoy-{ingress}.yaml"));
        fs::write(&path, change(rendered)).expect("a file");
        let environment = [("PLANS_TOKEN", TOKEN)];
        Envoy::of_file_with(&path, local(ingress), local(admin), &environment)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// What a command prints, which has to succeed.
    #[track_caller]
    pub(crate) fn run(&self, command: &str) -> String {
        let ran = self.console.run(&testbed::console::words(command)).expect("it runs");
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// The exit status of a command, and what it prints.
    pub(crate) fn ran(&self, command: &str) -> (i32, String) {
        let ran = self.console.run(&testbed::console::words(command)).expect("it runs");
        (ran.status, ran.stdout)
    }

    /// What a command complains of, which has to fail.
    #[track_caller]
    pub(crate) fn fails(&self, command: &str) -> String {
        let ran = self.console.run(&testbed::console::words(command)).expect("it runs");
        assert_ne!(ran.status, 0, "{command}: {}", ran.stdout);
        ran.stderr
    }
}

impl Server {
    /// Waits until what it shows of Envoys is so.
    pub(crate) fn wait(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            let request = Request::get(&self.listen.to_string(), "/envoys");
            let answer = Client::new(self.listen).send(&request).expect("the server answers");
            let shown: Value = serde_json::from_slice(&answer.body).expect("JSON");
            if is_so(&shown) {
                return shown;
            }
            thread::sleep(POLL);
        }
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of a call with the only key.
pub(crate) fn call(envoy: &Envoy) -> u16 {
    let signer = Signer::new("AKIDacme0001", "acme-secret-key-0001");
    let request = signer.sign(Request::get(HOST, "/release/ready"));
    Client::new(envoy.ingress()).send(&request).expect("Envoy answers").status
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
