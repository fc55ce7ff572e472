//! `usage_plans[].apis`: tighter limits on some of a plan's requests.

use serde_json::{Value, json};

use super::names;
use super::quota::Quota;
use super::reader::Node;
use super::rules;
use super::schema::{array, described, max_requests_per_second, name, object, patterns, with};
use super::service::is_mapping;
use super::writer::{Members, Writer};
use crate::path::Pattern;

/// The largest number of APIs in a plan. Each one makes the plan's counter in the store larger.
const MAX_APIS: usize = 16;

/// Tighter limits on the requests of some methods to some paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Api {
    /// The methods in upper case. An empty list matches any method.
    pub methods: Vec<String>,
    /// A pattern for the path that goes upstream: exact, or `/orders/*` for `/orders` and all paths below it.
    pub path: String,
    /// Requests admitted in any second; `None` is no limit.
    pub max_requests_per_second: Option<u64>,
    /// Requests admitted in periods of the calendar.
    pub quotas: Vec<Quota>,
}

// === impl Api ===

impl Api {
    /// The API's methods and path, as limit headers name it: `GET,POST /orders/*`.
    pub fn label(&self) -> String {
        let label = [self.methods.join(","), self.path.clone()].join(" ");
        label.trim_start().to_owned()
    }

    /// Reads the list of a plan's APIs.
    pub(super) fn read_list(node: Node<'_>) -> Vec<Self> {
        let apis = node.items(Self::read).unwrap_or_default();
        if apis.len() > MAX_APIS {
            node.error(rules::AT_MOST.put(MAX_APIS));
        }
        let definition = |api: &Api| (api.methods.clone(), api.pattern());
        node.distinct(&apis, definition, rules::SAME_API);
        apis
    }

    fn read(node: Node<'_>) -> Self {
        let path = |node: Node<'_>| node.text(is_pattern, rules::PATTERN.into());
        node.object(|fields| Self {
            methods: fields.list("methods", |item| item.name(&names::METHOD).unwrap_or_default()),
            path: fields.required("path").and_then(path).unwrap_or_default(),
            max_requests_per_second: fields.limit("max_requests_per_second"),
            quotas: fields.optional("quotas").map(Quota::read_list).unwrap_or_default(),
        })
    }

    /// The path in the spelling in which paths are compared.
    pub fn pattern(&self) -> Pattern {
        Pattern::new(&self.path)
    }

    pub(super) fn to_json(&self) -> Members {
        Writer::default()
            .list("methods", &self.methods, |method| method.as_str().into())
            .member("path", self.path.as_str())
            .optional("max_requests_per_second", self.max_requests_per_second)
            .list("quotas", &self.quotas, |quota| quota.to_json().into())
            .finish()
    }

    /// The schema of the list of a plan's APIs.
    pub(super) fn schema() -> Value {
        let path = json!({"type": "string", "pattern": patterns::api_path()});
        let api = object(
            &["path"],
            [
                ("methods", described(array(name(&names::METHOD)), "Upper case; none: any")),
                (
                    "path",
                    described(path, "The path that goes upstream, exact, or /orders/*: all paths below it"),
                ),
                ("max_requests_per_second", max_requests_per_second()),
                ("quotas", Quota::schema()),
            ],
        );
        with(array(api), json!({"maxItems": MAX_APIS}))
    }
}

/// Whether `path` can be the path of an API: exact and in normal form, or with `/*` at its end for all paths
/// below it.
pub fn is_pattern(path: &str) -> bool {
    let above = path.strip_suffix("/*").unwrap_or(path);
    path == "/*" || (is_mapping(above) && !above.contains('*') && path != "//*")
}
