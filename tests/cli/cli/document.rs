//! The document of the tests, and how a test changes it.

use serde_json::Value;

/// The document of the README.
pub(crate) const EXAMPLE: &str = r#"{
  "services": [
    { "id": "service-orders", "name": "orders", "domains": ["orders.example.com"],
      "environments": ["release", "prepub", "test"], "default_environment": "release" }
  ],
  "keys": [
    { "name": "acme", "secret_id": "AKIDacme0001", "secret_key_env": "ACME_SECRET_KEY" },
    { "name": "beta", "secret_id": "AKIDbeta0001", "secret_key": "beta-secret-key-0001", "status": "disabled" }
  ],
  "usage_plans": [
    { "id": "usagePlan-gold", "name": "gold", "max_requests_per_second": 1000, "remark": "paying callers",
      "keys": ["AKIDacme0001", "AKIDbeta0001"],
      "environments": [ { "service": "service-orders", "environment": "release" } ] }
  ]
}"#;

/// What the tests put into the variable `ACME_SECRET_KEY`.
pub(crate) const ACME_SECRET: &str = "acme-secret-key-0001";

/// The secret of the example's key beta.
pub(crate) const BETA_SECRET: &str = "beta-secret-key-0001";

/// The example as a value, to be changed with [`Edit`].
pub(crate) fn example() -> Value {
    parse_json(EXAMPLE)
}

#[track_caller]
pub(crate) fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Changes of a JSON value by JSON pointers (RFC 6901).
pub(crate) trait Edit {
    /// The value with `new` at `pointer`, whose parent must be there. The index `-` appends to a list.
    #[track_caller]
    fn with(self, pointer: &str, new: impl Into<Value>) -> Self;

    /// The value without what is at `pointer`, which must be there.
    #[track_caller]
    fn without(self, pointer: &str) -> Self;
}

// === impl Edit ===

impl Edit for Value {
    #[track_caller]
    fn with(mut self, pointer: &str, new: impl Into<Value>) -> Self {
        match parent_and_member(&mut self, pointer) {
            (Value::Array(items), "-") => items.push(new.into()),
            (Value::Array(items), index) => items[position(index)] = new.into(),
            (parent, member) => parent[member] = new.into(),
        }
        self
    }

    #[track_caller]
    fn without(mut self, pointer: &str) -> Self {
        match parent_and_member(&mut self, pointer) {
            (Value::Array(items), index) => drop(items.remove(position(index))),
            (parent, member) => {
                let removed = parent.as_object_mut().and_then(|members| members.shift_remove(member));
                assert!(removed.is_some(), "nothing is at {pointer}");
            }
        }
        self
    }
}

#[track_caller]
fn parent_and_member<'v, 'p>(value: &'v mut Value, pointer: &'p str) -> (&'v mut Value, &'p str) {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    (value.pointer_mut(parent).unwrap_or_else(|| panic!("nothing is at {parent}")), member)
}

fn position(index: &str) -> usize {
    index.parse().expect("an index")
}
