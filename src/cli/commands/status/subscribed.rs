//! What a server says of the Envoys that subscribe to it.

use serde_json::{Value, json};
use usage_plan_manage::subscriptions::ServerAddress;

use crate::output::answer::{Column, Table, Text};
use crate::output::error::{Error, Result};

/// The Envoys that subscribe to a server.
pub(super) struct Subscribed<'a> {
    server: &'a ServerAddress,
    shown: Value,
}

// === impl Subscribed ===

impl<'a> Subscribed<'a> {
    pub(super) fn ask(server: &'a ServerAddress) -> Result<Self> {
        let shown = server.envoys();
        let shown = shown.map_err(|why| Error::unreachable(format!("the server at {server}"), why))?;
        Ok(Self { server, shown })
    }

    /// Whether an Envoy refuses a document, or the last one is not published.
    pub(super) fn is_wrong(&self) -> bool {
        let last = &self.shown["last"];
        let answers = last["envoys"].as_array().into_iter().flatten();
        let is_refused = answers.into_iter().any(|envoy| envoy["verdict"] == "refused");
        is_refused || !last["problem"].is_null() || self.subscribers().any(|one| !one["refused"].is_null())
    }

    pub(super) fn text(&self) -> Text {
        let mut text = Text::default();
        text.push_below(format!(
            "{}, last published {}",
            self.server,
            or_nothing(&self.shown["last"]["version"])
        ));
        if let Some(problem) = self.shown["last"]["problem"].as_str() {
            text.push_below(format!("not published: {problem}"));
        }
        let mut table = Table::with_columns([
            Column::always("ENVOY"),
            Column::always("ADDRESS"),
            Column::always("IN FORCE"),
            Column::always("SINCE"),
            Column::if_any("REFUSED"),
            Column::if_any("REASON"),
        ]);
        for one in self.subscribers() {
            let (in_force, refused) = (&one["in_force"], &one["refused"]);
            let node = [&one["node"], &one["address"]].into_iter().find(|text| **text != "");
            let blank = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            table.row([
                node.map_or_else(String::new, or_nothing),
                or_nothing(&one["address"]),
                or_nothing(&in_force["version"]),
                or_nothing(&in_force["since"]),
                blank(&refused["version"]),
                blank(&refused["reason"]),
            ]);
        }
        text.push_below(table);
        text
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"address": self.server.to_string(), "subscribers": self.shown["subscribers"],
            "last": self.shown["last"]})
    }

    fn subscribers(&self) -> impl Iterator<Item = &Value> {
        self.shown["subscribers"].as_array().into_iter().flatten()
    }
}

fn or_nothing(value: &Value) -> String {
    value.as_str().unwrap_or("nothing").to_owned()
}
