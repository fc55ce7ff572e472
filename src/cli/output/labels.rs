//! How a list names the objects of the document: by their names, as long as a name says which one is meant.

use std::collections::HashMap;

use usage_plan_core::document::Document;
use usage_plan_manage::draft::Named;

/// The labels of all services, all keys or all usage plans, by their ids.
#[derive(Debug)]
pub(crate) struct Labels<'d>(HashMap<&'d str, Label<'d>>);

#[derive(Debug)]
struct Label<'d> {
    /// How a list shows the object.
    text: String,
    /// How a command names the object.
    reference: &'d str,
}

// === impl Labels ===

impl<'d> Labels<'d> {
    pub(crate) fn of_services(document: &'d Document) -> Self {
        Self::new(document.services.iter().map(|service| (service.id.as_str(), service.name.as_str())))
    }

    pub(crate) fn of_keys(document: &'d Document) -> Self {
        Self::new(document.keys.iter().map(|key| (key.secret_id.as_str(), key.name.as_str())))
    }

    pub(crate) fn of_plans(document: &'d Document) -> Self {
        Self::new(document.usage_plans.iter().map(|plan| (plan.id.as_str(), plan.name.as_str())))
    }

    /// The label of the object with that id: its name, or its id when it has none. A name that several have
    /// is shown with the id.
    pub(crate) fn get<'l>(&'l self, id: &'l str) -> &'l str {
        self.0.get(id).map_or(id, |label| &label.text)
    }

    /// How a command names each object: by its name if no other has it, or else by its id.
    pub(crate) fn references(&self) -> impl Iterator<Item = &'d str> {
        self.0.values().map(|label| label.reference)
    }

    fn new(objects: impl Iterator<Item = (&'d str, &'d str)> + Clone) -> Self {
        let mut bearers: HashMap<&str, usize> = HashMap::new();
        for (_, name) in objects.clone() {
            *bearers.entry(name).or_default() += 1;
        }
        let label = |(id, name): (&'d str, &'d str)| {
            let is_shared = bearers.get(name).is_some_and(|count| *count > 1);
            let label = if is_shared || name.is_empty() {
                Label { text: Named::new(id, name).to_string(), reference: id }
            } else {
                Label { text: name.to_owned(), reference: name }
            };
            (id, label)
        };
        Self(objects.map(label).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_which_object_is_meant() {
        let objects = [("AKIDa", "acme"), ("AKIDb", "beta"), ("AKIDc", "beta"), ("AKIDd", ""), ("AKIDe", "")];
        let labels = Labels::new(objects.into_iter());
        let shown = ["AKIDa", "AKIDb", "AKIDd", "AKIDx"].map(|id| labels.get(id));
        assert_eq!(shown, ["acme", "beta (AKIDb)", "AKIDd", "AKIDx"]);
        let mut references: Vec<&str> = labels.references().collect();
        references.sort_unstable();
        assert_eq!(references, ["AKIDb", "AKIDc", "AKIDd", "AKIDe", "acme"]);
    }
}
