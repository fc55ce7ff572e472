//! A caller with a key, and the document that it is in.

use std::time::{Duration, UNIX_EPOCH};

use testbed::Algorithm;

use crate::host::{Request, Shared};

/// One service in three environments; `gold` (limit 3) on `release`, `free` (no limit) on `prepub`, nothing on `test`.
pub(crate) const DOCUMENT: &str = r#"{
  "services": [{ "id": "service-orders", "domains": ["orders.example.com"], "default_environment": "release" }],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001" },
    { "name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled" },
    { "name": "free", "secret_id": "AKIDfree0001", "secret_key": "free-secret-key-0001" }
  ],
  "usage_plans": [
    { "id": "gold", "max_requests_per_second": 3, "keys": ["AKIDacme0001", "AKIDbeta0001"],
      "environments": [{ "service": "service-orders", "environment": "release" }] },
    { "id": "free", "keys": ["AKIDfree0001"],
      "environments": [{ "service": "service-orders", "environment": "prepub" }] }
  ]
}"#;

/// The document with these options.
pub(crate) fn document_with(options: &str) -> String {
    document_replacing("\"services\"", &format!("\"options\": {options}, \"services\""))
}

/// The document with `from`, which it has, replaced by `to`.
pub(crate) fn document_replacing(from: &str, to: &str) -> String {
    assert!(DOCUMENT.contains(from), "{from}");
    DOCUMENT.replace(from, to)
}

/// Who signs, and what.
pub(crate) struct Caller {
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) algorithm: Algorithm,
    /// The signed headers, after `x-date`, as written into the credential, with their values.
    pub(crate) also: Vec<(String, Vec<u8>)>,
}

pub(crate) const ACME: Caller = Caller::new("AKIDacme0001", "acme-secret-key-0001");
pub(crate) const BETA: Caller = Caller::new("AKIDbeta0001", "beta-secret-key-0001");
pub(crate) const FREE: Caller = Caller::new("AKIDfree0001", "free-secret-key-0001");

// === impl Caller ===

impl Caller {
    pub(crate) const fn new(id: &'static str, key: &'static str) -> Self {
        Self { id, key, algorithm: Algorithm::Sha1, also: Vec::new() }
    }

    /// Signs this header too.
    pub(crate) fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.also.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// `request` to the service, signed now by the host's clock.
    pub(crate) fn sign(&self, shared: &Shared, request: Request) -> Request {
        self.sign_at(shared.clock().now(), request)
    }

    /// `request` to the service, signed at that many nanoseconds since 1970.
    pub(crate) fn sign_at(&self, nanos: u64, request: Request) -> Request {
        let date = http_date(nanos);
        let mut text = format!("x-date: {date}").into_bytes();
        let mut names = "x-date".to_owned();
        let mut request = request.host("orders.example.com").header("x-date", &date);
        for (name, value) in &self.also {
            text.extend([b"\n", name.to_lowercase().as_bytes(), b": ", value.trim_ascii()].concat());
            names.push_str(&format!(" {name}"));
            request = request.header(name, value);
        }
        request.header("authorization", self.credential(&names, &self.algorithm.mac(self.key, &text)))
    }

    /// The credential with any names and any signature.
    pub(crate) fn credential(&self, names: &str, signature: &str) -> String {
        format!(
            r#"hmac id="{}", algorithm="{}", headers="{names}", signature="{signature}""#,
            self.id,
            self.algorithm.name()
        )
    }
}

/// That many nanoseconds since 1970, as HTTP writes dates.
pub(crate) fn http_date(nanos: u64) -> String {
    testbed::sign::http_date(UNIX_EPOCH + Duration::from_nanos(nanos))
}
