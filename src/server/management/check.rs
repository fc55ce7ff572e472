//! What parameters of several actions may be.

use usage_plan_core::document::names::NameRule;

use super::failure::{Failure, Result};
use super::parameters::Parameters;
use crate::record::Tag;

/// The environments that the API knows.
pub(super) const ENVIRONMENTS: [&str; 3] = ["test", "prepub", "release"];

/// A name that follows the rule of the document.
pub(super) fn name<'t>(parameter: &str, text: &'t str, rule: &NameRule) -> Result<&'t str> {
    if rule.accepts(text) {
        return Ok(text);
    }
    let code = if (rule.min..=rule.max).contains(&text.len()) {
        "InvalidParameter.FormatError"
    } else {
        "InvalidParameterValue.LengthExceeded"
    };
    Err(Failure::new(code, format!("{parameter} {}.", rule.text())))
}

/// The parameter with the name of an environment.
pub(super) fn environment<'p>(parameters: &'p Parameters, parameter: &str) -> Result<&'p str> {
    let name = parameters.required(parameter)?;
    if ENVIRONMENTS.contains(&name) {
        return Ok(name);
    }
    let message = format!("{parameter} is \"{name}\". It must be test, prepub or release.");
    Err(Failure::new("InvalidParameterValue.InvalidEnv", message))
}

/// A text of at most this many characters; `None` if there is none.
pub(super) fn text<'p>(parameters: &'p Parameters, parameter: &str, max: usize) -> Result<Option<&'p str>> {
    let text = parameters.text(parameter)?;
    if text.is_some_and(|text| text.chars().count() > max) {
        let message = format!("{parameter} must be at most {max} characters.");
        return Err(Failure::new("InvalidParameterValue.LengthExceeded", message));
    }
    Ok(text)
}

/// The labels in the parameter `Tags`.
pub(super) fn tags(parameters: &Parameters) -> Result<Vec<Tag>> {
    let tags = parameters.objects("Tags")?;
    tags.iter().map(tag).collect()
}

/// A label: `Key` and `Value`.
fn tag(tag: &Parameters) -> Result<Tag> {
    tag.only(&[&["Key", "Value"]])?;
    let key = text(tag, "Key", 127)?.filter(|key| !key.is_empty()).ok_or_else(|| tag.missing("Key"))?;
    let value = text(tag, "Value", 255)?.unwrap_or_default();
    Ok(Tag { key: key.to_owned(), value: value.to_owned() })
}

/// The labels of a key as its remark in the document, as an import writes them.
pub(super) fn remark(tags: &[Tag]) -> String {
    let tag = |tag: &Tag| match &*tag.value {
        "" => tag.key.clone(),
        value => format!("{}={value}", tag.key),
    };
    tags.iter().map(tag).collect::<Vec<_>>().join(" ")
}
