//! The headers that show the caller to the upstream (`docs/rules.md#identity`). Copies that a caller sends
//! are always removed, so that the upstream can trust these headers.

use std::borrow::Cow;

use crate::document::IdentityHeader;
use crate::lookup::{Config, KeyIndex, PlanIndex, Route};
use crate::request::Headers;

/// A known caller, and the service and environment that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The plan on which the request is counted.
    pub usage_plan: PlanIndex,
    /// The caller's key.
    pub key: KeyIndex,
    /// The service and the environment that the caller calls.
    pub route: Route,
}

// === impl Identity ===

impl Identity {
    /// The header fields that go upstream, which the options choose.
    pub fn fields(self, config: &Config) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let plan = config.usage_plan(self.usage_plan).id();
        let environment = config.environment(self.route.environment).name();
        let key = config.key(self.key).secret_id();
        let service = config.service(self.route.service).id();
        config.options().identity_headers.iter().map(move |(name, header)| {
            let value = match header {
                IdentityHeader::UsagePlan => plan.into(),
                IdentityHeader::Environment => environment.into(),
                IdentityHeader::Key => key.into(),
                IdentityHeader::Service => service.into(),
                IdentityHeader::Joined => joined(plan, environment, key, service).into(),
            };
            (name, value)
        })
    }

    /// The names in `headers` that are names of these fields, each as often as it is present.
    #[inline]
    pub fn names_in<'r>(headers: Headers<'r>) -> impl Iterator<Item = &'r str> {
        let named = headers.names().filter(|name| Self::has_field(name));
        named.filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Whether `name` is one of these headers, also when it is spelled with other punctuation instead of `-`:
    /// upstreams like CGI and PHP make `_` of all of it, so they cannot tell the spellings apart.
    #[inline]
    fn has_field(name: &[u8]) -> bool {
        // All of them begin with x, so one comparison rules out most headers of a request.
        name.first() == Some(&b'x') && is_spelled(name)
    }
}

/// A Dictionary of Strings (RFC 9651). Names and ids consist of letters, digits, `_` and `-`, so nothing is
/// escaped.
fn joined(plan: &str, environment: &str, key: &str, service: &str) -> String {
    // Room for ids of a dozen characters. What is known here costs a store or two to add; `concat` would copy
    // each piece by a call.
    let mut text = String::with_capacity(128);
    text.push_str("plan=\"");
    text.push_str(plan);
    text.push_str("\", environment=\"");
    text.push_str(environment);
    text.push_str("\", key=\"");
    text.push_str(key);
    text.push_str("\", service=\"");
    text.push_str(service);
    text.push('"');
    text
}

#[inline(never)]
fn is_spelled(name: &[u8]) -> bool {
    let same = |(a, b): (&u8, u8)| *a == b || (b == b'-' && a.is_ascii_punctuation());
    let is = |field: &str| field.len() == name.len() && name.iter().zip(field.bytes()).all(same);
    IdentityHeader::ALL.iter().any(|(field, _)| is(field))
}

#[cfg(test)]
mod tests {
    use sfv::{BareItem, Dictionary, ListEntry, Parser};

    use super::*;

    #[test]
    fn the_joined_header_is_a_dictionary_of_strings() {
        let value = joined("usagePlan-gold", "pre_pub", "AKIDacme_0001", "service-orders");
        let parsed: Dictionary = Parser::new(&value).parse().expect("a Dictionary");
        let text = |entry: &ListEntry| match entry {
            ListEntry::Item(item) if item.params.is_empty() => match &item.bare_item {
                BareItem::String(text) => text.as_str().to_owned(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        let members: Vec<_> = parsed.iter().map(|(name, entry)| (name.as_str(), text(entry))).collect();
        let expected = [
            ("plan", "usagePlan-gold"),
            ("environment", "pre_pub"),
            ("key", "AKIDacme_0001"),
            ("service", "service-orders"),
        ];
        assert_eq!(members, expected.map(|(name, value)| (name, value.to_owned())));
    }
}
