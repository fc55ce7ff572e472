//! The official clients, unmodified, as processes that read what to call.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::repository;

use crate::fixture::ADMIN;

/// Where `make test` installs them.
const INSTALLED: &str = "target/clients";

/// A running client.
pub(crate) struct Client {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
    /// tccli writes a log into the home directory, with the secrets of its command line.
    _home: TempDir,
}

impl Client {
    /// `tencentcloud-sdk-python-apigateway`.
    pub(crate) fn python(server: SocketAddr, method: &str) -> Self {
        Self::start(installed("python/bin/python"), "sdk.py", server, method)
    }

    /// `tencentcloud-sdk-nodejs`.
    pub(crate) fn node(server: SocketAddr, method: &str) -> Self {
        Self::start("node".into(), "sdk.js", server, method)
    }

    /// `tccli`.
    pub(crate) fn tccli(server: SocketAddr) -> Self {
        Self::start(installed("python/bin/python"), "command_line.py", server, "POST")
    }

    fn start(interpreter: PathBuf, program: &str, server: SocketAddr, method: &str) -> Self {
        let home = TempDir::new().expect("a directory");
        let mut command = Command::new(&interpreter);
        command
            .arg(repository().join("tests/server/clients").join(program))
            .args([&server.to_string(), ADMIN[0], ADMIN[1], method])
            .env("HOME", home.path())
            .env("NODE_PATH", installed("node/node_modules"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", interpreter.display()));
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, answers, _home: home }
    }

    /// What the client returns for a call, which has to succeed.
    #[track_caller]
    pub(crate) fn call(&mut self, action: &str, parameters: Value) -> Value {
        let mut answered = self.send("apigateway", action, &parameters);
        let answer = answered["answer"].take();
        assert!(answer["RequestId"].is_string(), "{action} {parameters}: {answered} {answer}");
        answer
    }

    /// `Result` of the answer to a call, which has to succeed.
    #[track_caller]
    pub(crate) fn result(&mut self, action: &str, parameters: Value) -> Value {
        self.call(action, parameters)["Result"].take()
    }

    /// A call whose result is `true`.
    #[track_caller]
    pub(crate) fn does(&mut self, action: &str, parameters: Value) {
        assert_eq!(self.result(action, parameters), true, "{action}");
    }

    /// A call of the service `tag`, which has to succeed.
    #[track_caller]
    pub(crate) fn tag(&mut self, action: &str, parameters: Value) -> Value {
        let mut answered = self.send("tag", action, &parameters);
        assert!(answered["answer"]["RequestId"].is_string(), "{action} {parameters}: {answered}");
        answered["answer"].take()
    }

    /// A call that has to be refused, which the client tells as its own kind of error, with this code.
    #[track_caller]
    pub(crate) fn refused(&mut self, code: &str, action: &str, parameters: Value) {
        let answered = self.send("apigateway", action, &parameters);
        assert_eq!(answered["code"], code, "{action} {parameters}: {answered}");
        let has = |name: &str| answered[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(has("message") && has("request_id"), "{action}: {answered}");
    }

    #[track_caller]
    fn send(&mut self, service: &str, action: &str, parameters: &Value) -> Value {
        let asked = json!({"service": service, "action": action, "parameters": parameters});
        let mut stdin = self.child.stdin.as_ref().expect("a pipe");
        writeln!(stdin, "{asked}").expect("the client reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the client answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{asked}: the client has ended: {line}"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed(path: impl AsRef<Path>) -> PathBuf {
    let path = repository().join(INSTALLED).join(path);
    assert!(path.exists(), "{} is missing: `make clients` installs the official clients", path.display());
    path
}
