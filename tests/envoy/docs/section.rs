//! What the sections of the docs begin with.

use std::fs;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use testbed::markdown::blocks;
use testbed::sign::http_date;
use testbed::transcript::Numbers;
use testbed::{Client, Envoy, Request, Signer, Version, repository};

pub(super) const HOST: &str = "orders.example.com";
const ACME: (&str, &str) = ("AKIDacme0001", "acme-secret-key-0001");
/// What acme signed with before its key was rotated.
const OLD_SECRET: &str = "acme-secret-key-0000";
/// The requests of acme's day, where a section shows that they are spent.
const QUOTA: usize = 20;

/// What an Envoy has in force when a section begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// There is no Envoy.
    Nothing,
    /// An empty document, so that the section's commands publish another one.
    EmptyDocument,
    /// The section's document.
    Document,
    /// The section's document, and it has been called.
    CalledDocument,
}

/// What a section's commands find, and how they end.
pub(super) struct Section {
    pub(super) heading: String,
    /// The document, if there is one.
    pub(super) document: Option<Value>,
    /// Files beside it.
    pub(super) files: Vec<(String, String)>,
    pub(super) envoy: Served,
    pub(super) numbers: Numbers,
    /// The beginnings of commands that exit with 1, because the page shows a refusal or a difference.
    refused: &'static [&'static str],
}

impl Default for Section {
    fn default() -> Self {
        Self {
            heading: String::new(),
            document: Some(document()),
            files: Vec::new(),
            envoy: Served::Nothing,
            numbers: Numbers::Value,
            refused: &[],
        }
    }
}

// === impl Section ===

impl Section {
    /// The section under this heading.
    pub(super) fn of(heading: &str) -> Self {
        let section = Self { heading: heading.to_owned(), ..Self::default() };
        let of_acme = json!([ACME.0]);
        match heading {
            "Make a gateway" | "Publish an API" => Self { document: None, ..section },
            "Create a key" => section.with("/keys", json!([])).with("/usage_plans/0/keys", json!([])),
            "Create a usage plan" => section.with("/usage_plans", json!([])),
            "Move a key to another plan" => {
                let mut free = document()["usage_plans"][0].clone();
                (free["id"], free["name"], free["keys"]) =
                    ("usagePlan-3ik1e7g1".into(), "free".into(), of_acme);
                section.with("/usage_plans/0/keys", json!([])).with("/usage_plans/-", free)
            }
            "Publish to a running Envoy" => Self { envoy: Served::EmptyDocument, ..section },
            "Keep secrets out of the document" => {
                let files = vec![("secrets/epsilon".to_owned(), "epsilon-secret-key-0001\n".to_owned())];
                Self { envoy: Served::EmptyDocument, files, ..section }
            }
            "Reset a quota" => section.with("/usage_plans/0/counter_per", json!(["key"])),
            "Withdraw a key" => Self { refused: &["usage-plan key delete beta"], ..section.with_gamma() },
            "See what is in force" => Self { refused: &["usage-plan diff"], ..section.called() },
            "See what is used" => section.called(),
            "See what is left" => {
                let of_beta = json!({
                    "id": "usagePlan-3ik1e7g1", "name": "trial", "keys": ["AKIDbeta0001"],
                    "environments": [{"service": "service-f80wcf8n", "environment": "test"}],
                });
                let section = section.with("/options", json!({"usage_path": "/.usage-plan/usage"}));
                let section = section.with("/usage_plans/0/keys", of_acme).with("/usage_plans/-", of_beta);
                Self { envoy: Served::Document, numbers: Numbers::Kind, ..section }
            }
            "Find out why a request is refused" => {
                let files = vec![("request.txt".to_owned(), signed_by_hexadecimal_digits())];
                Self {
                    envoy: Served::EmptyDocument,
                    files,
                    refused: &["curl ", "usage-plan explain"],
                    ..section
                }
            }
            "Check a document in a pipeline" => Self {
                refused: &["usage-plan check"],
                ..section.with("/usage_plans/0/keys/0", json!("AKIDx00001"))
            },
            "Apply a part of a document" => Self { files: parts(), ..section },
            "Come from Tencent Cloud" => Self { document: None, files: of_tencent(), ..section },
            "Come from Kong" => {
                let kong = fs::read_to_string(repository().join("tests/vectors/import/kong/kong.yaml"));
                let files = vec![("kong.yaml".to_owned(), kong.expect("a vector"))];
                Self { document: None, files, ..section }
            }
            "Take an edit back" => Self { refused: &["usage-plan undo k29tz7ub"], ..section },
            "What an operator sees" => Self { envoy: Served::Document, ..section },
            _ => section,
        }
    }

    /// The code with which this command ends. What an Envoy cannot have is a wrong use of the command.
    pub(super) fn status(&self, command: &str) -> i32 {
        let is_native = command.contains("--native");
        if is_native && Version::of_envoy().expect("an Envoy") != Version::SHIPPED {
            return 2;
        }
        i32::from(self.refused.iter().any(|refused| command.starts_with(refused)))
    }

