//! The document of most scenarios, and that document with members changed.

use serde_json::{Map, Value, json};

/// One service in three environments. The plan `gold` limits `release` to 3 requests per second, the plan
/// `free` has `prepub` without a limit, and `test` has no plan.
pub(crate) const DOCUMENT: &str = r#"{
  "services": [
    { "id": "service-orders", "domains": ["orders.example.com"], "default_environment": "release" }
  ],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key": "acme-secret-key-0001" },
    { "name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001",
      "status": "disabled" },
    { "name": "free", "secret_id": "AKIDfree0001", "secret_key": "free-secret-key-0001" }
  ],
  "usage_plans": [
    { "id": "gold", "max_requests_per_second": 3, "keys": ["AKIDacme0001", "AKIDbeta0001"],
      "environments": [{ "service": "service-orders", "environment": "release" }] },
    { "id": "free", "keys": ["AKIDfree0001"],
      "environments": [{ "service": "service-orders", "environment": "prepub" }] }
  ]
}"#;

/// The service's object in the document.
pub(crate) const SERVICE: &str = "/services/0";
/// The object of the key `acme`.
pub(crate) const ACME_KEY: &str = "/keys/0";
/// The object of the key `free`.
pub(crate) const FREE_KEY: &str = "/keys/2";
/// The rate of the plan `gold`.
pub(crate) const RATE: &str = "/usage_plans/0/max_requests_per_second";

/// A document in the making.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    value: Value,
    text: String,
}

/// [`DOCUMENT`] with the member or item at `pointer` (RFC 6901) set to `value`.
pub(crate) fn document_with(pointer: &str, value: impl Into<Value>) -> Document {
    Document::new().with(pointer, value)
}

/// [`DOCUMENT`] with these options.
#[allow(clippy::needless_pass_by_value, reason = "a call reads `document_with_options(json!({…}))`")]
pub(crate) fn document_with_options(options: Value) -> Document {
    document_with("/options", options)
}

/// [`DOCUMENT`] whose plan `gold` has these limits instead of its rate.
pub(crate) fn document_with_gold(limits: Value) -> Document {
    Document::new().without(RATE).with_all("/usage_plans/0", limits)
}

// === impl Document ===

impl Document {
    /// [`DOCUMENT`] as it is.
    pub(crate) fn new() -> Self {
        Self::of(serde_json::from_str(DOCUMENT).expect("JSON"))
    }

    /// The same with the member or item at `pointer` set to `value`. A member may be new; the object that has
    /// it is not.
    pub(crate) fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = self.parent_of(pointer);
        match parent {
            Value::Object(members) => drop(members.insert(name, value.into())),
            parent => *parent.pointer_mut(&format!("/{name}")).expect("the item is there") = value.into(),
        }
        Self::of(self.value)
    }

    /// The same with all these members in the object at `pointer`.
    pub(crate) fn with_all(self, pointer: &str, members: Value) -> Self {
        let members: Map<String, Value> = serde_json::from_value(members).expect("an object");
        members
            .into_iter()
            .fold(self, |document, (name, value)| document.with(&format!("{pointer}/{name}"), value))
    }

    /// The same without the member at `pointer`, which is there.
    pub(crate) fn without(mut self, pointer: &str) -> Self {
        let (parent, name) = self.parent_of(pointer);
        let removed = parent.as_object_mut().and_then(|members| members.remove(&name));
        assert!(removed.is_some(), "{pointer} is not in the document");
        Self::of(self.value)
    }

    /// The document as JSON text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn of(value: Value) -> Self {
        let text = value.to_string();
        Self { value, text }
    }

    /// The value that has the member or item at `pointer`, and the name of that member or item.
    fn parent_of(&mut self, pointer: &str) -> (&mut Value, String) {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with /");
        let value = self.value.pointer_mut(parent);
        (value.unwrap_or_else(|| panic!("{parent} is not in the document")), name.to_owned())
    }
}

impl AsRef<[u8]> for Document {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

#[test]
fn a_pointer_changes_one_member() {
    let document =
        document_with(RATE, 5).with("/options", json!({"clock_skew_seconds": 60})).without("/keys/1/status");
    let changed: Value = serde_json::from_str(document.text()).expect("JSON");
    assert_eq!(changed.pointer(RATE), Some(&json!(5)));
    assert_eq!(changed["options"]["clock_skew_seconds"], 60);
    assert_eq!(changed["keys"][1].get("status"), None);
    assert_eq!(changed["keys"][0]["name"], "acme");
}
