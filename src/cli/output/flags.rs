//! Names the flag that a value came from, in place of the value's path in the document.

use serde_json::Value;
use usage_plan_manage::draft::{Collection, Members};
use usage_plan_manage::operations::check_alone;

use super::error::{Error, Result};

/// The members of an object that flags of the command line set.
pub(crate) struct Flags {
    list: &'static str,
    /// Each member, and how many items it was given.
    members: Vec<(&'static str, usize)>,
}

// === impl Flags ===

impl Flags {
    /// The flags that set `members` of an object. A value that no document accepts is an error of the command
    /// line.
    pub(crate) fn check(collection: Collection, members: &Members) -> Result<Self> {
        let count = |value: &Value| value.as_array().map_or(1, Vec::len);
        let members_set = members.iter().map(|(member, value)| (member, count(value))).collect();
        let flags = Self { list: collection.list, members: members_set };
        let Err(errors) = check_alone(collection, members) else { return Ok(flags) };
        let named: Vec<(String, String)> =
            errors.iter().filter_map(|error| flags.name(error.path(), &error.rule())).collect();
        match &named[..] {
            [] => Ok(flags),
            [(flag, rule)] => Err(Error::usage(format!("{flag}: {rule}"))),
            _ => Err(Error::usage("no document accepts these values:").with_rules(named)),
        }
    }

    /// The same error of an edit, with the flags in place of the paths of what they set.
    pub(crate) fn in_error(&self, error: Error) -> Error {
        error.map_rules(|path, rule| self.name(path, rule))
    }

    /// The flag that set the value at `path`, and what `rule` says of that value.
    fn name(&self, path: &str, rule: &str) -> Option<(String, String)> {
        let (_, path) = path.strip_prefix(self.list)?.strip_prefix('[')?.split_once("].")?;
        let (member, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
        let (_, count) = self.members.iter().find(|(name, _)| *name == member)?;
        let (index, within) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((index, within)) => (index.parse::<usize>().ok()?, within),
            None => (0, rest),
        };
        let flag = flag(member);
        let flag = if *count > 1 { format!("{flag} (number {})", index + 1) } else { flag };
        let within = within.trim_start_matches('.');
        let rule = if within.is_empty() { rule.to_owned() } else { format!("{within} {rule}") };
        Some((flag, rule))
    }
}

/// The flag that sets `member`. A flag that is given once for each item has the name of one item.
fn flag(member: &str) -> String {
    let member = match member {
        "domains" | "environments" | "path_mappings" | "quotas" | "required_signed_headers" => {
            member.trim_end_matches('s')
        }
        member => member,
    };
    format!("--{}", member.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usage_plan_manage::draft::USAGE_PLANS;

    use super::*;

    #[test]
    fn a_path_becomes_the_flag_that_set_it_and_others_stay() {
        let quota = |period: &str| json!({"max_requests": 5, "period": period});
        let one =
            Members::new().with_list("quotas", &[quota("day")]).with("max_requests_per_second", Some(7));
        let two = Members::new().with_list("quotas", &[quota("day"), quota("hour")]);
        for (members, path, expected) in [
            (&one, "usage_plans[3].quotas[0].period", Some("--quota: period must")),
            (&two, "usage_plans[3].quotas[1]", Some("--quota (number 2): must")),
            (&one, "usage_plans[3].max_requests_per_second", Some("--max-requests-per-second: must")),
            (&two, "usage_plans[3].max_requests_per_second", None),
            (&one, "usage_plans[3].apis[0].quotas[0].period", None),
            (&one, "usage_plans[3]", None),
            (&one, "keys[0].quotas", None),
        ] {
            let flags = Flags::check(USAGE_PLANS, members).expect("valid");
            let named = flags.name(path, "must").map(|(flag, rule)| format!("{flag}: {rule}"));
            assert_eq!(named.as_deref(), expected, "{path}");
        }
    }
}
