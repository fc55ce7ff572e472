//! The tables of `docs/document.md` have exactly the fields of the JSON Schema.

use serde_json::Value;

use crate::Fault;
use crate::markdown::{Heading, first_cells, headings};
use crate::tree::Tree;

const PAGE: &str = "docs/document.md";
const SCHEMA: &str = "envoy/usage-plans.schema.json";

/// Each object: its heading, and where its properties are in the schema. Quotas are in two places.
const OBJECTS: [(&str, &str); 14] = [
    ("The document", "/properties"),
    ("services", "/properties/services/items/properties"),
    ("services[].path_mappings", "/properties/services/items/properties/path_mappings/items/properties"),
    ("keys", "/properties/keys/items/properties"),
    ("usage_plans", "/properties/usage_plans/items/properties"),
    ("usage_plans[].quotas", "/properties/usage_plans/items/properties/quotas/items/properties"),
    (
        "usage_plans[].quotas",
        "/properties/usage_plans/items/properties/apis/items/properties/quotas/items/properties",
    ),
    ("usage_plans[].apis", "/properties/usage_plans/items/properties/apis/items/properties"),
    ("usage_plans[].resets", "/properties/usage_plans/items/properties/resets/items/properties"),
    ("usage_plans[].environments", "/properties/usage_plans/items/properties/environments/items/properties"),
    ("usage_plans[].on_engine_down", "/properties/usage_plans/items/properties/on_engine_down/properties"),
    ("options", "/properties/options/properties"),
    ("options.fleet", "/properties/options/properties/fleet/properties"),
    (
        "options.fleet.on_engine_down",
        "/properties/options/properties/fleet/properties/on_engine_down/properties",
    ),
];

/// Reports each field that only one of the two has.
///
/// # Errors
///
/// When the schema is not JSON.
pub fn check(tree: &Tree) -> serde_json::Result<Vec<Fault>> {
    let (Some(page), Some(schema)) = (tree.file(PAGE), tree.file(SCHEMA)) else {
        let what = format!("{PAGE} or {SCHEMA} is missing");
        return Ok(vec![Fault::new(PAGE, 1, what, "write both")]);
    };
    let schema: Value = serde_json::from_str(&schema.text)?;
    let headings = headings(&page.text);
    let mut faults = Vec::new();
    for (name, pointer) in OBJECTS {
        let Some(heading) = headings.iter().find(|heading| heading.text == name) else {
            let what = format!("there is no heading `{name}`");
            faults.push(Fault::new(PAGE, 1, what, "write the section, with a table of its fields"));
            continue;
        };
        let Some(properties) = schema.pointer(pointer).and_then(Value::as_object) else {
            let what = format!("{SCHEMA} has no {pointer}");
            faults.push(Fault::new(PAGE, heading.line, what, "remove the section, or correct the schema"));
            continue;
        };
        let known: Vec<&str> = properties.keys().map(String::as_str).collect();
        faults.extend(differences(&page.text, heading, &known));
    }
    let documented = |schema: &str| OBJECTS.iter().any(|(_, pointer)| *pointer == schema);
    for pointer in objects(&schema, "") {
        if !documented(&pointer) {
            let what = format!("no section documents the schema's {pointer}");
            faults.push(Fault::new(PAGE, 1, what, "write one, and name it in tests/tidy/schema.rs"));
        }
    }
    Ok(faults)
}

fn differences(page: &str, heading: &Heading, known: &[&str]) -> Vec<Fault> {
    let rows = first_cells(page, heading);
    let fields: Vec<(usize, &str)> =
        rows.iter().map(|(line, cell)| (*line, cell.trim_matches('`'))).collect();
    let unknown = fields.iter().filter(|(_, field)| !known.contains(field)).map(|(line, field)| {
        let what = format!("`{field}` of `{}` is not in {SCHEMA}", heading.text);
        Fault::new(PAGE, *line, what, "remove the row, or write the schema anew with `usage-plan schema`")
    });
    let missing =
        known.iter().filter(|known| !fields.iter().any(|(_, field)| field == *known)).map(|known| {
            let what = format!("the table of `{}` has no `{known}`", heading.text);
            Fault::new(PAGE, heading.line, what, format!("add the row; {SCHEMA} has the field"))
        });
    unknown.chain(missing).collect()
}

/// Where in the schema properties are listed.
fn objects(schema: &Value, pointer: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let here = format!("{pointer}/properties");
        for (name, property) in properties {
            found.extend(objects(property, &format!("{here}/{name}")));
        }
        found.push(here);
    }
    if let Some(items) = schema.get("items") {
        found.extend(objects(items, &format!("{pointer}/items")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed;

    const SMALL: &str =
        r#"{"properties": {"options": {"properties": {"a": {}, "b": {}}}, "more": {"properties": {}}}}"#;

    fn found(page: &str) -> Vec<String> {
        let faults = check(&Tree::of(&[(PAGE, page), (SCHEMA, SMALL)])).expect("the schema is JSON");
        let faults = printed(&faults);
        faults.into_iter().filter(|fault| fault.contains("`options`") || fault.contains("more")).collect()
    }

    #[test]
    fn a_field_of_only_one_of_the_two_is_found() {
        let rows = "# The document\n| field |\n|---|\n| `options` |\n| `more` |\n";
        let page =
            format!("{rows}## options\n\n| field | type |\n|---|---|\n| `a` | name |\n| `c` | name |\n");
        let wanted = [
            "docs/document.md:11: `c` of `options` is not in envoy/usage-plans.schema.json; \
             remove the row, or write the schema anew with `usage-plan schema`",
            "docs/document.md:6: the table of `options` has no `b`; \
             add the row; envoy/usage-plans.schema.json has the field",
            "docs/document.md:1: no section documents the schema's /properties/more/properties; \
             write one, and name it in tests/tidy/schema.rs",
        ];
        assert_eq!(found(&page), wanted);
    }

    #[test]
    fn a_section_that_is_missing_is_found() {
        let found = found("# The document\n| field |\n|---|\n| `options` |\n| `more` |\n");
        assert!(found[0].starts_with("docs/document.md:1: there is no heading `options`"), "{found:?}");
    }
}
