//! The shipped dashboard: its panels, their queries, and what Grafana puts in for its variables.

use std::fs;

use serde_json::Value;

use super::files::shipped;
use super::prometheus::Sample;

/// A query of a panel.
#[derive(Debug)]
pub(super) struct Query {
    /// The panel's title.
    pub(super) panel: String,
    /// The panel's unit.
    pub(super) unit: String,
    /// Which of the panel's queries it is.
    pub(super) letter: String,
    /// Whether it asks for one moment, and not for a range.
    pub(super) instant: bool,
    expression: String,
    legend: String,
}

/// What a reader of the dashboard chooses: an Envoy, and the time that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    /// The name of the Envoy, or an expression for several.
    pub(super) instance: &'a str,
    /// `$__rate_interval`, in milliseconds.
    pub(super) rate_interval: u64,
    /// `$__range`, in milliseconds.
    pub(super) range: u64,
}

/// The dashboard.
pub(super) fn dashboard() -> Value {
    let text = fs::read_to_string(shipped("dashboard.json")).expect("the dashboard");
    serde_json::from_str(&text).expect("JSON")
}

/// All queries of all panels.
pub(super) fn queries() -> Vec<Query> {
    let dashboard = dashboard();
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text in {panel}")).to_owned();
        for target in panel["targets"].as_array().expect("targets") {
            queries.push(Query {
                panel: text(&panel["title"]),
                unit: text(&panel["fieldConfig"]["defaults"]["unit"]),
                letter: text(&target["refId"]),
                instant: target["instant"] == true,
                expression: text(&target["expr"]),
                legend: text(&target["legendFormat"]),
            });
        }
    }
    queries
}

/// The three variables that are asked of Prometheus: the selector and the label of each.
pub(super) fn variables(view: View<'_>) -> [(String, String); 3] {
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    let asked = variables.iter().filter(|variable| variable["type"] == "query").map(|variable| {
        let query = variable["query"]["query"].as_str().expect("a query");
        let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let (selector, label) = inner.and_then(|inner| inner.rsplit_once(", ")).expect(query);
        (substitute(selector, view), label.to_owned())
    });
    asked.collect::<Vec<_>>().try_into().expect("three variables")
}

/// Puts in what Grafana puts in for the variables of an expression.
fn substitute(expression: &str, view: View<'_>) -> String {
    let milliseconds = |number: u64| format!("{number}ms");
    let substituted = expression
        .replace("$__rate_interval", &milliseconds(view.rate_interval))
        .replace("$__range", &milliseconds(view.range))
        .replace("$job", ".*")
        .replace("$instance", view.instance)
        .replace("$listener", "ingress");
    assert!(!substituted.contains('$'), "an unknown variable: {substituted}");
    substituted
}

// === impl Query ===

impl Query {
    /// The expression in that view.
    pub(super) fn expression(&self, view: View<'_>) -> String {
        substitute(&self.expression, view)
    }

    /// What a series is called in the panel.
    pub(super) fn legend(&self, sample: &Sample) -> String {
        let mut legend = self.legend.clone();
        for (label, value) in &sample.labels {
            legend = legend.replace(&format!("{{{{{label}}}}}"), value);
        }
        assert!(!legend.contains("{{"), "a label is missing: {legend}, {sample:?}");
        legend
    }
}
