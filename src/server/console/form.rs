//! What a form has sent, or a query says.

use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::site::Console;

/// Fields with their values, in the order in which they came. A field may come several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

/// The fields of the query.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(pub(super) Fields);

// === impl Fields ===

impl Fields {
    /// No field.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// These, and another one.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// These, with another value of a field.
    pub(super) fn replaced(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.with(name, value)
    }

    /// The value of a field, without space around it; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The value of a field that is there.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.trim())
    }

    /// Whether a field has this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(other, had)| other == name && had == value)
    }

    /// Every value of a field, each once.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for (other, value) in &self.0 {
            if other == name && !value.is_empty() && !all.contains(value) {
                all.push(value.clone());
            }
        }
        all
    }

    /// Every value of a field, also those that are empty or equal, without space around them.
    pub(super) fn each(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(other, _)| other == name);
        values.map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The words of a field, which spaces, commas or lines separate.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let words = self.text(name).split(|c: char| c.is_whitespace() || c == ',' || c == '，');
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

impl FromRequest<Arc<Console>> for Fields {
    type Rejection = StatusCode;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, StatusCode> {
        let form = Form::<Vec<(String, String)>>::from_request(request, console).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| StatusCode::BAD_REQUEST)
    }
}

impl FromRequestParts<Arc<Console>> for Asked {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, StatusCode> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, console).await;
        query.map(|Query(fields)| Self(Fields(fields))).map_err(|_| StatusCode::BAD_REQUEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_come_several_times_and_have_words() {
        let fields = Fields::none().with("key", "a").with("key", "b").with("key", "a").with("w", " x,y\n z ");
        assert_eq!(fields.all("key"), ["a", "b"]);
        assert_eq!(fields.text("key"), "a");
        assert!(fields.has("key", "b") && !fields.has("key", "c"));
        assert_eq!(fields.words("w"), ["x", "y", "z"]);
        assert_eq!((fields.text("none"), fields.get("none")), ("", None));
    }
}
