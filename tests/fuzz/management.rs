//! A request of the management API: whom it lets in, and what it answers.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http;
use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::operator::now;
use testbed::{Operator, Request};
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;
use usage_plan_core::document::{Document, UsagePlan};
use usage_plan_manage::file::DocumentFile;
use usage_plan_server::desk::Desk;
use usage_plan_server::management::{self, Management, Options};
use usage_plan_server::operators::Operators;
use usage_plan_server::peer::Peer;
use usage_plan_server::publishing::Publishing;
use usage_plan_server::used::Used;

/// Reads a request: `POST /?query`, its headers in lines, an empty line, its body. As it is, nobody is let
/// in. Signed by an operator who may only look, it is answered, whatever is in it; and no longer once its
/// body has changed. The document stays as it is.
pub fn management(input: &[u8]) {
    let Some(request) = read(input) else { return };
    let Some(answer) = API.ask(&request) else { return };
    let code = answer["Error"]["Code"].as_str().expect("nobody is let in who does not sign");
    assert!(REFUSED.iter().any(|refused| code.starts_with(refused)), "{answer}");
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
    let mut viewer = Operator::new("AKIDviewer0001", "viewer-operator-secret");
    viewer.headers.push("x-tc-traceid".to_owned());
    let mut signed = request;
    signed
        .headers
        .retain(|(name, _)| !REPLACED.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes())));
    // An answer to what was signed a second ago is not held back.
    let mut signed = viewer.sign(signed.header("x-tc-traceid", number), now() - 1);
    let Some(answer) = API.ask(&signed) else { return };
    let code = answer["Error"]["Code"].as_str().unwrap_or_default();
    assert_ne!(code, "InternalError", "{answer}");
    if !REFUSED.iter().any(|refused| code.starts_with(refused)) && signed.method == "POST" {
        signed.body.push(b' ');
        let answer = API.ask(&signed).expect("it was answered before");
        assert_eq!(answer["Error"]["Code"], "AuthFailure.SignatureFailure", "{answer}");
    }
    assert_eq!(fs::read(&API.path).ok().as_ref(), Some(&API.document));
}

/// What is answered to whom is not let in.
const REFUSED: [&str; 4] =
    ["AuthFailure", "RequestSizeLimitExceeded", "UnsupportedProtocol", "RequestLimitExceeded"];
/// Headers of which a signed request has its own.
const REPLACED: [&str; 3] = ["authorization", "x-tc-timestamp", "x-tc-traceid"];

static API: LazyLock<Api> = LazyLock::new(Api::new);

struct Api {
    router: Router,
    runtime: Runtime,
    path: PathBuf,
    document: Vec<u8>,
    _directory: TempDir,
}

/// Three requests of each plan were admitted.
#[derive(Debug)]
struct Three;

impl Used for Three {
    fn of(&self, _: &UsagePlan, _: &Document) -> Option<u64> {
        Some(3)
    }
}

impl Api {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("usage-plans.json");
        let document = include_bytes!("../vectors/management/document.json").to_vec();
        fs::write(&path, &document).expect("a file");
        let viewer =
            json!({"secret_id": "AKIDviewer0001", "secret_key": "viewer-operator-secret", "role": "viewer"});
        let credentials = directory.path().join("operators.json");
        fs::write(&credentials, json!({"operators": [viewer]}).to_string()).expect("a file");
        let operators = Arc::new(Operators::open(credentials).expect("operators"));
        let desk = Arc::new(Desk::new(DocumentFile::new(path.clone()), Publishing::nowhere()));
        let management =
            Management::new(desk, operators, Arc::default(), Arc::new(Three), Options::default());
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self {
            router: management::router(Arc::new(management)),
            runtime,
            path,
            document,
            _directory: directory,
        }
    }

    /// What is in `Response`; `None` if it is no request of the API.
    fn ask(&self, request: &Request) -> Option<Value> {
        let mut asked =
            http::Request::builder().method(request.method.as_str()).uri(request.target.as_slice());
        for (name, value) in &request.headers {
            asked = asked.header(name.as_slice(), value.as_slice());
        }
        let mut asked = asked.body(Body::from(request.body.clone())).ok()?;
        // Each request has an address of its own, or the address would be shut out after a hundred.
        static ADDRESS: AtomicU32 = AtomicU32::new(0);
        let address = Ipv4Addr::from_bits(ADDRESS.fetch_add(1, Ordering::Relaxed));
        asked.extensions_mut().insert(Peer(SocketAddr::from((address, 1))));
        let (status, body) = self.runtime.block_on(async {
            let answered = self.router.clone().call(asked).await.expect("it cannot fail");
            let status = answered.status();
            (status, to_bytes(answered.into_body(), usize::MAX).await.expect("a body"))
        });
        if status == http::StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(status, http::StatusCode::OK, "an error, too, has this status");
        let mut answer: Value = serde_json::from_slice(&body).expect("an answer is JSON");
        assert!(answer["Response"]["RequestId"].is_string(), "{answer}");
        Some(answer["Response"].take())
    }
}

fn read(input: &[u8]) -> Option<Request> {
    let (head, body) = match input.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let mut request = Request::bare(method, target).body(body);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    Some(request)
}
