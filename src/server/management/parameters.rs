//! The parameters of a request: a JSON object, or a query with its lists flattened.

use serde_json::{Map, Value};

use super::failure::{Failure, Result};

/// The largest index of a list in a query.
const MAX_INDEX: usize = 1000;
/// How many names deep a parameter may lie in a query.
const MAX_DEPTH: usize = 8;

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    members: Map<String, Value>,
    /// Where they are in the request: empty, or `Filters.0.`.
    place: String,
    /// Whether numbers are written as text, as in a query.
    as_text: bool,
}

// === impl Parameters ===

impl Parameters {
    /// Reads the body of a POST request.
    pub(super) fn of_body(body: &[u8]) -> Result<Self> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members, place: String::new(), as_text: false }),
            _ => Err(Failure::new("InvalidParameter", "The body must be a JSON object with the parameters.")),
        }
    }

    /// Reads the query of a GET request: `Limit=20&Filters.0.Name=Status&Filters.0.Values.0=1`.
    pub(super) fn of_query(query: &str) -> Result<Self> {
        let mut tree = Value::Object(Map::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = place_in(&mut tree, &name).filter(|place| place.is_null());
            let place = place.ok_or_else(|| {
                Failure::new("InvalidParameter", format!("The parameter {name} does not fit to the others."))
            })?;
            *place = Value::String(value.into_owned());
        }
        let members = if let Value::Object(members) = lists(tree) { members } else { Map::new() };
        Ok(Self { members, place: String::new(), as_text: true })
    }

    /// The names of all parameters that have a value.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }

    /// Whether the parameter has a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Refuses parameters that are not among these.
    pub(super) fn only(&self, known: &[&[&str]]) -> Result<()> {
        match self.members.keys().find(|name| !known.iter().any(|names| names.contains(&name.as_str()))) {
            None => Ok(()),
            Some(name) => {
                let known = known.concat().join(", ");
                let message =
                    format!("There is no parameter {}{name} here. These there are: {known}.", self.place);
                Err(Failure::new("UnknownParameter", message))
            }
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(name, "a string"))
    }

    /// A text that must be there, and not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&str> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| self.missing(name))
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = || value.as_str().filter(|_| self.as_text).and_then(|text| text.parse().ok());
        value.as_i64().or_else(text).map(Some).ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = || {
            let text = value.as_str().filter(|_| self.as_text)?;
            text.to_ascii_lowercase().parse().ok()
        };
        value.as_bool().or_else(text).map(Some).ok_or_else(|| self.wrong(name, "true or false"))
    }

    /// A list of texts; `None` if there is none.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let items = value.as_array().ok_or_else(|| self.wrong(name, "a list of strings"))?;
        self.check_length(name, items.len())?;
        let item = |item: &Value| item.as_str().map(str::to_owned);
        items
            .iter()
            .map(item)
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| self.wrong(name, "a list of strings"))
    }

    /// A list of texts that must be there, and not be empty.
    pub(super) fn required_texts(&self, name: &str) -> Result<Vec<String>> {
        self.texts(name)?.filter(|texts| !texts.is_empty()).ok_or_else(|| self.missing(name))
    }

    /// A list of objects; empty if there is none.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong(name, "a list of objects"))?;
        self.check_length(name, items.len())?;
        let item = |(index, item): (usize, &Value)| {
            let place = format!("{}{name}.{index}.", self.place);
            let members = item.as_object()?.clone();
            Some(Self { members, place, as_text: self.as_text })
        };
        let items = items.iter().enumerate().map(item);
        items.collect::<Option<_>>().ok_or_else(|| self.wrong(name, "a list of objects"))
    }

    /// One of these words; `None` if there is none.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<Option<&str>> {
        match self.text(name)? {
            Some(text) if !words.contains(&text) => {
                let message =
                    format!("{}{name} is \"{text}\". It must be one of {}.", self.place, words.join(", "));
                Err(Failure::new("InvalidParameterValue.NotInOptions", message))
            }
            text => Ok(text),
        }
    }

    /// The parameter is missing.
    pub(super) fn missing(&self, name: &str) -> Failure {
        Failure::new("MissingParameter", format!("The parameter {}{name} is missing: give it.", self.place))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, expected: &str) -> Failure {
        let message = format!("{}{name} must be {expected}.", self.place);
        Failure::new("InvalidParameter.FormatError", message)
    }

    fn check_length(&self, name: &str, length: usize) -> Result<()> {
        if length <= 100 {
            return Ok(());
        }
        let message = format!("{}{name} has {length} items. Give at most 100 at once.", self.place);
        Err(Failure::new("InvalidParameterValue.LimitExceeded", message))
    }
}

