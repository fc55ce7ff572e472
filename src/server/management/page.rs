//! Pages of lists, and the filters on them.

use serde_json::{Value, json};

use super::action::{Answer, result};
use super::failure::{Failure, Result};
use super::parameters::Parameters;

/// How many items a page has when the request does not say.
const DEFAULT_LIMIT: i64 = 20;
/// How many items a page can have.
const MAX_LIMIT: i64 = 100;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    offset: usize,
    limit: usize,
}

/// The filters of a request. An item must pass all of them; the values of one are alternatives.
#[derive(Debug, Default)]
pub(super) struct Filters(Vec<(String, Vec<String>)>);

// === impl Page ===

impl Page {
    pub(super) fn of(parameters: &Parameters) -> Result<Self> {
        let offset = parameters.integer("Offset")?.unwrap_or_default();
        let limit = parameters.integer("Limit")?.unwrap_or(DEFAULT_LIMIT);
        let range = |message| Failure::new("InvalidParameterValue.RangeExceeded", message);
        let offset = usize::try_from(offset).map_err(|_| range("Offset must be 0 or more."))?;
        // A shorter page than was asked for would pass for the last one.
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(range("Limit must be 1 to 100."));
        }
        Ok(Self { offset, limit: usize::try_from(limit).unwrap_or_default() })
    }

    /// The result with this part of `items`, in the member `list`, and the number of all.
    pub(super) fn answer<T>(self, list: &str, items: &[T], show: impl Fn(&T) -> Value) -> Answer {
        let shown: Vec<Value> = items.iter().skip(self.offset).take(self.limit).map(show).collect();
        result(json!({"TotalCount": items.len(), list: shown}))
    }
}

// === impl Filters ===

impl Filters {
    /// Reads the filters, which must have these names.
    pub(super) fn of(parameters: &Parameters, names: &[&str]) -> Result<Self> {
        let filters = parameters.objects("Filters")?;
        let read = |filter: &Parameters| {
            filter.only(&[&["Name", "Values"]])?;
            let name = filter.required("Name")?;
            if !names.contains(&name) {
                let message =
                    format!("There is no filter \"{name}\" here. These there are: {}.", names.join(", "));
                return Err(Failure::new("InvalidParameterValue.InvalidFilterNotSupportedName", message));
            }
            Ok((name.to_owned(), filter.required_texts("Values")?))
        };
        filters.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// The filters by name, each with its values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(value: &Value) -> Parameters {
        Parameters::of_body(value.to_string().as_bytes()).expect("parameters")
    }

    #[test]
    fn a_page_begins_at_the_first_item_and_has_twenty() {
        let items: Vec<usize> = (0..250).collect();
        let page = |value: Value| {
            let page = Page::of(&parameters(&value)).expect("a page");
            let answer = page.answer("Items", &items, |item| (*item).into());
            let items = answer["Result"]["Items"].as_array().expect("a list").clone();
            assert_eq!(answer["Result"]["TotalCount"], 250);
            (items.len(), items.first().and_then(Value::as_u64))
        };
        assert_eq!(page(json!({})), (20, Some(0)));
        assert_eq!(page(json!({"Offset": 240, "Limit": 100})), (10, Some(240)));
        assert_eq!(page(json!({"Offset": 250})), (0, None));
        for wrong in [json!({"Offset": -1}), json!({"Limit": 0}), json!({"Limit": 101})] {
            let error = Page::of(&parameters(&wrong)).expect_err("out of range");
            assert_eq!(error.code, "InvalidParameterValue.RangeExceeded");
        }
    }

    #[test]
    fn a_filter_of_another_name_is_refused() {
        let read =
            |value: Value| Filters::of(&parameters(&value), &["Status"]).map(|filters| filters.0.len());
        assert_eq!(read(json!({"Filters": [{"Name": "Status", "Values": ["1"]}]})), Ok(1));
        let code = |value: Value| read(value).expect_err("refused").code;
        assert_eq!(
            code(json!({"Filters": [{"Name": "Colour", "Values": ["1"]}]})),
            "InvalidParameterValue.InvalidFilterNotSupportedName"
        );
        assert_eq!(code(json!({"Filters": [{"Name": "Status"}]})), "MissingParameter");
        assert_eq!(code(json!({"Filters": [{"Name": "Status", "Value": "1"}]})), "UnknownParameter");
    }
}
