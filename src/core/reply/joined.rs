//! The joined identity header (`docs/rules.md#identity`). It is kept for the callers that called last: a
//! request costs less when it need not be put together again.

use std::cell::RefCell;

use super::identity::Identity;
use crate::document::IdentityHeader;
use crate::lookup::Config;

/// How many headers are kept. A key has one place, which it shares with other keys of a large document.
const PLACES: usize = 8;

/// The joined headers that were made last, each with the identity that it shows. A new document begins with
/// none.
#[derive(Default)]
pub struct JoinedHeaders(RefCell<[Option<Box<Kept>>; PLACES]>);

/// An identity and the header that shows it.
type Kept = (Identity, String);

// === impl JoinedHeaders ===

impl JoinedHeaders {
    /// Gives `add` the header fields that go upstream, which the options choose.
    #[inline]
    pub(crate) fn show(&self, identity: Identity, config: &Config, add: &mut impl FnMut(&'static str, &str)) {
        let plan = config.usage_plan(identity.usage_plan).id();
        let environment = config.environment(identity.route.environment).name();
        let key = config.key(identity.key).secret_id();
        let service = config.service(identity.route.service).id();
        for (name, header) in config.options().identity_headers.iter() {
            let value = match header {
                IdentityHeader::UsagePlan => plan,
                IdentityHeader::Environment => environment,
                IdentityHeader::Key => key,
                IdentityHeader::Service => service,
                IdentityHeader::Joined => {
                    self.with(identity, config, &mut |value| add(name, value));
                    continue;
                }
            };
            add(name, value);
        }
    }

    /// Gives `show` the header's value for `identity`.
    #[inline(never)]
    fn with(&self, identity: Identity, config: &Config, show: &mut dyn FnMut(&str)) {
        let mut places = self.0.borrow_mut();
        let Some(place) = places.get_mut(identity.key.position() % PLACES) else { return };
        match place {
            Some(kept) if kept.0 == identity => show(&kept.1),
            place => show(&place.insert(Box::new((identity, joined(identity, config)))).1),
        }
    }
}

/// A Dictionary of Strings (RFC 9651). Names and ids consist of letters, digits, `_` and `-`, so nothing is
/// escaped.
#[inline(never)]
fn joined(identity: Identity, config: &Config) -> String {
    let plan = config.usage_plan(identity.usage_plan).id();
    let environment = config.environment(identity.route.environment).name();
    let key = config.key(identity.key).secret_id();
    let service = config.service(identity.route.service).id();
    ["plan=\"", plan, "\", environment=\"", environment, "\", key=\"", key, "\", service=\"", service, "\""]
        .concat()
}

#[cfg(test)]
mod tests {
    use sfv::{BareItem, Dictionary, ListEntry, Parser};

    use super::*;
    use crate::lookup::Route;

    /// Nine keys, of which the ninth shares the place of the first, one plan and one environment.
    fn config() -> Config {
        let ids = Vec::from_iter((0..9).map(|i| format!("AKID_acme-{i}")));
        let keys = Vec::from_iter(
            ids.iter().map(|id| format!(r#"{{"secret_id": "{id}", "secret_key": "0123456789"}}"#)),
        );
        let text = format!(
            r#"{{
            "services": [{{"id": "service-orders", "domains": ["a.test"],
                           "environments": ["pre_pub", "test"]}}],
            "keys": [{}],
            "usage_plans": [{{"id": "usagePlan-gold", "keys": {ids:?},
                              "environments": [{{"service": "service-orders", "environment": "pre_pub"}}]}}]
            }}"#,
            keys.join(",")
        );
        Config::parse(text.as_bytes(), &|_| None).expect("valid")
    }

    /// The identity of a key in an environment, by their positions.
    fn identity(config: &Config, key: usize, path: &[u8]) -> Identity {
        let (key, _) = config.keys().enumerate().nth(key).expect("nine keys");
        let (usage_plan, _) = config.usage_plans().enumerate().next().expect("a plan");
        let route: Route = config.route(b"a.test", path).expect("a route");
        Identity { usage_plan, key, route }
    }

    fn members(value: &str) -> Vec<(String, String)> {
        let parsed: Dictionary = Parser::new(value).parse().expect("a Dictionary");
        let text = |entry: &ListEntry| match entry {
            ListEntry::Item(item) if item.params.is_empty() => match &item.bare_item {
                BareItem::String(text) => text.as_str().to_owned(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        parsed.iter().map(|(name, entry)| (name.as_str().to_owned(), text(entry))).collect()
    }

    fn value(headers: &JoinedHeaders, identity: Identity, config: &Config) -> String {
        let mut values = Vec::new();
        headers.with(identity, config, &mut |value| values.push(value.to_owned()));
        assert_eq!(values.len(), 1);
        values.remove(0)
    }

    #[test]
    fn the_joined_header_is_a_dictionary_of_strings() {
        let config = config();
        let value = value(&JoinedHeaders::default(), identity(&config, 1, b"/pre_pub/"), &config);
        let expected = [
            ("plan", "usagePlan-gold"),
            ("environment", "pre_pub"),
            ("key", "AKID_acme-1"),
            ("service", "service-orders"),
        ];
        assert_eq!(members(&value), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_header_that_is_kept_is_of_the_same_key_and_environment() {
        let (config, headers) = (config(), JoinedHeaders::default());
        let shown = |key, path: &[u8]| {
            let shown = members(&value(&headers, identity(&config, key, path), &config));
            (shown[2].1.clone(), shown[1].1.clone())
        };
        for _ in 0..2 {
            for (key, name) in
                [(0, "AKID_acme-0"), (8, "AKID_acme-8"), (0, "AKID_acme-0"), (1, "AKID_acme-1")]
            {
                for (path, environment) in [(&b"/pre_pub/"[..], "pre_pub"), (b"/test/", "test")] {
                    assert_eq!(shown(key, path), (name.to_owned(), environment.to_owned()));
                }
            }
        }
    }
}