/// The place of a flattened name in the tree. A list is an object with its indices as names at first.
fn place_in<'t>(tree: &'t mut Value, name: &str) -> Option<&'t mut Value> {
    // A deeper one has no use, and would be too deep to be dropped.
    if name.split('.').count() > MAX_DEPTH {
        return None;
    }
    name.split('.').try_fold(tree, |place, part| {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        Some(place.as_object_mut()?.entry(part).or_insert(Value::Null))
    })
}

/// The tree with each object whose names are the indices of a list as that list.
fn lists(tree: Value) -> Value {
    let Value::Object(members) = tree else { return tree };
    let members: Map<String, Value> = members.into_iter().map(|(name, value)| (name, lists(value))).collect();
    let indices: Option<Vec<usize>> = members.keys().map(|name| name.parse().ok()).collect();
    let is_list = indices.is_some_and(|mut indices| {
        indices.sort_unstable();
        !indices.is_empty() && indices.len() <= MAX_INDEX && indices.into_iter().eq(0..members.len())
    });
    if !is_list {
        return members.into();
    }
    let mut items: Vec<(usize, Value)> =
        members.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect();
    items.sort_unstable_by_key(|(index, _)| *index);
    items.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_what_a_body_says() {
        let query = "Limit=20&Filters.1.Name=Status&Filters.0.Name=KeyWord&Filters.0.Values.0=a+b%2B\
                     &Filters.1.Values.0=1&Filters.1.Values.1=0&SkipVerification=True";
        let read = Parameters::of_query(query).expect("read");
        assert_eq!(read.integer("Limit"), Ok(Some(20)));
        assert_eq!(read.boolean("SkipVerification"), Ok(Some(true)));
        let filters = read.objects("Filters").expect("filters");
        let names: Vec<_> = filters.iter().map(|filter| filter.required("Name").expect("a name")).collect();
        assert_eq!(names, ["KeyWord", "Status"]);
        assert_eq!(filters[0].texts("Values"), Ok(Some(vec!["a b+".to_owned()])));
        assert_eq!(filters[1].texts("Values"), Ok(Some(vec!["1".to_owned(), "0".to_owned()])));
    }

    #[test]
    fn a_number_is_a_number_in_a_body() {
        let read = Parameters::of_body(br#"{"Limit": "20", "Name": 7, "Off": null}"#).expect("read");
        assert_eq!(read.integer("Limit").expect_err("a text").code, "InvalidParameter.FormatError");
        assert_eq!(read.text("Name").expect_err("a number").code, "InvalidParameter.FormatError");
        assert_eq!(read.text("Off"), Ok(None));
        assert_eq!(read.names().collect::<Vec<_>>(), ["Limit", "Name"]);
    }

    #[test]
    fn what_is_no_object_or_does_not_fit_is_refused() {
        for body in ["[]", "{", "1", "\"a\""] {
            assert_eq!(Parameters::of_body(body.as_bytes()).expect_err(body).code, "InvalidParameter");
        }
        for query in ["a=1&a=2", "a=1&a.0=2", "a.0=1&a=2"] {
            assert_eq!(Parameters::of_query(query).expect_err(query).code, "InvalidParameter");
        }
        let sparse = Parameters::of_query("a.0=1&a.2=2").expect("read");
        assert_eq!(sparse.texts("a").expect_err("a gap").code, "InvalidParameter.FormatError");
        let nested = ["a."; 5000].concat() + "a=1";
        let deep = Parameters::of_query(&nested);
        assert!(deep.is_err(), "depth is bounded");
    }

    #[test]
    fn an_unknown_parameter_is_named_with_its_place() {
        let read = Parameters::of_body(br#"{"Filters": [{"Name": "a", "Value": "b"}]}"#).expect("read");
        assert_eq!(read.only(&[&["Filters"]]), Ok(()));
        let error = read.objects("Filters").expect("filters")[0].only(&[&["Name", "Values"]]);
        let error = error.expect_err("an unknown one");
        assert_eq!(error.code, "UnknownParameter");
        assert!(error.message.contains("Filters.0.Value "), "{}", error.message);
    }
}