    /// Makes the calls that the section shows the counts of.
    pub(super) fn call(&self, envoy: &Envoy) {
        if self.envoy != Served::CalledDocument {
            return;
        }
        let mut client = Client::new(envoy.ingress());
        let mut send = |request: &Request| client.send(request).expect("an answer").status;
        let acme = Signer::new(ACME.0, ACME.1);
        let call = || Request::get(HOST, "/release/orders/1");
        for _ in 0..QUOTA - 1 {
            assert_eq!(send(&acme.sign(call())), 200);
        }
        assert_eq!(send(&Signer::new(ACME.0, OLD_SECRET).sign(call())), 200);
        assert_eq!(send(&acme.sign(call())), 429);
        let an_hour_ago = http_date(SystemTime::now() - Duration::from_secs(3600));
        assert_eq!(send(&acme.sign(call().header("x-date", an_hour_ago))), 401);
        assert_eq!(send(&Signer::new(ACME.0, "not-the-secret-key").sign(call())), 401);
        assert_eq!(send(&acme.sign(Request::get(HOST, "/test/orders/1"))), 403);
    }

    /// With an Envoy whose plan is spent, and counts that are not those of the page.
    fn called(self) -> Self {
        let acme = json!({
            "name": "acme", "secret_id": ACME.0, "secret_key": ACME.1,
            "previous_secret_key": OLD_SECRET, "previous_secret_key_not_after": "2100-01-01T00:00:00Z",
        });
        let section = self
            .with("/keys/0", acme)
            .with("/options", json!({"metrics_per_key": true}))
            .with("/usage_plans/0/quotas/0/max_requests", json!(QUOTA))
            .with("/usage_plans/0/warn_at", json!([95]));
        Self { envoy: Served::CalledDocument, numbers: Numbers::Kind, ..section }
    }

    fn with_gamma(self) -> Self {
        self.with(
            "/keys/-",
            json!({"name": "gamma", "secret_id": "AKIDgamma001", "secret_key": "gamma-secret-key-0001"}),
        )
    }

    /// Sets a value of the document; `-` is a place after the last item of a list.
    fn with(mut self, pointer: &str, value: Value) -> Self {
        let (object, member) = pointer.rsplit_once('/').expect("a pointer");
        let object = self.document.as_mut().and_then(|document| document.pointer_mut(object));
        match object.expect("a place in the document") {
            Value::Array(items) if member == "-" => items.push(value),
            Value::Array(items) => items[member.parse::<usize>().expect("an index")] = value,
            object => object[member] = value,
        }
        self
    }
}

/// The document that most sections talk about.
fn document() -> Value {
    let three_days_ago = SystemTime::now() - Duration::from_secs(3 * 24 * 3600);
    json!({
        "services": [{"id": "service-f80wcf8n", "name": "orders", "domains": [HOST]}],
        "keys": [
            {"name": "acme", "secret_id": ACME.0, "secret_key": ACME.1},
            {"name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001"},
        ],
        "usage_plans": [{
            "id": "usagePlan-i2mqkbjv", "name": "gold", "max_requests_per_second": 1000,
            "quotas": [{"max_requests": 100_000, "period": "day"}],
            "keys": [ACME.0, "AKIDbeta0001"],
            "environments": [{"service": "service-f80wcf8n", "environment": "release"}],
            "created_at": humantime::format_rfc3339_seconds(three_days_ago).to_string(),
        }],
    })
}

/// A request whose signature is the base64 of hexadecimal digits.
fn signed_by_hexadecimal_digits() -> String {
    let signed = Signer::new(ACME.0, ACME.1).sign(Request::get(HOST, "/release/orders/1"));
    let request = String::from_utf8(signed.bytes()).expect("text");
    let (_, rest) = request.split_once("signature=\"").expect("a signature");
    let (signature, _) = rest.split_once('"').expect("its end");
    let bytes = BASE64_STANDARD.decode(signature).expect("base64");
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    request.replace(signature, &BASE64_STANDARD.encode(digits))
}

/// The part of a document that the page shows, as YAML and as JSON.
fn parts() -> Vec<(String, String)> {
    let page = fs::read_to_string(repository().join("docs/command-line.md")).expect("a page");
    let blocks = blocks(&page);
    let yaml = blocks.iter().find(|block| block.language == "yaml").expect("a part").text;
    let json = json!({
        "keys": [{"name": "acme", "remark": "contract 4711"}],
        "usage_plans": [{"id": "usagePlan-i2mqkbjv", "max_requests_per_second": 1000}],
    });
    vec![("part.yaml".to_owned(), yaml.to_owned()), ("part.json".to_owned(), json.to_string())]
}

/// The answers of the cloud API, with the ids and the names of files that the page has.
fn of_tencent() -> Vec<(String, String)> {
    let files = [
        ("keys.json", "keys.json"),
        ("plans.json", "plans.json"),
        ("services.json", "services.json"),
        ("usagePlan-free0001.keys.json", "usagePlan-a1b2c3d4.keys.json"),
        ("usagePlan-free0001.keys.json", "bound.json"),
        ("service-orders01.domains.json", "domains.json"),
    ];
    let read = |(vector, name): (&str, &str)| {
        let path = repository().join("tests/vectors/import/tencent").join(vector);
        let text = fs::read_to_string(path).expect("a vector");
        let text = text
            .replace("usagePlan-free0001", "usagePlan-a1b2c3d4")
            .replace("service-orders01", "service-e5f6g7h8");
        (name.to_owned(), text)
    };
    files.map(read).to_vec()
}
